package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"usher/identity"
)

// outcome is what a client gets of the execute endpoint.
type outcome struct {
	status     int
	Code       string
	FlowID     string
	FlowStatus string
	Data       struct {
		Messages []struct{ I18nKey string }
	}
}

func (j *journey) execute(body string) outcome {
	r := httptest.NewRequest(http.MethodPost, "/api/server/v1/flow/execute", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	j.parts.Handler.ServeHTTP(w, r)
	a := outcome{status: w.Code}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		j.t.Errorf("%v in %s", err, w.Body)
	}
	return a
}

// atOnce makes n equal requests at the same time and counts the answers.
func (j *journey) atOnce(n int, body func(i int) string) map[string]int {
	counts := map[string]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			a := j.execute(body(i))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case a.Code != "":
				counts[a.Code]++
			case len(a.Data.Messages) > 0:
				counts[a.Data.Messages[0].I18nKey]++
			default:
				counts[a.FlowStatus]++
			}
			if a.status >= 500 {
				j.t.Errorf("status %d %s", a.status, a.Code)
			}
		})
	}
	close(start)
	wg.Wait()
	return counts
}

// However many wrong codes come at once, three of them are judged.
func TestParallelGuesses(t *testing.T) {
	t.Parallel()
	for _, username := range []string{"ada", "nobody"} {
		j := newJourney(t)
		j.user(`{"username":"ada","claims":{"emailaddress":"ada@example.com"}}`)
		id := j.execute(`{"flowType":"PASSWORD_RECOVERY","inputs":{"username":"` + username + `"}}`).FlowID
		judged := 0
		// Those that find the execution busy try again, as a guesser would.
		for range 40 {
			counts := j.atOnce(40, func(i int) string { return fmt.Sprintf(`{"flowId":%q,"inputs":{"otp":"x%05d"}}`, id, i) })
			judged += counts["{{otp.error.message}}"] + counts["FE-60006"]
			if counts["FE-60006"] > 0 || counts["FE-60001"] == 40 {
				break
			}
		}
		if judged != 3 {
			t.Errorf("%s: %d guesses were judged", username, judged)
		}
		if a := j.execute(fmt.Sprintf(`{"flowId":%q,"inputs":{"otp":"123456"}}`, id)); a.Code != "FE-60001" {
			t.Errorf("%s: the execution goes on: %+v", username, a)
		}
	}
}

// Equal submissions of the last step make one user and one COMPLETE.
func TestParallelRegistrations(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	id := j.execute(`{"flowType":"REGISTRATION"}`).FlowID
	body := fmt.Sprintf(`{"flowId":%q,"inputs":{"email":"ada@example.com","password":"correct horse"}}`, id)
	counts := j.atOnce(24, func(int) string { return body })
	if counts["COMPLETE"] != 1 || counts["FE-60201"]+counts["FE-60001"] != 23 {
		t.Errorf("answers %v", counts)
	}
	_, users, err := j.users.ListUsers(t.Context(), identity.Query{Tenant: identity.DefaultTenant})
	if err != nil || users != 2 { // the administrator and the new one
		t.Errorf("%d users, %v", users, err)
	}
}

// Of people who want the same name at once one gets it; the others may choose
// another.
func TestParallelNames(t *testing.T) {
	t.Parallel()
	j := newJourney(t)
	counts := j.atOnce(12, func(i int) string {
		return fmt.Sprintf(`{"flowType":"REGISTRATION","inputs":{"email":"%s@example.com","password":"correct horse"}}`, []string{"ada", "ADA", "Ada"}[i%3])
	})
	if counts["COMPLETE"] != 1 || counts["{{username.taken}}"] != 11 {
		t.Errorf("answers %v", counts)
	}
}
