package httpapi

import (
	"net/http"
	"net/netip"
	"testing"

	"usher/limit"
)

var ours = Proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}

func from(peer string, header http.Header) *http.Request {
	return &http.Request{RemoteAddr: peer, Header: header}
}

func TestClient(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, peer     string
		forwarded, xff []string
		want           string
	}{
		{"nothing is said", "203.0.113.7:80", nil, nil, "203.0.113.7"},
		{"a stranger says something", "203.0.113.7:80", []string{"for=198.51.100.1"}, []string{"198.51.100.1"}, "203.0.113.7"},
		{"a proxy says nothing", "10.1.2.3:80", nil, nil, "10.1.2.3"},
		{"one proxy", "10.1.2.3:80", nil, []string{"198.51.100.1"}, "198.51.100.1"},
		{"a client that makes one up", "10.1.2.3:80", nil, []string{"192.0.2.9, 198.51.100.1"}, "198.51.100.1"},
		{"and in a line of its own", "10.1.2.3:80", nil, []string{"10.9.9.9", "198.51.100.1"}, "198.51.100.1"},
		{"a client that makes up nonsense", "10.1.2.3:80", nil, []string{"\"x, 198.51.100.1"}, "198.51.100.1"},
		{"two proxies", "10.1.2.3:80", nil, []string{"198.51.100.1,10.4.5.6"}, "198.51.100.1"},
		{"two proxies in two lines", "10.1.2.3:80", nil, []string{"198.51.100.1", "10.4.5.6"}, "198.51.100.1"},
		{"all are proxies", "10.1.2.3:80", nil, []string{"10.4.5.6, 10.7.8.9"}, "10.4.5.6"},
		{"with a port", "10.1.2.3:80", nil, []string{"198.51.100.1:4711"}, "198.51.100.1"},
		{"IPv6", "[fd00::1]:80", nil, []string{"2001:db8::7"}, "2001:db8::7"},
		{"IPv6 in brackets", "[fd00::1]:80", nil, []string{"[2001:db8::7]:4711"}, "2001:db8::7"},
		{"IPv4 in IPv6", "[::ffff:10.1.2.3]:80", nil, []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"the last is malformed", "10.1.2.3:80", nil, []string{"198.51.100.1, nobody"}, "10.1.2.3"},
		{"nothing after a comma", "10.1.2.3:80", nil, []string{"198.51.100.1,"}, "10.1.2.3"},
		{"empty", "10.1.2.3:80", nil, []string{""}, "10.1.2.3"},
		{"Forwarded", "10.1.2.3:80", []string{`for=198.51.100.1;proto=https;by=10.1.2.3`}, nil, "198.51.100.1"},
		{"Forwarded, IPv6", "10.1.2.3:80", []string{`For="[2001:db8::7]:4711"`}, nil, "2001:db8::7"},
		{"Forwarded, several", "10.1.2.3:80", []string{`for=192.0.2.9, for=198.51.100.1 , For=10.4.5.6`}, nil, "198.51.100.1"},
		{"Forwarded, hidden", "10.1.2.3:80", []string{`for=198.51.100.1, for=_hidden`}, nil, "10.1.2.3"},
		{"Forwarded, unknown", "10.1.2.3:80", []string{`for=unknown`}, nil, "10.1.2.3"},
		{"Forwarded, for nobody", "10.1.2.3:80", []string{`for=198.51.100.1, proto=https`}, nil, "10.1.2.3"},
		{"Forwarded, for two", "10.1.2.3:80", []string{`for=198.51.100.1;for=192.0.2.9`}, nil, "10.1.2.3"},
		{"Forwarded, an open quote", "10.1.2.3:80", []string{`for="198.51.100.1, for=192.0.2.9`}, nil, "10.1.2.3"},
		{"Forwarded, a quote around what the proxy adds", "10.1.2.3:80", []string{`for=192.0.2.9;x=", for=198.51.100.1;host="id.example.com"`}, nil, "10.1.2.3"},
		{"both agree", "10.1.2.3:80", []string{"for=198.51.100.1"}, []string{"198.51.100.1"}, "198.51.100.1"},
		{"both disagree", "10.1.2.3:80", []string{"for=192.0.2.9"}, []string{"198.51.100.1"}, "10.1.2.3"},
		{"a Unix socket", "@", nil, []string{"198.51.100.1"}, "invalid IP"},
		{"no peer", "", nil, []string{"198.51.100.1"}, "invalid IP"},
	} {
		h := http.Header{}
		if test.forwarded != nil {
			h["Forwarded"] = test.forwarded
		}
		if test.xff != nil {
			h["X-Forwarded-For"] = test.xff
		}
		if got := ours.Client(from(test.peer, h)).String(); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestClientIsNoted(t *testing.T) {
	t.Parallel()
	var got netip.Addr
	r := from("203.0.113.7:80", http.Header{"X-Forwarded-For": {"198.51.100.1"}})
	Proxies(nil).Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = limit.Client(r.Context()) })).ServeHTTP(nil, r)
	if got.String() != "203.0.113.7" || limit.Client(r.Context()) != got {
		t.Errorf("client %s", got)
	}
	if ours.Speaks(r) || !ours.Speaks(from("10.1.2.3:80", nil)) || ours.Speaks(from("@", nil)) {
		t.Error("the wrong ones are proxies")
	}
}

// FuzzClient: whatever a client says before what our proxy adds in a line of
// its own, it is the address that the proxy saw; and whatever the proxy says, it
// is one that was named or the proxy's.
func FuzzClient(f *testing.F) {
	for _, seed := range []string{"", "192.0.2.9", "for=192.0.2.9", `for="[2001:db8::1]:1"`, `x="`, "10.0.0.1, 10.0.0.2", "a=b;c=d,", "\\", `for="\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, said string) {
		seen := netip.MustParseAddr("198.51.100.1")
		for name, added := range map[string]string{"X-Forwarded-For": seen.String(), "Forwarded": "for=" + seen.String()} {
			if got := ours.Client(from("10.1.2.3:80", http.Header{name: {said, added}})); got != seen {
				t.Errorf("%s: %q: %s", name, said, got)
			}
			if got := ours.Client(from("10.1.2.3:80", http.Header{name: {said}})); !got.IsValid() || got.Zone() != "" || got.Is4In6() {
				t.Errorf("%s: %q: %s", name, said, got)
			}
			if got := ours.Client(from("203.0.113.7:80", http.Header{name: {said}})); got != netip.MustParseAddr("203.0.113.7") {
				t.Errorf("%s: %q from a stranger: %s", name, said, got)
			}
		}
	})
}
