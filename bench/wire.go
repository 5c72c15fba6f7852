package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// patience bounds one call, so that a server that stopped answering ends a
// round instead of the bench.
const patience = 30 * time.Second

// wire is one keep-alive HTTP/1.1 connection that knows as much of RFC 9112 as
// the two servers under test use. The client shares the machine with them, and
// net/http's spends about as much CPU on a call as the server does.
type wire struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
	last answer
	stop func() bool
}

// dial connects to a host:port. The connection is closed when ctx ends, which
// fails the call that is under way.
func dial(ctx context.Context, addr string) (*wire, error) {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	return &wire{conn: conn, in: bufio.NewReaderSize(conn, 8<<10), stop: stop}, nil
}

func (w *wire) close() {
	w.stop()
	w.conn.Close()
}

// do implements caller.
func (w *wire) do(r request) (answer, error) {
	w.out = append(w.out[:0], r.method...)
	w.out = append(w.out, ' ')
	w.out = append(w.out, r.path...)
	w.out = append(w.out, " HTTP/1.1\r\nHost: localhost\r\n"...)
	for _, f := range r.header {
		w.out = append(w.out, f.name...)
		w.out = append(w.out, ": "...)
		w.out = append(w.out, f.value...)
		w.out = append(w.out, "\r\n"...)
	}
	if r.method != http.MethodGet {
		w.out = append(w.out, "Content-Length: "...)
		w.out = strconv.AppendInt(w.out, int64(len(r.body)), 10)
		w.out = append(w.out, "\r\n"...)
	}
	w.out = append(w.out, "\r\n"...)
	w.out = append(w.out, r.body...)
	if err := w.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return answer{}, err
	}
	if _, err := w.conn.Write(w.out); err != nil {
		return answer{}, err
	}
	err := w.read()
	return w.last, err
}

// read reads an answer into last.
func (w *wire) read() error {
	w.last = answer{location: w.last.location[:0], body: w.last.body[:0]}
	line, err := w.line()
	if err != nil {
		return err
	}
	if len(line) < len("HTTP/1.1 200") {
		return fmt.Errorf("status line %q", line)
	}
	if w.last.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return fmt.Errorf("status line %q", line)
	}
	length, chunked := -1, false
	for {
		if line, err = w.line(); err != nil {
			return err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(name, []byte("Location")):
			w.last.location = append(w.last.location, value...)
		}
	}
	switch {
	case chunked:
		return w.chunks()
	case length >= 0:
		return w.take(length)
	}
	return errors.New("answer without a length")
}

// chunks reads a chunked body (RFC 9112, 7.1) without trailers.
func (w *wire) chunks() error {
	for {
		line, err := w.line()
		if err != nil {
			return err
		}
		size, err := strconv.ParseUint(string(line), 16, 31)
		if err != nil {
			return fmt.Errorf("chunk size %q", line)
		}
		if err := w.take(int(size)); err != nil {
			return err
		}
		if line, err = w.line(); err != nil {
			return err
		}
		if len(line) != 0 {
			return fmt.Errorf("chunk ends with %q", line)
		}
		if size == 0 {
			return nil
		}
	}
}

// take appends n bytes of the connection to the answer.
func (w *wire) take(n int) error {
	have := len(w.last.body)
	w.last.body = append(w.last.body, make([]byte, n)...)
	_, err := io.ReadFull(w.in, w.last.body[have:])
	w.last.size += n
	return err
}

func (w *wire) line() ([]byte, error) {
	line, err := w.in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	w.last.size += len(line)
	return bytes.TrimRight(line, "\r\n"), nil
}
