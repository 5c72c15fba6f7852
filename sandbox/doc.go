// Package sandbox runs one flow definition as the server would, in a world of
// its own: a store in memory, a clock that can be advanced, a mailbox that
// keeps what would have been sent, an authenticator, identity providers whose
// consent is made up, and extensions that let everybody go on. It is for trying
// a design before it goes live.
//
// The engine, the executors and the words are the real ones; cmd/usher hands
// them in. A sandbox is given copies of what a tenant has and knows no way to
// the tenant itself: no user, message, count or connection of it is touched,
// and its client answers every call itself.
//
// A sandbox lives for minutes and in this process alone.
package sandbox
