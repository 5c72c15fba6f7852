// Package executortest is the suite that every executor passes: it runs one
// along its happy path as the engine does, repeats each run as after a crash,
// and lets its dependencies fail.
//
// It owns no fakes of dependencies but the Queue; those are small structs in
// the executor's own test, which tell a World what happens to them.
package executortest
