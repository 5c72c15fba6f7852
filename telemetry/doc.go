// Package telemetry is what an operator sees of a running server beside its
// log: numbers for Prometheus, and traces for OpenTelemetry.
//
// It owns the names of metrics and spans and what is said of a person in them,
// which is nothing: no label and no attribute holds an address, a name, a
// value that somebody entered, or anything else a client made up. Routes,
// statements and executors stand for themselves, without what was put into
// them.
//
// Who is watched knows nothing of it: handlers, executors and databases are
// wrapped from outside, and without tracing only the first two are.
package telemetry
