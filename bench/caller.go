package main

import (
	"context"
	"net/http"
)

// caller is a connection that makes requests: a wire, or the standard client.
type caller interface {
	// do returns what the server says, which is valid until the next call.
	// After an error the caller is of no more use.
	do(r request) (answer, error)
	close()
}

// dialer makes callers for a host:port. They end with ctx.
type dialer func(ctx context.Context, addr string) (caller, error)

// dialers by the name they have on the command line.
var dialers = map[string]dialer{
	"wire":     func(ctx context.Context, addr string) (caller, error) { return dial(ctx, addr) },
	"net/http": dialStandard,
}

// request is what a workload asks of a server. A GET has no body.
type request struct {
	method, path string
	header       []field
	body         []byte
}

type field struct{ name, value string }

// answer is what a server said. Redirects are not followed.
type answer struct {
	status   int
	location []byte
	body     []byte
	size     int // of all, head and chunk sizes included; 0 where the client does not tell
}

// posting is a request with a JSON body.
func posting(path, body string) request {
	return request{
		method: http.MethodPost, path: path, header: []field{{"Content-Type", "application/json"}}, body: []byte(body),
	}
}

// sendingForm is a request with a form.
func sendingForm(path, form string, header ...field) request {
	header = append(header, field{"Content-Type", "application/x-www-form-urlencoded"})
	return request{method: http.MethodPost, path: path, header: header, body: []byte(form)}
}

func getting(path string, header ...field) request {
	return request{method: http.MethodGet, path: path, header: header}
}
