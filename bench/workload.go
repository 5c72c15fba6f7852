package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

const (
	executePath   = "/api/server/v1/flow/execute"
	managePath    = "/api/server/v1/flow"
	adminPassword = "Bench.Admin.2026"
)

// pagesFlow is two pages that lead to each other by plain NEXT actions: going
// from one to the next sends no mail and hashes nothing.
//
//go:embed testdata/pages.json
var pagesFlow string

// waysFlow leads from its first page to a passkey or to a provider.
//
//go:embed testdata/ways.json
var waysFlow string

// unit is what is counted and timed once: one call, or a whole journey. It
// returns "" when it went as it should, else a short word for what went wrong
// to count it by; an error means that the connection is lost.
type unit func(c caller) (fault string, err error)

// workload makes the units of one connection. Its first calls, which lead to
// where the measuring begins, are not counted.
type workload func(c caller) (unit, error)

// starting starts one flow after the other.
var starting = sending(`{"flowType":"REGISTRATION"}`, `"flowStatus":"INCOMPLETE"`)

// sending repeats one call that starts a flow and has to be answered with want.
func sending(body, want string) workload {
	return func(caller) (unit, error) {
		request, mark := []byte(body), []byte(want)
		return func(c caller) (string, error) {
			status, answer, err := c.post(executePath, request)
			return expect(status, answer, mark), err
		}, nil
	}
}

// paging goes from page to page of one execution.
func paging(c caller) (unit, error) {
	id, err := start(c, "INVITED_USER_REGISTRATION")
	if err != nil {
		return nil, err
	}
	there := []byte(`{"flowId":"` + id + `","actionId":"there","inputs":{"nickname":"Sasha"}}`)
	back := []byte(`{"flowId":"` + id + `","actionId":"back","inputs":{"city":"Porto"}}`)
	return func(c caller) (string, error) {
		status, answer, err := c.post(executePath, there)
		there, back = back, there
		return expect(status, answer, incomplete), err
	}, nil
}

var registered atomic.Int64

// registering registers a new person each time: start and submission.
func registering(caller) (unit, error) {
	var body []byte
	return func(c caller) (string, error) {
		status, answer, err := c.post(executePath, []byte(`{"flowType":"REGISTRATION"}`))
		if fault := expect(status, answer, incomplete); fault != "" || err != nil {
			return fault, err
		}
		body = append(body[:0], `{"flowId":"`...)
		body = append(body, flowID(answer)...)
		body = append(body, `","actionId":"submit-registration","inputs":{"email":"sasha`...)
		body = strconv.AppendInt(body, registered.Add(1), 10)
		body = append(body, `@example.com","password":"MyP@ssw0rd!"}}`...)
		status, answer, err = c.post(executePath, body)
		return expect(status, answer, complete), err
	}, nil
}

// echoing sends the request to the echo, which answers with as many bytes as
// usher does.
func echoing(request string, size int) workload {
	path, body := "/"+strconv.Itoa(size), []byte(request)
	return func(caller) (unit, error) {
		return func(c caller) (string, error) {
			status, answer, err := c.post(path, body)
			if len(answer) != size {
				return "short answer", err
			}
			return expect(status, answer, nil), err
		}, nil
	}
}

var (
	incomplete = []byte(`"flowStatus":"INCOMPLETE"`)
	complete   = []byte(`"flowStatus":"COMPLETE"`)
	failed     = []byte(`"messages":`)
)

// expect names what is wrong with an answer, "" when nothing is.
func expect(status int, answer, want []byte) string {
	switch {
	case status != http.StatusOK:
		return strconv.Itoa(status)
	case want != nil && !bytes.Contains(answer, want):
		return "wrong answer"
	case want != nil && bytes.Contains(answer, failed):
		return "page with messages"
	}
	return ""
}

// start starts a flow outside the measurement and returns its id.
func start(c caller, flowType string) (string, error) {
	status, answer, err := c.post(executePath, []byte(`{"flowType":"`+flowType+`"}`))
	if err != nil {
		return "", err
	}
	if fault := expect(status, answer, incomplete); fault != "" {
		return "", fmt.Errorf("start of %s: %d %s", flowType, status, answer)
	}
	return string(flowID(answer)), nil
}

// flowID returns the id in an answer, nil when there is none.
func flowID(answer []byte) []byte {
	_, rest, _ := bytes.Cut(answer, []byte(`"flowId":"`))
	id, _, _ := bytes.Cut(rest, []byte(`"`))
	return id
}

// sizeOf returns how many bytes the first unit of a workload is answered with.
func sizeOf(ctx context.Context, p *process, load workload) (int, error) {
	w, err := dial(ctx, p.addr)
	if err != nil {
		return 0, err
	}
	defer w.close()
	once, err := load(w)
	if err != nil {
		return 0, err
	}
	fault, err := once(w)
	if fault != "" {
		err = errors.Join(err, fmt.Errorf("%s: %s", fault, w.answer))
	}
	return len(w.answer), err
}

// publish makes the definition the live one of its type.
func publish(ctx context.Context, p *process, definition string) error {
	return manage(ctx, p, http.MethodPut, managePath, definition)
}

// connect makes a connection to GitHub, which needs no answer from there until
// somebody comes back.
func connect(ctx context.Context, p *process) error {
	return manage(ctx, p, http.MethodPost, "/api/server/v1/identity-providers",
		`{"name":"GitHub","kind":"GithubExecutor","settings":{"client_id":"bench"},"secrets":{"client_secret":"bench"}}`)
}

func manage(ctx context.Context, p *process, method, path, body string) error {
	request, err := http.NewRequestWithContext(ctx, method, "http://"+p.addr+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("admin:"+adminPassword)))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(response.Body, 4<<10))
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s %s", method, path, response.Status, answer)
	}
	return nil
}

// twice makes one unit of two.
func twice(load workload) workload {
	return func(c caller) (unit, error) {
		once, err := load(c)
		return func(c caller) (string, error) {
			if fault, err := once(c); fault != "" || err != nil {
				return fault, err
			}
			return once(c)
		}, err
	}
}
