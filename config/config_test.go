package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"usher/config"
)

// load reads settings as a command of cmd/usher does.
func load(t *testing.T, args, environ []string) *config.Config {
	t.Helper()
	var cli struct {
		Serve struct {
			Role     string
			Settings config.Config `embed:""`
		} `cmd:""`
	}
	parser, err := kong.New(&cli, config.Load(environ))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(append([]string{"serve"}, args...)); err != nil {
		t.Fatal(err)
	}
	return &cli.Serve.Settings
}

func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "usher.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func find(t *testing.T, c *config.Config, key string) config.Setting {
	t.Helper()
	all := c.Settings()
	i := slices.IndexFunc(all, func(s config.Setting) bool { return s.Key == key })
	if i < 0 {
		t.Fatalf("no setting %s", key)
	}
	return all[i]
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "# ours\nlisten_addr: 127.0.0.1:3\nots: x\n")
	good := writeFile(t, "# ours\nlisten_addr: 127.0.0.1:3\n")
	for name, test := range map[string]struct {
		args, environ []string
		value, origin string
	}{
		"default":           {nil, nil, ":9443", "default"},
		"file by flag":      {[]string{"--config", good}, nil, "127.0.0.1:3", good + ":2"},
		"file by variable":  {nil, []string{"USHER_CONFIG=" + good}, "127.0.0.1:3", good + ":2"},
		"one flag, 2 files": {[]string{"--config", good}, []string{"USHER_CONFIG=" + file}, "127.0.0.1:3", good + ":2"},
		"variable":          {nil, []string{"USHER_LISTEN_ADDR=127.0.0.1:2"}, "127.0.0.1:2", "variable"},
		"variable and file": {[]string{"--config", good}, []string{"USHER_LISTEN_ADDR=127.0.0.1:2"}, "127.0.0.1:2", "variable"},
		"empty variable":    {[]string{"--config", good}, []string{"USHER_LISTEN_ADDR="}, "127.0.0.1:3", good + ":2"},
		"all": {
			[]string{"--config", good, "--listen-addr", "127.0.0.1:1"},
			[]string{"USHER_LISTEN_ADDR=127.0.0.1:2"},
			"127.0.0.1:1", "flag",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t, test.args, test.environ)
			if err := config.Validate(c); err != nil {
				t.Fatal(err)
			}
			got := find(t, c, "listen_addr")
			if got.Value != test.value || got.Origin != test.origin || c.ListenAddr != test.value {
				t.Errorf("got %q from %s, want %q from %s", got.Value, got.Origin, test.value, test.origin)
			}
		})
	}
}

func TestDefaultsAreValidAndAsPublished(t *testing.T) {
	t.Parallel()
	c := load(t, nil, nil)
	if err := config.Validate(c); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range c.Settings() {
		got[s.Variable] = s.Value
	}
	for variable, want := range map[string]string{
		"USHER_LISTEN_ADDR":    ":9443",
		"USHER_TLS":            "self-signed",
		"USHER_PUBLIC_URL":     "https://localhost:9443",
		"USHER_DATABASE_URL":   "sqlite:data/usher.db",
		"USHER_ADMIN_USERNAME": "admin",
		"USHER_SMTP_URL":       "",
		"USHER_OPS_ADDR":       "127.0.0.1:9090",
		"USHER_RATE_LIMITS":    "on",
		"USHER_LOG_LEVEL":      "info",
		"USHER_EXECUTION_LIFE": "15m0s",
	} {
		if value, ok := got[variable]; !ok || value != want {
			t.Errorf("%s: got %q, want %q", variable, value, want)
		}
	}
}

