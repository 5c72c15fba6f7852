// Package extension is the contract for services of others that take part in
// flows: what is known of one, what it may see and change, and how it is kept
// as a connection.
//
// A definition means an extension by the ID of its connection (Choose).
// Managing extensions is httpapi/extensionapi, calling them executor/extension.
package extension
