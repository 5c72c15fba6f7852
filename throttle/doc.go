// Package throttle decides how often who may do what; docs/limits.md has the
// budgets in a table, each with the attack it is against.
//
// There are two kinds of counting. What happens on every request is counted in
// memory by address, network and tenant, and settled with the store at most a
// second later (gate). What costs money, or lets somebody guess, is counted by
// the store before it happens, and exactly (Limits.Send, Limits.Guess).
package throttle
