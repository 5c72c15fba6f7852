package config

import (
	"net/netip"
	"strings"
)

// most bounds what a limit can be set to.
const (
	mostInMinute = 600_000
	mostInHour   = 1_000_000
	mostInDay    = 10_000_000
)

func (c *Config) checkLimits(p *Problems) {
	checkWord(p, "rate-limits", c.RateLimits, On, Off)
	checkNumber(p, "limit-starts", c.LimitStarts, 1, mostInMinute)
	checkNumber(p, "limit-passwords", c.LimitPasswords, 1, mostInHour)
	checkNumber(p, "limit-messages", c.LimitMessages, 2, mostInDay)
	checkNumber(p, "limit-guesses", c.LimitGuesses, 2, mostInDay)
	checkNumber(p, "sms-daily-limit", c.SMSDailyLimit, 2, mostInDay)
	checkNumber(p, "sms-tenant-daily-limit", c.SMSTenantDailyLimit, 2, mostInDay)
	for _, country := range c.SMSCountries {
		if len(country) != 2 || strings.Trim(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			p.add("sms-countries", "%q is not a country's code such as DE (ISO 3166-1)", country)
		}
	}
}

// ProxyNetworks are the networks of TrustedProxies. It is meant for a Config
// that Validate has passed.
func (c *Config) ProxyNetworks() []netip.Prefix { return networks(c.TrustedProxies) }

func networks(list []string) []netip.Prefix {
	var networks []netip.Prefix
	for _, text := range list {
		if network, err := netip.ParsePrefix(text); err == nil {
			networks = append(networks, network)
		}
	}
	return networks
}

// isNetwork tells whether it is one, whole and in its own form: as IPv6 (RFC
// 4291, 2.5.5.2) no address of IPv4 would be in it.
func isNetwork(text string) bool {
	network, err := netip.ParsePrefix(text)
	return err == nil && network == network.Masked() && !network.Addr().Is4In6()
}
