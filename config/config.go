package config

import (
	"encoding/base64"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"time"
)

// Config is every setting of the server. Embed it in a command of a kong
// grammar that was built with Load, which fills it in; Validate says whether
// it can be used.
//
// Tags: name is the flag, of which the variable and the file's key are
// spellings; secret says how Settings hides the value, "all" of it or all of a
// "url" but its scheme and host.
type Config struct {
	File    string `name:"config" group:"server" placeholder:"FILE" help:"File with settings, as YAML lines of the form 'key: value'."`
	DataDir string `name:"data-dir" group:"server" default:"data" help:"Folder of everything the server keeps: database, certificate, secret key, mail that is not sent."`

	ListenAddr      string        `name:"listen-addr" group:"server" default:":9443" help:"Address that clients connect to."`
	PublicURL       string        `name:"public-url" group:"server" default:"https://localhost:9443" help:"How clients see the server: issuer, links in mail, origin of passkeys."`
	CORSOrigins     []string      `name:"cors-origins" group:"server" placeholder:"ORIGIN" help:"Further origins whose pages may call the server, such as https://app.example.com."`
	TLS             string        `name:"tls" group:"server" default:"self-signed" help:"Certificate: 'self-signed' (made by the server), 'files', or 'off' behind a proxy that has one."`
	TLSCertFile     string        `name:"tls-cert-file" group:"server" placeholder:"FILE" help:"Certificate chain in PEM, for --tls=files. Read again when it changes."`
	TLSKeyFile      string        `name:"tls-key-file" group:"server" placeholder:"FILE" help:"Private key in PEM, for --tls=files."`
	OpsAddr         string        `name:"ops-addr" group:"server" default:"127.0.0.1:9090" help:"Address of /livez, /readyz, /metrics and profiles; not for the public."`
	ShutdownTimeout time.Duration `name:"shutdown-timeout" group:"server" default:"20s" help:"How long running requests may take to finish when the server stops."`
	OutboundAllow   []string      `name:"outbound-allow" group:"server" placeholder:"NETWORK,..." help:"Private networks that identity providers may be reached in, such as 10.1.0.0/16. By default none: what administrators of tenants configure cannot make the server call into its own network."`
	TrustedProxies  []string      `name:"trusted-proxies" group:"server" placeholder:"NETWORK,..." help:"Networks of proxies in front of the server, such as 10.1.0.0/16: what they say in Forwarded or X-Forwarded-For is where a request comes from. By default none is believed."`
	LogLevel        string        `name:"log-level" group:"server" default:"info" help:"Least level that is logged: debug, info, warn or error."`
	LogFormat       string        `name:"log-format" group:"server" default:"auto" help:"'text', 'json', or 'auto': text on a terminal, else json."`

	AuditStream   string `name:"audit-stream" group:"server" placeholder:"TARGET" help:"Where each entry of the audit log is repeated as a line of JSON: file:PATH, syslog: for this machine's, syslog+udp://HOST:PORT or syslog+tcp://HOST:PORT."`
	TracesURL     string `name:"traces-url" group:"server" secret:"url" placeholder:"URL" help:"Collector of OpenTelemetry traces, such as http://localhost:4318 (OTLP over HTTP). By default there are none."`
	TracesPercent int    `name:"traces-percent" group:"server" default:"100" help:"How many of a hundred requests are traced."`

	DatabaseURL string `name:"database-url" group:"storage" secret:"url" placeholder:"sqlite:DATA-DIR/usher.db" help:"Database: sqlite:PATH for one server, postgres://user:password@host:port/name for several."`
	ValkeyURL   string `name:"valkey-url" group:"storage" secret:"url" placeholder:"URL" help:"Valkey or Redis that keeps running flows and limits in place of the database, as valkey://user:password@host:port/number, valkeys:// with TLS, or unix:///path. By default the database keeps them; docs/valkey.md says when this pays."`
	SecretKey   string `name:"secret-key" group:"storage" secret:"all" placeholder:"BASE64" help:"32 bytes in base64 that seal what is secret at rest. Made at first start and kept in secret.key in the data folder; with PostgreSQL it has to be given, the same to every server."`
	OtherKeys   string `name:"other-secret-keys" group:"storage" secret:"all" placeholder:"BASE64,…" help:"Secret keys that open what they sealed, but seal nothing, separated by commas: while the secret key is replaced, the one before, or the one to come."`

	AuditRetention time.Duration `name:"audit-retention" group:"storage" default:"9600h" help:"How long entries of the audit log are kept; 0 means for ever. 9600h are 400 days."`

	AdminUsername string `name:"admin-username" group:"admin" default:"admin" help:"Name of the administrator made at first start."`
	AdminPassword string `name:"admin-password" group:"admin" secret:"all" placeholder:"PASSWORD" help:"The administrator's password at first start. Generated and printed once when not given."`

	SMTPURL  string `name:"smtp-url" group:"messages" secret:"url" placeholder:"URL" help:"Mail server, as smtp://user:password@host:587 or smtps://user:password@host:465. Without one, mail is written to files in the data folder."`
	MailFrom string `name:"mail-from" group:"messages" placeholder:"ADDRESS" help:"Sender of mail, such as 'Example <no-reply@example.com>'."`
	SMSURL   string `name:"sms-url" group:"messages" secret:"url" placeholder:"URL" help:"Where text messages are posted as JSON {to, body}."`
	SMSToken string `name:"sms-token" group:"messages" secret:"all" placeholder:"TOKEN" help:"Bearer token for --sms-url."`

	ExecutionLife  time.Duration `name:"execution-life" group:"flows" default:"15m" help:"How long a flow may take from start to end; 'usher flow life' decides otherwise for one type."`
	InvitationLife time.Duration `name:"invitation-life" group:"flows" default:"24h" help:"How long an invitation is good for."`
	OTPLife        time.Duration `name:"otp-life" group:"flows" default:"5m" help:"How long a one-time code is good for."`

	CaptchaProvider  string   `name:"captcha-provider" group:"captcha" default:"none" help:"What pages with a CAPTCHA are guarded by: none, recaptcha-v2, recaptcha-v3, hcaptcha or turnstile."`
	CaptchaSiteKey   string   `name:"captcha-site-key" group:"captcha" placeholder:"KEY" help:"The site's public key at the provider."`
	CaptchaSecret    string   `name:"captcha-secret" group:"captcha" secret:"all" placeholder:"SECRET" help:"The site's secret at the provider."`
	CaptchaMinScore  int      `name:"captcha-min-score" group:"captcha" default:"50" help:"Least score that counts as a person, in hundredths (recaptcha-v3)."`
	CaptchaHosts     []string `name:"captcha-hosts" group:"captcha" placeholder:"HOST,..." help:"Host names whose pages may show the captcha; none means any that the provider lets."`
	CaptchaWhenDown  string   `name:"captcha-when-down" group:"captcha" default:"closed" help:"What happens while the provider cannot be asked: 'closed' lets nobody through, 'open' everybody."`
	CaptchaVerifyURL string   `name:"captcha-verify-url" group:"captcha" placeholder:"URL" help:"Where responses are verified, if not at the provider itself."`

	WebAuthnRPID    string   `name:"webauthn-rp-id" group:"passkeys" placeholder:"DOMAIN" help:"Domain that passkeys are bound to. By default the host of --public-url; another one makes every existing passkey useless."`
	WebAuthnOrigins []string `name:"webauthn-origins" group:"passkeys" placeholder:"ORIGIN" help:"Origins whose pages may create and use passkeys, all within that domain. By default --public-url and those of --cors-origins that are."`

	SignInMaxFailures int           `name:"sign-in-max-failures" group:"passwords" default:"5" help:"Failed sign-ins in a row before the account is locked for a while."`
	SignInLockTime    time.Duration `name:"sign-in-lock-time" group:"passwords" default:"15m" help:"How long such a lock lasts."`

	RateLimits          string   `name:"rate-limits" group:"limits" default:"on" help:"'on', or 'off' for load tests."`
	LimitStarts         int      `name:"limit-starts" group:"limits" default:"600" help:"How many flows of one type, and sign-ins, an address may start in a minute; its network has four times as many."`
	LimitPasswords      int      `name:"limit-passwords" group:"limits" default:"300" help:"How many wrong passwords an address may try in an hour; its network has four times as many."`
	LimitMessages       int      `name:"limit-messages" group:"limits" default:"30" help:"How many codes and links somebody may ask for in a day."`
	LimitGuesses        int      `name:"limit-guesses" group:"limits" default:"20" help:"How many wrong one-time codes there may be for one person in a day."`
	SMSCountries        []string `name:"sms-countries" group:"limits" placeholder:"CODE,..." help:"Countries that text messages are sent to, such as DE,AT,CH. By default all."`
	SMSDailyLimit       int      `name:"sms-daily-limit" group:"limits" default:"1000" help:"How many text messages are sent to one country in a day."`
	SMSTenantDailyLimit int      `name:"sms-tenant-daily-limit" group:"limits" default:"1000" help:"How many text messages are sent for one tenant in a day."`

	KeyRotation time.Duration `name:"key-rotation" group:"passwords" default:"2160h" help:"Age at which the keys that tokens are signed with get successors; 0 means never."`

	PasswordMinLength  int `name:"password-min-length" group:"passwords" default:"8" help:"Fewest characters (Unicode code points) of a password."`
	PasswordMaxLength  int `name:"password-max-length" group:"passwords" default:"128" help:"Most characters of a password."`
	PasswordMinDigits  int `name:"password-min-digits" group:"passwords" default:"0" help:"Fewest digits in a password."`
	PasswordMinUpper   int `name:"password-min-upper" group:"passwords" default:"0" help:"Fewest upper case letters in a password."`
	PasswordMinLower   int `name:"password-min-lower" group:"passwords" default:"0" help:"Fewest lower case letters in a password."`
	PasswordMinSpecial int `name:"password-min-special" group:"passwords" default:"0" help:"Fewest characters of a password that are neither letters nor digits."`

	PasswordHashMemoryKiB int `name:"password-hash-memory-kib" group:"passwords" default:"19456" help:"Memory that hashing one password takes (Argon2id), in KiB."`
	PasswordHashTime      int `name:"password-hash-time" group:"passwords" default:"2" help:"Passes over that memory."`
	PasswordHashParallel  int `name:"password-hash-parallel" group:"passwords" default:"0" help:"How many passwords are hashed at once; 0 means one per processor."`

	origins map[string]string // by flag name; see Setting.Origin
	faults  Problems          // what Load could not read
}

