package extension

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"usher/connection/extension"
	"usher/executor/executortest"
	"usher/flow"
	"usher/outbound"
)

// Whatever the extension answers that is no answer, the client is told to try
// again and nothing has changed.
func TestNoAnswers(t *testing.T) {
	t.Parallel()
	const redirect = `{"actionStatus":"INCOMPLETE","operations":[{"op":"redirect","url":"https://risk.example/"}]}`
	away := func(url string) http.HandlerFunc {
		return replyWith(http.StatusOK, strings.Replace(redirect, "https://risk.example/", url, 1))
	}
	for name, answer := range map[string]http.HandlerFunc{
		"nothing":                   func(http.ResponseWriter, *http.Request) {},
		"no JSON":                   replyWith(http.StatusOK, `SUCCESS`),
		"an empty body":             replyWith(http.StatusOK, ``),
		"null":                      replyWith(http.StatusOK, `null`),
		"an object of nothing":      replyWith(http.StatusOK, `{}`),
		"a list":                    replyWith(http.StatusOK, `[{"actionStatus":"SUCCESS"}]`),
		"more than one":             replyWith(http.StatusOK, `{"actionStatus":"SUCCESS"}{"actionStatus":"SUCCESS"}`),
		"a status twice":            replyWith(http.StatusOK, `{"actionStatus":"FAILED","actionStatus":"SUCCESS"}`),
		"a number for a status":     replyWith(http.StatusOK, `{"actionStatus":1}`),
		"an unknown status":         replyWith(http.StatusOK, `{"actionStatus":"OK"}`),
		"a status in small letters": replyWith(http.StatusOK, `{"actionStatus":"success"}`),
		"a name in other letters":   replyWith(http.StatusOK, `{"actionstatus":"SUCCESS"}`),
		"ERROR that is fine":        replyWith(http.StatusOK, `{"actionStatus":"ERROR"}`),
		"SUCCESS that is not":       replyWith(http.StatusBadRequest, `{"actionStatus":"SUCCESS"}`),
		"FAILED that is a fault":    replyWith(http.StatusInternalServerError, `{"actionStatus":"FAILED","failureReason":"x"}`),
		"created":                   replyWith(http.StatusCreated, `{"actionStatus":"SUCCESS"}`),
		"forbidden":                 replyWith(http.StatusForbidden, `{"actionStatus":"ERROR"}`),
		"no UTF-8":                  replyWith(http.StatusOK, "{\"actionStatus\":\"SUCCESS\",\"x\":\"\xff\"}"),
		"deep":                      replyWith(http.StatusOK, `{"actionStatus":"SUCCESS","x":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+`}`),
		"operations that are none":  replyWith(http.StatusOK, `{"actionStatus":"SUCCESS","operations":"replace"}`),
		"too many operations":       replyWith(http.StatusOK, `{"actionStatus":"SUCCESS","operations":[`+strings.Repeat(`{},`, maxOperations)+`{}]}`),
		"half":                      replyWith(http.StatusOK, `{"actionStatus":"SUCCESS","operations":[{"op":"repl`),
		"text":                      func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"actionStatus":"SUCCESS"}`) },
		"a page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, `<h1>`)
		},
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusPermanentRedirect)
		},
		"nowhere to go":             replyWith(http.StatusOK, `{"actionStatus":"INCOMPLETE"}`),
		"two places to go":          replyWith(http.StatusOK, `{"actionStatus":"INCOMPLETE","operations":[{"op":"redirect","url":"https://a.example"},{"op":"redirect","url":"https://b.example"}]}`),
		"a change and no place":     replyWith(http.StatusOK, `{"actionStatus":"INCOMPLETE","operations":[{"op":"replace","path":"/user/id","value":"x"}]}`),
		"a script":                  away("javascript:alert(1)"),
		"a place in clear":          away("http://risk.example/"),
		"a place with a name":       away("https://usher@risk.example/"),
		"no place":                  away("/accounts/login"),
		"a place of other slashes":  away(`https:\\\\risk.example`),
		"a very long place":         away("https://risk.example/" + strings.Repeat("x", maxURL)),
		"a place with another line": away(`https://risk.example/\r\nSet-Cookie: a=b`),
		"that somebody has hung up": func(w http.ResponseWriter, _ *http.Request) {
			panic(http.ErrAbortHandler)
		},
		"more than can be read": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, `{"actionStatus":"SUCCESS","x":"`+strings.Repeat("x", 2<<20)+`"}`)
		},
		"more than it seems": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			io.WriteString(z, `{"actionStatus":"SUCCESS","x":"`)
			io.WriteString(z, strings.Repeat("x", 50<<20))
			io.WriteString(z, `"}`)
			z.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, &executortest.World{}, loopback)
			k.knows(map[string]string{claimDepartment: "home"})
			k.answers(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/ask" {
					t.Errorf("%s was called", r.URL.Path)
				}
				answer(w, r)
			})
			result, err := k.try(nil)
			said := wantError(t, err)
			if result != nil || said.Refused || said.Message != failed || said.Description != tryAgain {
				t.Errorf("%#v, %+v", result, said)
			}
			if len(k.stage.State) != 0 || k.stage.Subject.Collected[claimDepartment] != "home" {
				t.Errorf("left behind: %+v", k.stage)
			}
			for _, text := range []string{err.Error(), k.log.String()} {
				if strings.Contains(text, k.server.URL) || strings.Contains(text, "risk.example") || strings.Contains(text, "home") || len(text) > 500 {
					t.Errorf("told: %.600s", text)
				}
			}
		})
	}
}

