// Package connection is the contract for configured external parties: which
// identity provider an executor talks to, with which settings and secrets.
//
// It owns what is stored of a connection, the form of its secrets, and how an
// executor declares what it needs to know of one. Managing connections is
// httpapi/connectionapi, talking to a provider is for the executors. It
// imports the standard library only.
package connection
