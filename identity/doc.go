// Package identity is the contract for people: users, their claims and
// credentials, how passwords are kept and what user names and passwords must
// look like, and what must be stored of all that.
//
// It does not know flows, HTTP or SQL. It imports package notify because a
// user is created together with the message that tells them so, in one
// transaction.
package identity
