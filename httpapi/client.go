package httpapi

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"usher/limit"
)

// Proxies are the networks of those whose word counts about where a request
// comes from: our own proxies.
type Proxies []netip.Prefix

// Handler notes with each request of next which address it comes from; see
// limit.Client.
func (p Proxies) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// In place: those around this read what the routes note in the request.
		*r = *r.WithContext(limit.WithClient(r.Context(), p.Client(r)))
		next.ServeHTTP(w, r)
	})
}

// Client is the address that the request comes from: the peer's, or where that
// is a proxy of ours the last one that it and its like name in Forwarded (RFC
// 7239) or X-Forwarded-For and that is none of them. What stands before it is
// whatever the client has made up.
//
// Where the headers cannot be read, or contradict each other, it is the peer's
// address: proxies pass on the one that they do not write themselves. It is the
// zero Addr where the peer has none, as with Unix sockets.
func (p Proxies) Client(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	peer := plain(at.Addr())
	if !p.trusts(peer) {
		return peer
	}
	client := netip.Addr{}
	for _, way := range []struct {
		lines []string
		read  func(string) ([]string, bool)
	}{{r.Header["Forwarded"], forwarded}, {r.Header["X-Forwarded-For"], commaSeparated}} {
		if len(way.lines) == 0 {
			continue
		}
		found, ok := p.lastOther(way.lines, way.read)
		if !ok || client.IsValid() && client != found {
			return peer
		}
		client = found
	}
	if !client.IsValid() {
		return peer
	}
	return client
}

// Speaks tells whether the request comes from one of them.
func (p Proxies) Speaks(r *http.Request) bool {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && p.trusts(plain(at.Addr()))
}

func (p Proxies) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(p, func(network netip.Prefix) bool { return network.Contains(addr) })
}

// lastOther is the last address of the lines that is no proxy of ours, the
// first of all where each of them is.
func (p Proxies) lastOther(lines []string, read func(string) ([]string, bool)) (addr netip.Addr, ok bool) {
	for _, line := range slices.Backward(lines) {
		nodes, ok := read(line)
		if !ok {
			return netip.Addr{}, false
		}
		for _, node := range slices.Backward(nodes) {
			if addr, ok = nodeAddr(node); !ok {
				return netip.Addr{}, false
			}
			if !p.trusts(addr) {
				return addr, true
			}
		}
	}
	return addr, addr.IsValid()
}

func commaSeparated(line string) ([]string, bool) {
	nodes := strings.Split(line, ",")
	for i := range nodes {
		nodes[i] = strings.Trim(nodes[i], " \t")
	}
	return nodes, true
}

// nodeAddr reads a node (RFC 7239, 6): an address, in brackets where it is one
// of IPv6 and X-Forwarded-For has none, perhaps with a port. An obfuscated one
// is none.
func nodeAddr(node string) (netip.Addr, bool) {
	if at, err := netip.ParseAddrPort(node); err == nil {
		return plain(at.Addr()), true
	}
	if inner, ok := strings.CutPrefix(node, "["); ok {
		if inner, ok = strings.CutSuffix(inner, "]"); !ok {
			return netip.Addr{}, false
		}
		node = inner
	}
	addr, err := netip.ParseAddr(node)
	return plain(addr), err == nil
}

// plain is the address without what does not tell clients apart.
func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }

// forwarded returns the nodes that a line of Forwarded says a request was for
// (RFC 7239, 4), in their order; false for a line that is not well formed, or
// has an element that does not say.
func forwarded(line string) (nodes []string, ok bool) {
	for more := true; more; {
		node := ""
		for next := byte(';'); next == ';'; {
			var name, value string
			if name, value, line, ok = pair(line); !ok {
				return nil, false
			}
			if strings.EqualFold(name, "for") {
				if node != "" || value == "" {
					return nil, false
				}
				node = value
			}
			line = strings.TrimLeft(line, " \t")
			if next = 0; line != "" {
				next, line = line[0], line[1:]
			}
			switch next {
			case 0, ',':
				more = next == ','
			case ';':
			default:
				return nil, false
			}
		}
		if node == "" {
			return nil, false
		}
		nodes = append(nodes, node)
	}
	return nodes, true
}

// pair reads token=value from the beginning of a line, where the value is a
// token or a quoted string (RFC 9110, 5.6).
func pair(line string) (name, value, rest string, ok bool) {
	name, rest, ok = strings.Cut(strings.TrimLeft(line, " \t"), "=")
	if !ok || !isToken(name) {
		return "", "", "", false
	}
	if !strings.HasPrefix(rest, `"`) {
		end := strings.IndexAny(rest, ";, \t")
		if end < 0 {
			end = len(rest)
		}
		return name, rest[:end], rest[end:], isToken(rest[:end])
	}
	var text strings.Builder
	for i := 1; i < len(rest); i++ {
		switch c := rest[i]; c {
		case '"':
			return name, text.String(), rest[i+1:], true
		case '\\':
			if i++; i == len(rest) {
				return "", "", "", false
			}
			text.WriteByte(rest[i])
		default:
			text.WriteByte(c)
		}
	}
	return "", "", "", false
}

// isToken tells whether it is one (RFC 9110, 5.6.2).
func isToken(text string) bool {
	return text != "" && strings.Trim(strings.ToLower(text), "abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~") == ""
}
