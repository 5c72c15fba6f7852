package portal

import (
	"strconv"
	"time"

	"usher/engine"
)

// deadline tells a person until when a page can be finished (WCAG 2.2, 2.2.1).
// The server does not know their clock: it says how long is left, and the
// script says until when, and warns before. Nothing extends it.
type deadline struct {
	Says    string
	Seconds int
	// Until and Soon are what the script says, with {time} for when and for
	// how long.
	Until, Soon string
}

// limited says on the page until when the answer's execution, and the sign-in
// that it belongs to, can be finished.
func (p *Portal) limited(content *page, v *visit, resp *engine.Response) {
	end := resp.Expires
	if waits := v.waiting.Expires; end.IsZero() || !waits.IsZero() && waits.Before(end) {
		end = waits
	}
	left := end.Sub(p.Now()).Truncate(time.Second)
	if end.IsZero() || left <= 0 {
		return
	}
	soon := content.Say("limit.soon", "time", content.span(min(left/2, warnAt)))
	if v.Page != loginPage { // another sign-in knows nothing of this one
		soon += " " + content.Say("page.expired.kept")
	}
	content.Limit = &deadline{
		Says: content.Say("limit.left", "time", content.span(left)), Seconds: int(left.Seconds()),
		Until: content.Say("limit.until"), Soon: soon,
	}
}

// warnAt is how long before its end the script warns, where there is twice as
// much time; else it warns when half of it is over.
const warnAt = 2 * time.Minute

// span puts a length of time into words, rounded down to what counts.
func (t *texts) span(d time.Duration) string {
	key, unit := "limit.seconds", time.Second
	switch {
	case d >= 48*time.Hour:
		key, unit = "limit.days", 24*time.Hour
	case d >= 2*time.Hour:
		key, unit = "limit.hours", time.Hour
	case d >= time.Minute:
		key, unit = "limit.minutes", time.Minute
	}
	return t.Say(key, "number", strconv.FormatInt(int64(d/unit), 10))
}
