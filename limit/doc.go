// Package limit says how often something may be done: budgets, what has been
// spent of them, and what a store keeps of that.
//
// A contract: it depends on the standard library alone. What is limited, and
// by how much, is package throttle's.
package limit
