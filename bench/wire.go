package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
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
	conn   net.Conn
	in     *bufio.Reader
	out    []byte
	answer []byte
	stop   func() bool
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

// post sends a JSON body and returns the status and the answer's body, which is
// valid until the next call. After an error the connection is of no more use.
func (w *wire) post(path string, body []byte) (status int, answer []byte, err error) {
	w.out = append(w.out[:0], "POST "...)
	w.out = append(w.out, path...)
	w.out = append(w.out, " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "...)
	w.out = strconv.AppendInt(w.out, int64(len(body)), 10)
	w.out = append(w.out, "\r\n\r\n"...)
	w.out = append(w.out, body...)
	if err := w.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, nil, err
	}
	if _, err := w.conn.Write(w.out); err != nil {
		return 0, nil, err
	}
	return w.read()
}

func (w *wire) read() (status int, answer []byte, err error) {
	line, err := w.line()
	if err != nil {
		return 0, nil, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return 0, nil, fmt.Errorf("status line %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, nil, fmt.Errorf("status line %q", line)
	}
	length, chunked := -1, false
	for {
		if line, err = w.line(); err != nil {
			return 0, nil, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, nil, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		}
	}
	w.answer = w.answer[:0]
	switch {
	case chunked:
		err = w.chunks()
	case length >= 0:
		err = w.take(length)
	default:
		err = errors.New("answer without a length")
	}
	return status, w.answer, err
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
	have := len(w.answer)
	w.answer = append(w.answer, make([]byte, n)...)
	_, err := io.ReadFull(w.in, w.answer[have:])
	return err
}

func (w *wire) line() ([]byte, error) {
	line, err := w.in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	return bytes.TrimRight(line, "\r\n"), nil
}
