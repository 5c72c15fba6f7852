// Package openapi holds the OpenAPI 3.1 documents of our APIs and serves them
// (/api/server/v1/openapi).
//
// Each API has a file of its own, written by hand; what several of them say
// alike (servers, how to authenticate, the error format) stands once in
// shared/parts.yaml. What is served is complete: no reference leads out of it.
// That the documents tell the truth is tested in cmd/usher, against the
// running server.
package openapi
