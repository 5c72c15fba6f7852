package notify

// Template says what a message can be about, for those who write its words.
type Template struct {
	Name    string
	Channel Channel
	// Label is what people call it, Purpose says in a sentence what it is for.
	Label, Purpose string
	Placeholders   []Placeholder
}

// Placeholder stands for what differs from message to message. An author
// writes its name in double braces: {{code}}.
type Placeholder struct {
	Name string
	// Meaning is what it stands for, Sample one such value.
	Meaning, Sample string
	// Required: the body must have it. Hidden: the subject must not.
	Required, Hidden bool
}

// Mistake is what is wrong with a wording.
type Mistake struct {
	// Field is "subject" or "body".
	Field string
	// Text goes on where the field was named: "must have {{code}}".
	Text string
}
