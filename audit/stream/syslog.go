//go:build !windows && !plan9

package stream

import (
	"io"
	"log/syslog"
)

// dialSyslog connects to a system log; "" is that of this machine. Entries are
// notices of the facility for what concerns security (RFC 5424, 6.2.1: 10).
func dialSyslog(network, address string) (io.WriteCloser, error) {
	return syslog.Dial(network, address, syslog.LOG_NOTICE|syslog.LOG_AUTHPRIV, "usher")
}
