package engine

// Visited is one thing that happened at a step while a request ran.
type Visited struct {
	// Step is its id, END's where the flow has no such step.
	Step string
	// Action is the id of the button's component, "" where the step acts by
	// itself or nothing acted.
	Action string
	// Executor is the name of the one that ran, "" for none.
	Executor string
	Outcome  Outcome
	// Next is the step that it led to, "" where the flow stays or is finished.
	Next string
}

// Outcome is what came of a visit.
type Outcome string

const (
	// Moved says that the executor was content, or that there was none, and the
	// flow went on to Next.
	Moved Outcome = "MOVED"
	// Shown says that the step's page was shown, and no executor had a say.
	Shown Outcome = "SHOWN"
	// Refused says that what was entered is not what the page asks for.
	Refused Outcome = "REFUSED"
	// Asked says that the executor asks the person for more.
	Asked Outcome = "ASKED"
	// Prompted says that it asks the client itself.
	Prompted Outcome = "PROMPTED"
	// Redirected says that it sends the person to another party.
	Redirected Outcome = "REDIRECTED"
	// Challenged says that it asks for a WebAuthn ceremony.
	Challenged Outcome = "CHALLENGED"
	// SentBack says that the executor found fault with what an earlier page,
	// Next, had asked for.
	SentBack Outcome = "SENT_BACK"
	// Stopped says that the executor ended the flow.
	Stopped Outcome = "STOPPED"
	// Failed says that the executor returned an error; nothing of the request
	// counts.
	Failed Outcome = "FAILED"
	// Finished says that the flow is at its end.
	Finished Outcome = "FINISHED"
)

// visit tells whoever watches the request.
func (r *run) visit(step string, a *action, outcome Outcome, next string) {
	if r.request.Visited == nil {
		return
	}
	v := Visited{Step: step, Outcome: outcome, Next: next}
	if a != nil {
		v.Action = a.id
		if a.executor != nil {
			v.Executor = a.executor.Name
		}
	}
	r.request.Visited(v)
}
