// Package grant is the contract for signing in: the request that waits for a
// person, the session in which a browser stays signed in, what an application
// was granted, and the keys that tokens are signed with.
//
// It owns what must be stored of these and no protocol: OAuth and OpenID
// Connect are package signin. No code, token or cookie is stored: each is
// sealed and names the row that decides whether it still counts. It imports
// the standard library only.
package grant
