// Package httpapi holds what all our APIs share: the shape of an error, how a
// body is read, who is calling and for which tenant.
//
// Each API is a package of its own (flowapi, manageapi, connectionapi,
// applicationapi, brandingapi, signinapi, scimapi, claimapi, inviteapi) that mounts its
// routes with Mount and knows no other. What each takes and answers is described
// in package openapi, and a test in cmd/usher holds it to that.
package httpapi
