package valkey

import (
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
)

// How long is waited for a connection and for an answer.
const (
	dialTimeout   = 2 * time.Second
	answerTimeout = 2 * time.Second
)

// place is where a server is and how it is spoken to.
type place struct {
	network, address string
	options          []redis.DialOption
}

// parse reads valkey://user:password@host:port/number, or redis:; with TLS
// valkeys: or rediss:; or unix:///path?db=number. Errors do not repeat it.
func parse(address string) (place, error) {
	u, err := url.Parse(address)
	if err != nil {
		return place{}, errors.New("the address of Valkey cannot be read")
	}
	p := place{network: "tcp", options: []redis.DialOption{
		redis.DialConnectTimeout(dialTimeout), redis.DialReadTimeout(answerTimeout), redis.DialWriteTimeout(answerTimeout),
		redis.DialClientName("usher"),
	}}
	number := strings.TrimPrefix(u.Path, "/")
	switch u.Scheme {
	case "unix":
		p.network, p.address, number = "unix", u.Path, u.Query().Get("db")
	case "valkeys", "rediss":
		p.options = append(p.options, redis.DialUseTLS(true),
			redis.DialTLSConfig(&tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}))
	case "valkey", "redis":
	default:
		return place{}, errors.New("the address of Valkey has another scheme than valkey, valkeys, redis, rediss and unix")
	}
	if p.network == "tcp" {
		port := u.Port()
		if port == "" {
			port = "6379"
		}
		p.address = net.JoinHostPort(u.Hostname(), port)
	}
	if number != "" {
		n, err := strconv.ParseUint(number, 10, 16)
		if err != nil {
			return place{}, errors.New("the number of the database in Valkey is none")
		}
		p.options = append(p.options, redis.DialDatabase(int(n)))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		p.options = append(p.options, redis.DialUsername(u.User.Username()), redis.DialPassword(password))
	}
	return p, nil
}