// An extension that takes its time takes no more than three seconds of
// anybody's, headers and body together.
func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"silence": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"a body without end": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			for r.Context().Err() == nil {
				io.WriteString(w, " ")
				http.NewResponseController(w).Flush()
				time.Sleep(50 * time.Millisecond)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, &executortest.World{}, loopback)
			k.answers(answer)
			start := time.Now()
			_, err := k.try(nil)
			wantError(t, err)
			if took := time.Since(start); took < exchangeTime-time.Second || took > exchangeTime+2*time.Second || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("it took %v, %v", took, err)
			}
		})
	}
}

// Where it is the person who has gone, that is no failure of the extension's.
func TestPersonHasGone(t *testing.T) {
	t.Parallel()
	k := newKit(t, &executortest.World{}, loopback)
	k.connect()
	ctx, cancel := context.WithCancel(t.Context())
	k.answers(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	run := executortest.MustBind(t, k.executor, flow.Meta{"actionId": "e1"})
	if _, _, err := executortest.Do(ctx, run, k.stage, executortest.Request{Flow: flow.Registration}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	} else if _, said := errors.AsType[*flow.ExtensionError](err); said {
		t.Errorf("%v is said to be the extension's", err)
	}
}

// What is not public is not reached, whatever an administrator of a tenant says.
func TestPrivateNetwork(t *testing.T) {
	t.Parallel()
	k := newKit(t, &executortest.World{}, outbound.Config{})
	if _, err := k.try(nil); !errors.Is(wantError(t, err), outbound.ErrForbidden) || len(k.questions()) != 0 {
		t.Errorf("%v", err)
	}
	k.extension.Endpoint.URI = "https://169.254.169.254/latest/meta-data"
	k.connections.list = nil
	if _, err := k.try(nil); !errors.Is(wantError(t, err), outbound.ErrForbidden) {
		t.Errorf("%v", err)
	}
}

// A certificate that nobody has vouched for is no extension's.
func TestUntrusted(t *testing.T) {
	t.Parallel()
	k := newKit(t, &executortest.World{}, loopback)
	k.extension.Endpoint.URI = strings.Replace(k.server.URL, "127.0.0.1", "localhost", 1)
	k.answers(replyWith(http.StatusOK, `{"actionStatus":"SUCCESS"}`))
	if _, err := k.try(nil); !strings.Contains(wantError(t, err).Error(), "certificate") || len(k.questions()) != 0 {
		t.Errorf("%v", err)
	}
}

// FuzzAnswer holds that no answer makes the executor panic, go on without
// SUCCESS, or change what it may not.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"actionStatus":"SUCCESS"}`, `{"actionStatus":"FAILED","failureReason":"a","failureDescription":"b"}`,
		`{"actionStatus":"SUCCESS","operations":[{"op":"replace","path":"` + extension.ClaimPath(claimDepartment) + `","value":"sales"}]}`,
		`{"actionStatus":"SUCCESS","operations":[{"op":"replace","path":"/user/credentials/password","value":{"type":"PLAIN_TEXT","value":"a good password"}}]}`,
		`{"actionStatus":"INCOMPLETE","operations":[{"op":"redirect","url":"https://risk.example"}]}`, `{"actionStatus":"ERROR","errorMessage":"x"}`,
		`{"actionStatus":"SUCCESS","operations":[{"op":"replace","path":"` + extension.ClaimPath(claimTeams) + `","value":["a",["b"]]}]}`, `[]`, `"`, "\x00",
	} {
		f.Add(http.StatusOK, body)
		f.Add(http.StatusInternalServerError, body)
	}
	var status int
	var body string
	k := newKit(f, &executortest.World{}, loopback)
	k.extension.Endpoint.URI = "https://risk.example"
	k.extension.Modify = paths(extension.ClaimPath(claimDepartment), extension.PathPassword)
	k.connect()
	o := k.options(&http.Client{Transport: roundTrip(func(*http.Request) *http.Response {
		w := httptest.NewRecorder()
		replyWith(status, body)(w, nil)
		return w.Result()
	})})
	k.executor = New(o)
	f.Fuzz(func(t *testing.T, code int, text string) {
		if code < 100 || code > 999 {
			return
		}
		status, body = code, text
		k.t, k.stage = t, executortest.Stage{}
		result, err := k.try(nil)
		said, _ := errors.AsType[*flow.ExtensionError](err)
		switch away, redirected := result.(flow.Redirect); {
		case err == nil && (code != http.StatusOK || !strings.Contains(text, "SUCCESS") && !strings.Contains(text, "INCOMPLETE") && !strings.Contains(text, `\u`)):
			t.Errorf("%d %q: %#v", code, text, result)
		case err != nil && (said == nil || strings.ContainsAny(said.Message+said.Description, "\r\n\x00\x1b") || len(said.Message+said.Description) > 2*maxText):
			t.Errorf("%d %q: %v, %+v", code, text, err, said)
		case redirected && !strings.HasPrefix(strings.ToLower(away.URL), "http"):
			t.Errorf("%q: sent to %q", text, away.URL)
		}
		for uri := range k.stage.Subject.Collected {
			if uri != claimDepartment {
				t.Errorf("%q: %s is set", text, uri)
			}
		}
	})
}

// roundTrip is a network in one function.
type roundTrip func(*http.Request) *http.Response

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }
