// Package scimapi is SCIM 2.0 for users (RFC 7643, RFC 7644): create, find,
// list, replace, patch and delete, the own account under /scim2/Me, and the
// discovery endpoints. Groups and bulk operations are not offered.
//
// A request's JSON becomes a document (values by attribute, in one canonical
// form), a PATCH changes a document, and a document becomes a wish, which is
// applied to the user inside the store's transaction. What attributes there
// are, and which claims they stand for, is the schema of the tenant, drawn
// from its claim catalogue; the one table is in attributes.go.
package scimapi
