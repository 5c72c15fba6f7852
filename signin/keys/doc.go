// Package keys keeps the server's signing keys (package grant): it makes them,
// opens them, rotates them, and signs and verifies compact JWS with them
// (RFC 7515, RFC 7517).
//
// There is always a key of each algorithm, RS256 and ES256. A new key is
// published a while before it signs, so that whoever keeps a copy of the key
// set has it by then, and an old one is published until the longest-lived
// token it signed has run out. Every node computes that from the stored times
// alone; nothing depends on which of them changes the keys, or when.
//
// Each change makes a key or deletes one. That is why grant.Keys, which tells
// by the ids whether somebody else was faster, is enough for any number of
// nodes.
package keys
