package flow

import "fmt"

// ExtensionError is the error of an executor that asked a service of somebody
// else's, in whose words the client is told. As with any error nothing has
// moved, and the request may be repeated.
type ExtensionError struct {
	// Flow is the Kind of the flow.
	Flow Type
	// Refused says that the service does not let the person go on with what was
	// entered; else it failed, which is no fault of theirs.
	Refused bool
	// Message and Description may be shown to anybody, as text.
	Message, Description string
	// Cause says what failed, for the log; nil where it refused.
	Cause error
}

// Error is for the log, and so repeats nothing that the service says.
func (e *ExtensionError) Error() string {
	if e.Refused {
		return "the extension refused"
	}
	return fmt.Sprintf("the extension failed: %v", e.Cause)
}

func (e *ExtensionError) Unwrap() error { return e.Cause }
