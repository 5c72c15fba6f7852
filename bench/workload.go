package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
)

const executePath = "/api/server/v1/flow/execute"

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
// to count it by; an error means that the connection is lost, but for errUsedUp.
type unit func(c caller) (fault string, err error)

// errUsedUp is returned by a unit that has nothing left to begin with.
var errUsedUp = errors.New("nothing left")

// workload makes the units of one connection. Its first calls, which lead to
// where the measuring begins, are not counted.
type workload func(c caller) (unit, error)

var toStart = posting(executePath, `{"flowType":"REGISTRATION"}`)

// starting starts one flow after the other.
var starting = asking(toStart, `"flowStatus":"INCOMPLETE"`)

// asking repeats one call that has to be answered with want.
func asking(r request, want string) workload {
	return func(caller) (unit, error) {
		mark := []byte(want)
		return func(c caller) (string, error) {
			a, err := c.do(r)
			return expect(a, mark), err
		}, nil
	}
}

// paging goes from page to page of one execution.
func paging(c caller) (unit, error) {
	id, err := start(c, "INVITED_USER_REGISTRATION")
	if err != nil {
		return nil, err
	}
	there := posting(executePath, `{"flowId":"`+id+`","actionId":"there","inputs":{"nickname":"Sasha"}}`)
	back := posting(executePath, `{"flowId":"`+id+`","actionId":"back","inputs":{"city":"Porto"}}`)
	return func(c caller) (string, error) {
		a, err := c.do(there)
		there, back = back, there
		return expect(a, incomplete), err
	}, nil
}

var registered atomic.Int64

// registering registers a new person each time: start and submission.
func registering(caller) (unit, error) {
	submit := posting(executePath, "")
	return func(c caller) (string, error) {
		a, err := c.do(toStart)
		if fault := expect(a, incomplete); fault != "" || err != nil {
			return fault, err
		}
		submit.body = append(submit.body[:0], `{"flowId":"`...)
		submit.body = append(submit.body, flowID(a.body)...)
		submit.body = append(submit.body, `","actionId":"submit-registration","inputs":{"email":"sasha`...)
		submit.body = strconv.AppendInt(submit.body, registered.Add(1), 10)
		submit.body = append(submit.body, `@example.com","password":"MyP@ssw0rd!"}}`...)
		a, err = c.do(submit)
		return expect(a, complete), err
	}, nil
}

// echoing sends the request to the echo, which answers it with as many bytes as
// usher does: size of them, head included.
func echoing(r request, size int) workload {
	size = max(size-echoHead, 2)
	_, query, _ := strings.Cut(r.path, "?")
	r.path = "/" + strconv.Itoa(size) + "?" + query
	return func(caller) (unit, error) {
		return func(c caller) (string, error) {
			a, err := c.do(r)
			if len(a.body) != size {
				return "short answer", err
			}
			return expect(a, nil), err
		}, nil
	}
}

var (
	incomplete = []byte(`"flowStatus":"INCOMPLETE"`)
	complete   = []byte(`"flowStatus":"COMPLETE"`)
	failed     = []byte(`"messages":`)
)

// expect names what is wrong with an answer, "" when nothing is.
func expect(a answer, want []byte) string {
	switch {
	case a.status != http.StatusOK:
		return strconv.Itoa(a.status)
	case want != nil && !bytes.Contains(a.body, want):
		return "wrong answer"
	case want != nil && bytes.Contains(a.body, failed):
		return "page with messages"
	}
	return ""
}

// start starts a flow outside the measurement and returns its id.
func start(c caller, flowType string) (string, error) {
	a, err := c.do(posting(executePath, `{"flowType":"`+flowType+`"}`))
	if err != nil {
		return "", err
	}
	if fault := expect(a, incomplete); fault != "" {
		return "", fmt.Errorf("start of %s: %d %s", flowType, a.status, a.body)
	}
	return string(flowID(a.body)), nil
}

// flowID returns the id in an answer, nil when there is none.
func flowID(body []byte) []byte { return between(body, `"flowId":"`, `"`) }

// between returns what stands after the one text and before the other.
func between(text []byte, before, after string) []byte {
	_, rest, _ := bytes.Cut(text, []byte(before))
	found, _, _ := bytes.Cut(rest, []byte(after))
	return found
}

// sizeOf returns how many bytes, head included, the last call of a workload's
// first unit is answered with.
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
		err = errors.Join(err, fmt.Errorf("%s: %s", fault, w.last.body))
	}
	return w.last.size, err
}

// both makes one unit of two.
func both(first, second workload) workload {
	return func(c caller) (unit, error) {
		one, err := first(c)
		if err != nil {
			return nil, err
		}
		two, err := second(c)
		return func(c caller) (string, error) {
			if fault, err := one(c); fault != "" || err != nil {
				return fault, err
			}
			return two(c)
		}, err
	}
}