// What the settings of a word may say.
const (
	TLSSelfSigned = "self-signed"
	TLSFiles      = "files"
	TLSOff        = "off"

	On  = "on"
	Off = "off"

	CaptchaNone   = "none"
	CaptchaClosed = "closed"
	CaptchaOpen   = "open"

	LogText = "text"
	LogJSON = "json"
	LogAuto = "auto"
)

// Postgres tells whether the database is PostgreSQL's, at DatabaseURL.
func (c *Config) Postgres() bool { return isPostgres(c.DatabaseURL) }

func isPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// SQLitePath is the file of the database where it is not PostgreSQL's. It is
// meant for a Config that Validate has passed.
func (c *Config) SQLitePath() string { return strings.TrimPrefix(c.DatabaseURL, "sqlite:") }

// Key is the secret key that was given, nil when none was. It is meant for a
// Config that Validate has passed.
func (c *Config) Key() []byte {
	key, _ := decodeKey(c.SecretKey)
	return key
}

// Others are the secret keys of OtherKeys. It is meant for a Config that
// Validate has passed.
func (c *Config) Others() [][]byte {
	var keys [][]byte
	for text := range strings.SplitSeq(c.OtherKeys, ",") {
		if key, _ := decodeKey(strings.TrimSpace(text)); key != nil {
			keys = append(keys, key)
		}
	}
	return keys
}

// OutboundNetworks are the networks of OutboundAllow. It is meant for a Config
// that Validate has passed.
func (c *Config) OutboundNetworks() []netip.Prefix { return networks(c.OutboundAllow) }

// Level is the least level to log; info where LogLevel is none.
func (c *Config) Level() slog.Level {
	var level slog.Level
	if level.UnmarshalText([]byte(c.LogLevel)) != nil {
		return slog.LevelInfo
	}
	return level
}

// InData is the path of a file in the data folder.
func (c *Config) InData(name string) string { return filepath.Join(c.DataDir, name) }

// decodeKey reads base64 as every common tool writes it: with either alphabet,
// with or without padding.
func decodeKey(text string) ([]byte, error) {
	text = strings.TrimRight(text, "=")
	text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	if text == "" {
		return nil, nil
	}
	return base64.RawStdEncoding.DecodeString(text)
}
