package engine

import (
	"encoding/base64"

	"github.com/google/uuid"

	"usher/flow"
)

// A link in a mail carries a flow id of its own: the execution's, sealed, so
// that whoever sees the link does not learn the id that the first browser
// holds.

// newLink returns a flow id for a link to the execution.
func (e *Engine) newLink(x *flow.Execution) string {
	return base64.RawURLEncoding.EncodeToString(e.box.Seal([]byte(x.ID), linkPlace(x.Tenant)))
}

// openLink returns the id of the execution that a link's flow id stands for.
func (e *Engine) openLink(tenant, flowID string) (id string, ok bool) {
	if len(flowID) <= len(uuid.Nil.String()) {
		return "", false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(flowID)
	if err != nil {
		return "", false
	}
	plain, err := e.box.Open(sealed, linkPlace(tenant))
	return string(plain), err == nil
}

// correlation is what other parties may call the execution by. Nothing leads
// from it to the id. epoch is the one it began in.
func (e *Engine) correlation(x *flow.Execution, epoch string) string {
	return base64.RawURLEncoding.EncodeToString(e.box.SecretOf(epoch, "correlation/"+place(x))[:18])
}

func linkPlace(tenant string) string { return "link/" + tenant }

// admits tells whether a request under a link's id may press the action: one
// that takes the link's token, or a later one if that let it through.
func (r *run) admits(a *action) bool {
	return r.request.link == "" || r.state.Linked || a.executor.reads(flow.MagicToken)
}
