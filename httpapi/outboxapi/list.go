package outboxapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"usher/httpapi"
	"usher/notify"
)

const (
	defaultLimit = 30
	maxLimit     = 100
)

// page is a part of the outbox, the last queued first. Next is what to ask for
// as after for the page that follows it, absent on the last one.
type page struct {
	Messages []message `json:"messages"`
	Next     string    `json:"next,omitempty"`
	Delivery Delivery  `json:"delivery"`
}

// message is one of the outbox. Template, Channel, Queued and Expires are
// absent for one that this server's key cannot open.
type message struct {
	// ID names it here, MessageID in the server's log and to those who deliver
	// it.
	ID        string         `json:"id"`
	MessageID string         `json:"messageId"`
	Template  string         `json:"template,omitempty"`
	Channel   notify.Channel `json:"channel,omitempty"`
	To        string         `json:"to,omitempty"` // masked
	State     notify.State   `json:"state"`
	Attempts  int            `json:"attempts"`
	Queued    *time.Time     `json:"queuedAt,omitempty"`
	Expires   *time.Time     `json:"expiresAt,omitempty"`
	Next      *time.Time     `json:"nextAttemptAt,omitempty"` // of one that waits
	Done      *time.Time     `json:"doneAt,omitempty"`
	Failure   string         `json:"failure,omitempty"`
}

// list shows the tenant's messages in a state, or in any.
func (a *API) list(w http.ResponseWriter, r *http.Request) error {
	q, err := readQuery(r.URL.Query())
	if err != nil {
		return &httpapi.Problem{Status: http.StatusBadRequest, Code: codeQuery, Message: "The query is not valid.", Description: err.Error()}
	}
	q.Tenant, q.Now = httpapi.Tenant(r), a.Now()
	list, err := a.messages(r.Context(), q)
	if err != nil {
		return err
	}
	out := page{Messages: []message{}, Delivery: a.Delivery}
	if !isOperator(q.Tenant) {
		out.Delivery.Folder = ""
	}
	for i := range list {
		if i == q.Limit {
			out.Next = strconv.FormatInt(list[i-1].Seq, 10)
			break
		}
		out.Messages = append(out.Messages, a.wire(&list[i], notify.Summarize(a.Box, list[i].Queued)))
	}
	return httpapi.WriteJSON(w, http.StatusOK, out)
}

func (a *API) wire(m *notify.Listed, s notify.Summary) message {
	out := message{
		ID: writeID(m.Seq, s.ID), MessageID: s.ID, Template: s.Template, Channel: s.Channel, To: s.To,
		State: m.State, Attempts: m.Attempts, Queued: some(s.Queued), Expires: some(s.Expires), Done: some(m.Done), Failure: m.Failure,
	}
	if m.State == notify.StateWaiting {
		out.Next = some(m.Due)
	}
	// The reason names mail servers and the like.
	if out.Failure != "" && !isOperator(m.Tenant) {
		out.Failure = "It could not be handed over. Whoever runs the server finds the reason in its log, under the message's id."
	}
	return out
}

// some is nil for no time.
func some(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// readQuery reads the query. The error is for the client.
func readQuery(values url.Values) (q notify.ListQuery, err error) {
	q = notify.ListQuery{State: notify.State(values.Get("state")), Limit: defaultLimit}
	if q.State != "" && !slices.Contains(notify.States(), q.State) {
		return q, fmt.Errorf("state must be one of %v", notify.States())
	}
	if text := values.Get("limit"); text != "" {
		if q.Limit, err = strconv.Atoi(text); err != nil || q.Limit < 1 || q.Limit > maxLimit {
			return q, fmt.Errorf("limit must be a number from 1 to %d", maxLimit)
		}
	}
	if text := values.Get("after"); text != "" {
		if q.Before, err = strconv.ParseInt(text, 10, 64); err != nil || q.Before < 1 {
			return q, errors.New("after must be the next of a page")
		}
	}
	return q, nil
}

// writeID returns the name of a message in paths. The number finds it; the id,
// which is never given twice, makes sure that it is still the one.
func writeID(seq int64, id string) string { return strconv.FormatInt(seq, 10) + "-" + id }

func readID(text string) (seq int64, id string, ok bool) {
	number, id, ok := strings.Cut(text, "-")
	seq, err := strconv.ParseInt(number, 10, 64)
	return seq, id, ok && err == nil
}
