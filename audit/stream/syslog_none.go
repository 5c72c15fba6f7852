//go:build windows || plan9

package stream

import (
	"errors"
	"io"
)

func dialSyslog(string, string) (io.WriteCloser, error) {
	return nil, errors.New("there is no system log on this operating system; use file:PATH")
}
