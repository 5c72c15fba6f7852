package notify

import "time"

// Result is how one attempt at a message ended.
type Result string

const (
	// Sent messages were accepted by their Sender.
	Sent Result = "sent"
	// Withheld messages were decoys.
	Withheld Result = "withheld"
	// Postponed messages failed and will be tried again.
	Postponed Result = "postponed"
	// Refused messages failed for good (PermanentError).
	Refused Result = "refused"
	// GivenUp messages failed until they were no longer worth sending.
	GivenUp Result = "given_up"
	// Interrupted attempts ended with their worker, or with its claim, and are
	// made again.
	Interrupted Result = "interrupted"
)

// Outcome is one finished attempt, for metrics. Channel and Template are empty
// for a message that could not be opened.
type Outcome struct {
	Channel  Channel
	Template string
	Result   Result
	// Attempt counts from 1.
	Attempt int
	// Age is the time since the message was queued, Took that of the attempt.
	Age, Took time.Duration
}
