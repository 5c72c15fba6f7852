// Package valkey keeps executions, and what is spent of budgets, in Valkey or
// Redis, over a store that keeps everything else.
//
// Every method is one script, which the server runs alone: nothing comes between
// what it reads and what it writes. A script that was cut off is run again under
// the same token, by which it finds what it has done already; so nobody has to
// guess whether it ran.
//
// What a method has written survives the death of this process. What of it
// survives the death of the server is for the server's settings to say:
// everything with appendfsync always, all but the last second with everysec.
// durable makes no difference. docs/valkey.md says what may be lost by that,
// and what not.
//
// Times are the callers', as the contract has it. Nothing is left to the
// server's own expiry: it would go by the server's clock, would not count what
// has expired, and would let a volatile- policy evict what is still needed.
//
// All keys have one hash tag: they live together, on one server or in one slot
// of a cluster behind a single address.
package valkey