func TestEveryKindOfValue(t *testing.T) {
	t.Parallel()
	file := writeFile(t, `
otp_life: 90s
tls: off
rate_limits: off
secret_key: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE
cors_origins:
  - https://a.example
  - https://b.example:8443
password_min_length: 12
`)
	c := load(t, []string{"--config=" + file, "--password-max-length=64"}, []string{"USHER_DATA_DIR=/srv/usher", "PATH=/bin"})
	if err := config.Validate(c); err != nil {
		t.Fatal(err)
	}
	if c.OTPLife != 90*time.Second || c.TLS != config.TLSOff || c.RateLimits != config.Off {
		t.Errorf("got %v, %q, %q", c.OTPLife, c.TLS, c.RateLimits)
	}
	if diff := cmp.Diff([]string{"https://a.example", "https://b.example:8443"}, c.CORSOrigins); diff != "" {
		t.Error(diff)
	}
	if c.PasswordMinLength != 12 || c.PasswordMaxLength != 64 {
		t.Errorf("got %d to %d", c.PasswordMinLength, c.PasswordMaxLength)
	}
	if got := string(c.Key()); got != "01234567890123456789012345678901" {
		t.Errorf("key: got %q", got)
	}
	if got := c.SQLitePath(); got != "/srv/usher/usher.db" {
		t.Errorf("database: got %q", got)
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "listen_adr: :1\notp_life: 5 minutes\nsms_token: t0ken\nsms_token: t0ken\nlog_level: {a: b}\n")
	c := load(t,
		[]string{"--config", file, "--listen-addr", "9443", "--tls=file"},
		[]string{
			"USHER_SIGN_IN_MAX_FAILURES=many", "USHER_PASSWORD_MIN_LENGTHS=9", "USHER_DATABASE_URL=mysql://usher:hunter2@db/usher",
			"USHER_SECRET_KEY=c2hvcnQ=", "USHER_SMTP_URL=smtp://u:p#hunter2@mail.example", "USHER_PASSWORD_MAX_LENGTH=4",
			"USHER_PORT_9443_TCP_ADDR=10.0.0.1", "USHER_SERVICE_HOST=10.0.0.1",
		})
	err := config.Validate(c)
	var problems config.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{
		file + `:1: no such setting "listen_adr", did you mean listen_addr?`,
		file + `:4: sms_token is set a second time, first in line 3`,
		file + `:5: log_level wants a value or a list of values`,
		`--otp-life (USHER_OTP_LIFE): "5 minutes" is not a duration such as 90s, 15m or 24h`,
		`--listen-addr (USHER_LISTEN_ADDR): "9443" is not an address such as 127.0.0.1:9443 or :9443`,
		`--tls (USHER_TLS): "file" is none of self-signed, files, off, did you mean files?`,
		`--sign-in-max-failures (USHER_SIGN_IN_MAX_FAILURES): "many" is not a whole number`,
		`USHER_PASSWORD_MIN_LENGTHS: no such setting, did you mean USHER_PASSWORD_MIN_LENGTH?`,
		`--database-url (USHER_DATABASE_URL): must be sqlite:PATH or postgres://user:password@host:port/name`,
		`--secret-key (USHER_SECRET_KEY): must be 32 bytes in base64, as 'openssl rand -base64 32' prints them`,
		`--mail-from (USHER_MAIL_FROM): must be given with --smtp-url`,
		`--sms-token (USHER_SMS_TOKEN): has a meaning with --sms-url only`,
		`--password-max-length (USHER_PASSWORD_MAX_LENGTH): must not be less than --password-min-length`,
	} {
		if !slices.Contains(strings.Split(err.Error(), "\n"), want) {
			t.Errorf("missing: %s", want)
		}
	}
	if len(problems) != 14 { // those above, and the mail server's
		t.Errorf("got %d problems:\n%v", len(problems), err)
	}
	for _, secret := range []string{"hunter2", "t0ken", "c2hvcnQ"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("repeats the secret %q", secret)
		}
	}
}

func TestFileThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ path, want string }{
		"absent":        {filepath.Join(t.TempDir(), "usher.yaml"), "no such file"},
		"not YAML":      {writeFile(t, "listen_addr: :1\nsms_token: 'hunter2\n"), "is not YAML"},
		"a list":        {writeFile(t, "- hunter2\n"), "is not one list of lines"},
		"an alias":      {writeFile(t, "log_level: &a info\ntls: *a\n"), "tls wants a value"},
		"two documents": {writeFile(t, "log_level: info\n---\nsms_token: hunter2\n"), "is not one list"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := config.Validate(load(t, []string{"--config", test.path}, nil))
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	for name, content := range map[string]string{"empty": "", "comments": "# nothing\n\n", "nulls": "log_level:\ntls: ~\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := load(t, []string{"--config", writeFile(t, content)}, nil)
			if err := config.Validate(c); err != nil || c.LogLevel != "info" {
				t.Errorf("got level %q, %v", c.LogLevel, err)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args string
		ok   bool
	}{
		{"--listen-addr=[::1]:0", true},
		{"--listen-addr=localhost:70000", false},
		{"--public-url=https://id.example.com", true},
		{"--public-url=http://localhost:8080", true},
		{"--public-url=https://id.example.com/", false},
		{"--public-url=https://u:p@id.example.com", false},
		{"--public-url=ftp://id.example.com", false},
		{"--public-url=https://id.example.com:0", false},
		{"--cors-origins=*", false},
		{"--cors-origins=https://a.example,https://b.example/x", false},
		{"--outbound-allow=10.1.0.0/16,fd00::/8", true},
		{"--outbound-allow=10.1.0.1/16", false},
		{"--outbound-allow=10.1.0.1", false},
		{"--outbound-allow=::ffff:10.1.0.0/112", false},
		{"--trusted-proxies=10.1.0.0/16,fd00::/8", true},
		{"--trusted-proxies=10.1.0.1/16", false},
		{"--trusted-proxies=unix", false},
		{"--trusted-proxies=::ffff:10.1.0.0/112", false},
		{"--sms-countries=DE,AT", true},
		{"--sms-countries=de", false},
		{"--sms-countries=Germany", false},
		{"--limit-starts=600000 --limit-passwords=1 --limit-messages=2 --limit-guesses=2", true},
		{"--limit-starts=0", false},
		{"--limit-starts=600001", false},
		{"--limit-passwords=0", false},
		{"--limit-messages=1", false},
		{"--limit-guesses=1", false},
		{"--sms-daily-limit=1", false},
		{"--sms-tenant-daily-limit=0", false},
		{"--rate-limits=some", false},
		{"--tls=files", false},
		{"--tls=files --tls-cert-file=c --tls-key-file=k", true},
		{"--tls-cert-file=c", false},
		{"--database-url=sqlite:/srv/usher.db", true},
		{"--database-url=sqlite::memory:", false},
		{"--database-url=sqlite://srv/usher.db", false},
		{"--database-url=sqlite:a.db?mode=ro", false},
		{"--database-url=mysql://db", false},
		{"--database-url=postgres://usher:p%23@db:5432/usher?sslmode=verify-full " + aKey, true},
		{"--database-url=postgresql://db/usher " + aKey, true},
		{"--database-url=postgres:///usher?host=/run/postgresql " + aKey, true},
		{"--database-url=postgres://db/usher", false},
		{"--database-url=postgres:///usher " + aKey, false},
		{"--database-url=postgres://usher:a#b@db/usher " + aKey, false},
		{"--database-url=postgres://usher:a@b@db/usher " + aKey, false},
		{"--database-url=postgres:db/usher " + aKey, false},
		{"--smtp-url=smtp://mail.example:25 --mail-from=a@example.com", true},
		{"--smtp-url=smtps://u%40x:p%23@mail.example --mail-from=a@example.com", true},
		{"--smtp-url=mail.example:25 --mail-from=a@example.com", false},
		{"--smtp-url=smtp://localhost:25?tls=none --mail-from=a@example.com", true},
		{"--smtp-url=smtp://mail.example?tls=perhaps --mail-from=a@example.com", false},
		{"--smtp-url=smtp://mail.example/x --mail-from=a@example.com", false},
		{"--mail-from=nobody", false},
		{"--sms-url=https://sms.example/messages?x=1 --sms-token=t", true},
		{"--sms-url=sms.example", false},
		{"--otp-life=0s", false},
		{"--key-rotation=0", true},
		{"--key-rotation=24h", true},
		{"--key-rotation=23h", false},
		{"--key-rotation=-1s", false},
		{"--key-rotation=90d", false},
		{"--key-rotation=90000h", false},
		{"--password-min-digits=-1", false},
		{"--password-min-upper=60 --password-min-lower=60 --password-max-length=100", false},
		{"--password-hash-memory-kib=8 --password-hash-time=1", true},
		{"--password-hash-memory-kib=7", false},
		{"--password-hash-memory-kib=262144 --password-hash-time=9", false},
		{"--password-hash-time=999999999", false},
		{"--log-level=debug --log-format=json", true},
		{"--log-level=loud", false},
		{"--data-dir=", false},
		{"--other-secret-keys=" + key + ",", false},
		{"--other-secret-keys=short", false},
		{"--other-secret-keys=" + key, true},
		{"--other-secret-keys=" + key + "," + key, true}, // whether they go together is seen with the key itself
		{"--admin-username=", false},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			if err := config.Validate(load(t, strings.Fields(test.args), nil)); (err == nil) != test.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

// key is 32 bytes.
const (
	key  = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	aKey = "--secret-key=" + key
)

// The key that a message about it asks for is not repeated, nor the address.
func TestPostgresWantsTheKey(t *testing.T) {
	t.Parallel()
	err := config.Validate(load(t, []string{"--database-url=postgres://usher:hunter2@db/usher"}, nil))
	if err == nil || !strings.Contains(err.Error(), "--secret-key (USHER_SECRET_KEY): must be given with postgres://") {
		t.Errorf("got %v", err)
	}
	err = config.Validate(load(t, []string{"--database-url=postgres://usher:hunter2#@db/usher", aKey}, nil))
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestSecretsAreHidden(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ variable, value, shown string }{
		{"USHER_ADMIN_PASSWORD", "hunter2", "(hidden)"},
		{"USHER_SECRET_KEY", "hunter2", "(hidden)"},
		{"USHER_SMS_TOKEN", "hunter2", "(hidden)"},
		{"USHER_SMS_URL", "https://sms.example/hunter2?k=hunter2", "https://sms.example/(hidden)"},
		{"USHER_SMTP_URL", "smtp://mail.example:587", "smtp://mail.example:587"},
		{"USHER_SMTP_URL", "smtp://usher:hunter2@mail.example:587", "smtp://(hidden)@mail.example:587"},
		{"USHER_SMTP_URL", "smtp://usher:123#hunter2@mail.example", "(hidden)"},
		{"USHER_SMTP_URL", "smtp://usher:hunter2/x@mail.example", "(hidden)"},
		{"USHER_SMTP_URL", "smtp://hunter2?x@mail.example", "(hidden)"},
		{"USHER_SMTP_URL", "smtp://u:a@hunter2#b@mail.example", "(hidden)"},
		{"USHER_SMTP_URL", "usher:hunter2@mail.example", "(hidden)"},
		{"USHER_DATABASE_URL", "postgres://usher:hunter2@db/usher", "postgres://(hidden)@db/(hidden)"},
		{"USHER_VALKEY_URL", "valkeys://usher:hunter2@valkey.example/3", "valkeys://(hidden)@valkey.example/(hidden)"},
		{"USHER_VALKEY_URL", "unix://usher:hunter2@/run/valkey.sock", "(hidden)"},
		{"USHER_DATABASE_URL", "sqlite:/srv/usher.db", "sqlite:/srv/usher.db"},
	} {
		c := load(t, nil, []string{test.variable + "=" + test.value})
		key := strings.ToLower(strings.TrimPrefix(test.variable, "USHER_"))
		if got := find(t, c, key).Value; got != test.shown {
			t.Errorf("%s=%s: shown as %q, want %q", test.variable, test.value, got, test.shown)
		}
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	quiet := load(t, []string{"--smtp-url=smtp://localhost", "--mail-from=a@example.com", "--sms-url=https://sms.example.com"}, nil)
	if got := quiet.Warnings(); len(got) != 0 {
		t.Errorf("got %q", got)
	}
	loud := load(t, []string{"--rate-limits=off", "--ops-addr=:9090", "--public-url=http://id.example.com"}, nil).Warnings()
	flags := []string{"--rate-limits", "--smtp-url", "--sms-url", "--ops-addr", "--public-url"}
	if len(loud) != len(flags) {
		t.Fatalf("got %q, want one about each of %q", loud, flags)
	}
	for i, name := range flags {
		if !strings.HasSuffix(loud[i], "("+name+")") {
			t.Errorf("got %q, want %s named", loud[i], name)
		}
	}
}
