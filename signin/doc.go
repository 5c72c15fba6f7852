// Package signin signs people in to applications: it is the OpenID provider
// (OpenID Connect Core 1.0, OAuth 2.0), what happens between an authorization
// request and its answer, and the sessions in which browsers stay signed in.
//
// It owns the protocol and no page: the hosted login is package portal, a
// login's steps are run by the engine as a flow of the kind
// flow.Authentication that this package makes (Document). signin/keys keeps
// the signing keys, signin/assertion the user assertions.
//
// Everything that somebody carries around (code, tokens, cookies) is sealed and
// names a row in the store that decides whether it still counts.
package signin
