// Package engine compiles flow definitions to immutable graphs and runs
// executions of them.
//
// It owns what a definition means (Compile), what a submission does (Do), the
// lease and commit around every step, and the private state of executions,
// which it seals. It does not know what any executor does, how answers look on
// the wire (package flowapi), or how anything is stored (package store).
package engine
