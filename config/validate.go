package config

import (
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"usher/audit/stream"
)

// Validate returns nil or every problem with the settings, as Problems: what
// Load could not read, what is out of range, what does not go together and
// what this release cannot honour. It looks at the settings alone, not at the
// files and addresses they name.
func Validate(c *Config) error {
	p := slices.Clone(c.faults)
	c.checkServer(&p)
	c.checkTLS(&p)
	c.checkStorage(&p)
	c.checkMessages(&p)
	c.checkCaptcha(&p)
	c.checkPasskeys(&p)
	c.checkSignIn(&p)
	c.checkPasswords(&p)
	c.checkLimits(&p)
	if len(p) == 0 {
		return nil
	}
	return p
}

func (c *Config) checkServer(p *Problems) {
	if c.DataDir == "" {
		p.add("data-dir", "must name a folder")
	}
	checkAddr(p, "listen-addr", c.ListenAddr)
	checkAddr(p, "ops-addr", c.OpsAddr)
	if !isOrigin(c.PublicURL) {
		p.add("public-url", "must be an address such as https://id.example.com, with neither path nor query")
	}
	for _, origin := range c.CORSOrigins {
		if !isOrigin(origin) {
			p.add("cors-origins", "%q is not an origin such as https://app.example.com", origin)
		}
	}
	for _, network := range c.OutboundAllow {
		if !isNetwork(network) {
			p.add("outbound-allow", "%q is not a network such as 10.1.0.0/16 or fd00::/8", network)
		}
	}
	for _, network := range c.TrustedProxies {
		if !isNetwork(network) {
			p.add("trusted-proxies", "%q is not a network such as 10.1.0.0/16 or fd00::/8", network)
		}
	}
	checkWord(p, "log-format", c.LogFormat, LogAuto, LogText, LogJSON)
	var level slog.Level
	if level.UnmarshalText([]byte(c.LogLevel)) != nil {
		p.add("log-level", "%q is none of debug, info, warn, error", c.LogLevel)
	}
	if c.AuditStream != "" {
		if err := stream.Check(c.AuditStream); err != nil {
			p.add("audit-stream", "%v", err)
		}
	}
	if c.TracesURL != "" && (!isWebAddress(c.TracesURL) || strings.HasSuffix(c.TracesURL, "/") || strings.ContainsAny(c.TracesURL, "?#")) {
		p.add("traces-url", "must be an address such as http://localhost:4318, without a slash at its end")
	}
	checkNumber(p, "traces-percent", c.TracesPercent, 0, 100)
	checkDuration(p, "shutdown-timeout", c.ShutdownTimeout, time.Hour)
	checkDuration(p, "execution-life", c.ExecutionLife, 30*24*time.Hour)
	checkDuration(p, "invitation-life", c.InvitationLife, 365*24*time.Hour)
	checkDuration(p, "otp-life", c.OTPLife, 24*time.Hour)
}

func (c *Config) checkTLS(p *Problems) {
	checkWord(p, "tls", c.TLS, TLSSelfSigned, TLSFiles, TLSOff)
	for _, f := range []struct{ flag, value string }{{"tls-cert-file", c.TLSCertFile}, {"tls-key-file", c.TLSKeyFile}} {
		switch {
		case c.TLS == TLSFiles && f.value == "":
			p.add(f.flag, "must be given with --tls=files")
		case c.TLS != TLSFiles && f.value != "":
			p.add(f.flag, "has a meaning with --tls=files only")
		}
	}
}

