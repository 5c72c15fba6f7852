package limit

import (
	"context"
	"net/netip"
)

type clientKey struct{}

// WithClient returns a context of a request that comes from the address.
func WithClient(ctx context.Context, client netip.Addr) context.Context {
	return context.WithValue(ctx, clientKey{}, client)
}

// Client is the address that the request comes from; the zero Addr where there
// is none, as with Unix sockets and with what nobody asked for. It decides what
// is limited and nothing else.
func Client(ctx context.Context) netip.Addr {
	client, _ := ctx.Value(clientKey{}).(netip.Addr)
	return client
}

// Address is what one household, host or customer has: an IPv4 address, or a
// /64 of IPv6 (RFC 6177).
func Address(client netip.Addr) netip.Prefix { return prefix(client, 32, 64) }

// Network is what one site has: a /24 of IPv4, or a /48 of IPv6.
func Network(client netip.Addr) netip.Prefix { return prefix(client, 24, 48) }

func prefix(client netip.Addr, four, six int) netip.Prefix {
	client = client.Unmap().WithZone("")
	bits := six
	if client.Is4() {
		bits = four
	}
	p, err := client.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address
	}
	return p
}
