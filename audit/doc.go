// Package audit is the contract of the audit log: who changed what over a
// management API, by a command or about themselves in a flow, and when.
//
// An entry is stored in the transaction of its change (Along): a process that
// dies leaves both or neither. It refers to what was changed and says what that
// was before and after, never a secret. Entries are appended and read; nothing
// changes one, and one goes only when it is older than the server keeps them.
// The package imports the standard library only.
package audit
