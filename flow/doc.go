// Package flow is the contract between the engine, the executors and the
// stores: what a flow definition says, what an executor is and may answer,
// and what must be stored of a running execution.
//
// It owns the words (type, definition, step, component, action, executor,
// result, subject, execution) and nothing that runs: compiling and running a
// definition is package engine, storing one is package store. It imports the
// standard library only, so that reading it is enough to write an executor.
package flow