func (c *Config) checkStorage(p *Problems) {
	if problem := CheckDatabase(c.DatabaseURL); problem != "" {
		p.add("database-url", "%s", problem)
	}
	if c.ValkeyURL != "" {
		if problem := CheckValkey(c.ValkeyURL); problem != "" {
			p.add("valkey-url", "%s", problem)
		}
	}
	if c.Postgres() && c.SecretKey == "" {
		p.add("secret-key", "must be given with postgres://, the same for every server; if the data was copied from SQLite it is the one in %s", c.InData("secret.key"))
	}
	if key, err := decodeKey(c.SecretKey); err != nil || c.SecretKey != "" && len(key) != 32 {
		p.add("secret-key", "must be 32 bytes in base64, as 'openssl rand -base64 32' prints them")
	}
	if c.OtherKeys != "" && slices.ContainsFunc(strings.Split(c.OtherKeys, ","), func(text string) bool {
		key, err := decodeKey(strings.TrimSpace(text))
		return err != nil || len(key) != 32
	}) {
		p.add("other-secret-keys", "must each be 32 bytes in base64, separated by commas")
	}
	if least, most := 24*time.Hour, 100*365*24*time.Hour; c.AuditRetention != 0 && (c.AuditRetention < least || c.AuditRetention > most) {
		p.add("audit-retention", "must be 0, for ever, or between %s and %s", least, most)
	}
	if c.AdminUsername == "" {
		p.add("admin-username", "must not be empty")
	}
}

// CheckDatabase returns what is wrong with the address of a database, without
// repeating it; "" where it may be one.
func CheckDatabase(address string) (problem string) {
	path, isSQLite := strings.CutPrefix(address, "sqlite:")
	switch {
	case isPostgres(address):
		u, err := url.Parse(address)
		if err != nil || u.Fragment != "" || u.Host == "" && u.Query().Get("host") == "" || strings.Count(address, "@") > 1 {
			return "must be postgres://user:password@host:port/name; in the user name and password write @ as %40, : as %3A, / as %2F, ? as %3F and # as %23"
		}
	case !isSQLite:
		return "must be sqlite:PATH or postgres://user:password@host:port/name"
	case path == "" || strings.ContainsAny(path, "?#\x00") || strings.HasPrefix(path, ":") || strings.HasPrefix(path, "//"):
		return "must be sqlite: and the path of a file, such as sqlite:data/usher.db"
	}
	return ""
}

func (c *Config) checkMessages(p *Problems) {
	if c.SMTPURL != "" {
		if !isMailServer(c.SMTPURL) {
			p.add("smtp-url", "must be smtp://user:password@host:port or smtps://user:password@host:port, with no more than ?tls= after it; "+
				"in the user name and password write @ as %%40, : as %%3A, / as %%2F, ? as %%3F and # as %%23")
		}
		if c.MailFrom == "" {
			p.add("mail-from", "must be given with --smtp-url")
		}
	}
	if c.MailFrom != "" {
		if _, err := mail.ParseAddress(c.MailFrom); err != nil {
			p.add("mail-from", "%q is not an e-mail address", c.MailFrom)
		}
	}
	if c.SMSURL != "" && !isWebAddress(c.SMSURL) {
		p.add("sms-url", "must be an address such as https://sms.example.com/messages")
	}
	if c.SMSToken != "" && c.SMSURL == "" {
		p.add("sms-token", "has a meaning with --sms-url only")
	}
}

func (c *Config) checkSignIn(p *Problems) {
	checkNumber(p, "sign-in-max-failures", c.SignInMaxFailures, 1, 1000)
	checkDuration(p, "sign-in-lock-time", c.SignInLockTime, 365*24*time.Hour)
	// More often than once a day, more and more keys would be published.
	if c.OtherKeys != "" && slices.ContainsFunc(strings.Split(c.OtherKeys, ","), func(text string) bool {
		key, err := decodeKey(strings.TrimSpace(text))
		return err != nil || len(key) != 32
	}) {
		p.add("other-secret-keys", "must each be 32 bytes in base64, separated by commas")
	}
	if least, most := 24*time.Hour, 10*365*24*time.Hour; c.KeyRotation != 0 && (c.KeyRotation < least || c.KeyRotation > most) {
		p.add("key-rotation", "must be 0, for never, or between %s and %s", least, most)
	}
}

// Bounds of passwords and of what hashing one may cost; package identity
// refuses to verify hashes beyond them.
const (
	mostPasswordLength = 1024
	mostHashMemoryKiB  = 256 << 10
	mostHashWorkKiB    = 2 << 20 // memory times passes
)

