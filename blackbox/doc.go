// Package blackbox tests the built binary from outside: processes on loopback,
// the wire, files and signals, nothing of this module's own code. It holds what
// a unit test cannot: a process that dies, a client that never answers, a clock
// that tells on an account.
//
// The tests carry the build tag blackbox:
//
//	go test -tags blackbox ./blackbox
package blackbox
