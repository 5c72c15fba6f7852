// Package notify is the contract for messages to people, and what turns a
// queued message into a delivered one.
//
// It owns the message (Message, Queue), the outbox's worker (Worker) and what
// a Sender is; words holds the templates and their translations, letter the
// form of an e-mail, and smtp, file and sms the senders. It does not own the
// outbox's table (package store), nor decide when somebody is told something
// (the executors and the user management API).
//
// Recipients, codes and links exist in clear only in memory: a queued message
// is sealed, and nothing here logs one.
package notify
