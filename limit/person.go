package limit

// Person is whom something is sent to, or whose code is guessed, as those know
// who ask for it: by what was entered, so that somebody who does not exist has
// a budget like anybody else.
type Person struct {
	Tenant string
	// Name is what was entered to say who it is: a user name, or the address
	// itself where nobody has a user name yet.
	Name string
	// User is the id of the user that another proof led to; it counts where
	// nothing was entered.
	User string
}

// Send is a message that is about to be sent because somebody asked for it.
type Send struct {
	Person
	// To is the mail address, or the number in E.164; "" where there is none.
	To string
	// Text says that it is a text message.
	Text bool
	// Silent says that nobody may learn from the answer what To is, and whether
	// there is one: what is spent of To then stops the message and says nothing.
	Silent bool
	// Invited says that an administrator asks for it, who invites To: strangers
	// who enter that address spend nothing of it, and learn nothing of it.
	Invited bool
}
