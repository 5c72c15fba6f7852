package portal

import (
	"slices"
	"strconv"
	"time"

	"usher/engine"
	"usher/flow"
)

// wait puts into words how long somebody has to wait, rounded up.
func (t *texts) wait(d time.Duration) string {
	unit := time.Second
	switch {
	case d > 48*time.Hour:
		unit = 24 * time.Hour
	case d > 2*time.Hour:
		unit = time.Hour
	case d > time.Minute:
		unit = time.Minute
	}
	return t.span((d + unit - 1).Truncate(unit))
}

// sayWhen is what an answer has to say, with when to ask for another message in
// words of the language.
func (t *texts) sayWhen(resp *engine.Response) []flow.Message {
	messages := slices.Clone(resp.Messages)
	seconds, err := strconv.Atoi(resp.Info["retryAfter"])
	for i := range messages {
		if m := &messages[i]; m.I18nKey == "message.wait" && err == nil {
			m.Message, m.I18nKey = t.Say(m.I18nKey, "time", t.wait(time.Duration(seconds)*time.Second)), ""
		}
	}
	return messages
}