func (c *Config) checkPasswords(p *Problems) {
	checkNumber(p, "password-min-length", c.PasswordMinLength, 1, mostPasswordLength)
	checkNumber(p, "password-max-length", c.PasswordMaxLength, 1, mostPasswordLength)
	if c.PasswordMinLength > c.PasswordMaxLength {
		p.add("password-max-length", "must not be less than --password-min-length")
	}
	required := 0
	for _, class := range []struct {
		flag string
		min  int
	}{
		{"password-min-digits", c.PasswordMinDigits},
		{"password-min-upper", c.PasswordMinUpper},
		{"password-min-lower", c.PasswordMinLower},
		{"password-min-special", c.PasswordMinSpecial},
	} {
		checkNumber(p, class.flag, class.min, 0, mostPasswordLength)
		required += max(class.min, 0)
	}
	if required > c.PasswordMaxLength {
		p.add("password-max-length", "leaves no room for the %d characters that the other rules ask for", required)
	}
	checkNumber(p, "password-hash-memory-kib", c.PasswordHashMemoryKiB, 8, mostHashMemoryKiB)
	checkNumber(p, "password-hash-time", c.PasswordHashTime, 1, mostHashWorkKiB/8)
	if c.PasswordHashMemoryKiB > 0 && c.PasswordHashTime > mostHashWorkKiB/c.PasswordHashMemoryKiB {
		p.add("password-hash-time", "costs too much with this much memory: their product must not exceed %d", mostHashWorkKiB)
	}
	checkNumber(p, "password-hash-parallel", c.PasswordHashParallel, 0, 1024)
}

func checkWord(p *Problems, flag, value string, words ...string) {
	if !slices.Contains(words, value) {
		p.add(flag, "%q is none of %s%s", value, strings.Join(words, ", "), suggest(value, words))
	}
}

func checkNumber(p *Problems, flag string, value, least, most int) {
	if value < least || value > most {
		p.add(flag, "%d is not between %d and %d", value, least, most)
	}
}

func checkDuration(p *Problems, flag string, value, most time.Duration) {
	if value < time.Second || value > most {
		p.add(flag, "%s is not between 1s and %s", value, most)
	}
}

func checkAddr(p *Problems, flag, addr string) {
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		p.add(flag, "%q is not an address such as 127.0.0.1:9443 or :9443", addr)
	}
}

// isOrigin tells whether the text is an origin of the web as browsers send it
// (RFC 6454, 6.2): scheme, host and port, no more.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && validHost(u) &&
		text == u.Scheme+"://"+u.Host && text == strings.ToLower(text)
}

func isMailServer(text string) bool {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "smtp" && u.Scheme != "smtps") || !validHost(u) ||
		(u.Path != "" && u.Path != "/") || u.Fragment != "" {
		return false
	}
	switch u.RawQuery {
	case "", "tls=required", "tls=opportunistic", "tls=none":
		return true
	}
	return false
}

func isWebAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && validHost(u)
}

func validHost(u *url.URL) bool {
	if u.Hostname() == "" || strings.HasSuffix(u.Host, ":") {
		return false
	}
	if port := u.Port(); port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		return err == nil && n > 0
	}
	return true
}

// Warnings returns what is allowed but seldom meant, one sentence each, for
// the log of a server that starts.
func (c *Config) Warnings() []string {
	var w []string
	if c.RateLimits == Off {
		w = append(w, "rate limits are off: anybody may guess and send as often as they like (--rate-limits)")
	}
	if c.SMTPURL == "" {
		w = append(w, "there is no mail server: mail is written to "+c.InData("outbox")+" (--smtp-url)")
	}
	if c.SMSURL == "" {
		w = append(w, "there is no gateway for text messages: they are written to "+c.InData("outbox")+" (--sms-url)")
	}
	if !isLoopback(c.OpsAddr) {
		w = append(w, "metrics and profiles can be read from other machines at "+c.OpsAddr+" (--ops-addr)")
	}
	if u, err := url.Parse(c.PublicURL); err == nil && u.Scheme == "http" && !isLoopback(net.JoinHostPort(u.Hostname(), "80")) {
		w = append(w, "clients are sent to "+c.PublicURL+" without encryption: passwords and codes can be read on the way (--public-url)")
	}
	return w
}

// isLoopback tells whether only this machine can reach the address.
func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
