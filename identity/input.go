package identity

// InputError says what is wrong with a value a person entered. It never
// contains the value.
type InputError struct {
	// Key names the kind of mistake for translation, for example
	// "username.taken".
	Key string
	// Text is an English sentence for the person.
	Text string
}

// Error returns the sentence for the person.
func (e *InputError) Error() string { return e.Text }

// I18nKey returns the key under which translations of Text are found.
func (e *InputError) I18nKey() string { return e.Key }
