// Package diff says in which way two flow definitions differ, for people who
// are about to publish one of them.
//
// It reads the JSON as it is: members that no engine knows are compared like
// all others. Steps and components are recognised by their ids, wherever they
// stand. It knows nothing of versions or stores. It imports the standard
// library only.
package diff
