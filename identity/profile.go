package identity

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// ProfileStore is what Profiles reads: which claims a tenant has, and whether
// a unique value is taken. Users and Claims have these methods.
type ProfileStore interface {
	ListClaims(ctx context.Context, tenant string) ([]Claim, error)
	ValueTaken(ctx context.Context, tenant, claim, value, exceptID string) (bool, error)
}

// profileLife is how long another process's change to the claims may go
// unnoticed.
const profileLife = time.Second

// maxProfiles bounds the cache where names of tenants come from requests.
const maxProfiles = 1024

// Profiles knows what each tenant asks of its users. It is safe for concurrent
// use.
type Profiles struct {
	store              ProfileStore
	username, password RuleSet

	mu       sync.Mutex
	byTenant map[string]cachedProfile
}

type cachedProfile struct {
	profile *Profile
	until   time.Time
}

// NewProfiles returns the profiles over a store, with the rules for user names
// and passwords that hold in every tenant.
func NewProfiles(store ProfileStore, username, password RuleSet) *Profiles {
	return &Profiles{store: store, username: username, password: password, byTenant: map[string]cachedProfile{}}
}

// For returns the tenant's profile. A change of the tenant's claims shows in
// it after a second at the latest, at once after Changed. The error is the
// store's.
func (p *Profiles) For(ctx context.Context, tenant string) (*Profile, error) {
	now := time.Now()
	p.mu.Lock()
	cached, ok := p.byTenant[tenant]
	p.mu.Unlock()
	if ok && now.Before(cached.until) {
		return cached.profile, nil
	}
	overlay, err := p.store.ListClaims(ctx, tenant)
	if err != nil {
		return nil, fmt.Errorf("list claims: %w", err)
	}
	profile := &Profile{
		tenant: tenant, store: p.store, catalog: NewCatalog(overlay),
		Username: p.username, Password: p.password,
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.byTenant) >= maxProfiles {
		clear(p.byTenant)
	}
	p.byTenant[tenant] = cachedProfile{profile, now.Add(profileLife)}
	return profile, nil
}

// Changed forgets what is cached of the tenant. Call it after its claims
// changed.
func (p *Profiles) Changed(tenant string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.byTenant, tenant)
}

// Profile is what a tenant asks of its users: its claims and the rules for user
// names and passwords.
type Profile struct {
	tenant  string
	store   ProfileStore
	catalog *Catalog

	// Username and Password are the rules that clients are told.
	Username, Password RuleSet
}

// Catalog returns the tenant's claims.
func (p *Profile) Catalog() *Catalog { return p.catalog }

// Canonical returns the URI of the claim that a name (URI, short name, last
// segment of the URI) stands for.
func (p *Profile) Canonical(name string) (uri string, ok bool) {
	c, ok := p.catalog.Find(name)
	return c.URI, ok
}

// Check tells whether a person may set the claim to the value; an empty value
// removes it. With unique it also asks the store whether a unique value
// belongs to a user other than exceptUserID; only creating or updating the
// user settles that. An *InputError says what the person can correct, any
// other error is a fault.
func (p *Profile) Check(ctx context.Context, uri, value, exceptUserID string, unique bool) error {
	c, ok := p.catalog.Find(uri)
	if !ok {
		return &InputError{"claim.unknown", "This attribute does not exist."}
	}
	if c.URI == ClaimUsername {
		if err := p.checkUsername(value); err != nil {
			return err
		}
	} else if err := c.check(value); err != nil {
		return err
	}
	if !unique || !c.Unique || value == "" {
		return nil
	}
	taken, err := p.store.ValueTaken(ctx, p.tenant, c.URI, value, exceptUserID)
	if err != nil {
		return fmt.Errorf("look up value of %s: %w", c.URI, err)
	}
	if taken {
		return (&TakenError{Claim: c.URI}).Input()
	}
	return nil
}

// Input returns what to tell a person about the taken value, where they may be
// told.
func (e *TakenError) Input() *InputError {
	if e.Claim == ClaimUsername {
		return &InputError{"username.taken", "This user name is taken."}
	}
	return &InputError{"claim.taken", "This value belongs to another account."}
}

// CheckPassword returns an *InputError when the password breaks a rule. Its
// length is counted in code points of the normalised password.
func (p *Profile) CheckPassword(value string) error {
	normalized, err := NormalizePassword(value)
	if err != nil {
		return err
	}
	return withKey(p.Password.Check(normalized), "password.invalid")
}

func (p *Profile) checkUsername(value string) error {
	invisible := func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
	}
	switch {
	case value == "":
		return &InputError{"username.required", "Enter a user name."}
	case !utf8.ValidString(value) || strings.ContainsFunc(value, invisible) ||
		strings.TrimSpace(value) != value || strings.TrimSpace(UsernameKey(value)) == "":
		return &InputError{"username.invalid", "This user name contains characters that cannot be used."}
	}
	return withKey(p.Username.Check(value), "username.invalid")
}

func withKey(err error, key string) error {
	if input, ok := errors.AsType[*InputError](err); ok {
		return &InputError{key, input.Text}
	}
	return err
}

// maxClaimBytes bounds one value of a claim.
const maxClaimBytes = 4096

// check tells whether a value, or each of several, is one of the claim's.
func (c Claim) check(value string) error {
	switch {
	case c.ReadOnly:
		return &InputError{"claim.readOnly", "This attribute cannot be changed."}
	case value == "" && c.Required:
		return &InputError{"claim.required", "Enter a value."}
	case value == "":
		return nil
	}
	values := []string{value}
	if c.MultiValued {
		values = SplitValues(value)
	}
	for _, v := range values {
		if !c.valid(v) && c.Type == TypePhone {
			return &InputError{"claim.phone", "Enter the number with + and the country code."}
		}
		if !c.valid(v) {
			return &InputError{"claim.invalid", "This value does not have the expected form."}
		}
	}
	return nil
}

func (c Claim) valid(value string) bool {
	control := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }
	if value == "" || len(value) > maxClaimBytes || !utf8.ValidString(value) || strings.ContainsFunc(value, control) {
		return false
	}
	if !c.Type.valid(value) {
		return false
	}
	if c.Pattern == "" {
		return true
	}
	re, err := compiled(`^(?:` + c.Pattern + `)$`)
	return err == nil && re.MatchString(value)
}

func (t ClaimType) valid(value string) bool {
	var err error
	switch t {
	case TypeBoolean:
		return value == "true" || value == "false"
	case TypeInteger:
		_, err = strconv.ParseInt(value, 10, 64)
	case TypeDecimal:
		return decimal(value)
	case TypeDate:
		_, err = time.Parse(time.DateOnly, value)
	case TypeEmail:
		at := strings.LastIndexByte(value, '@')
		return at > 0 && at < len(value)-1 && len(value) <= 254 && !strings.ContainsFunc(value, unicode.IsSpace)
	case TypeURI:
		return absoluteURI(value)
	case TypePhone:
		return e164(value) != ""
	}
	return err == nil
}

// decimal tells whether the value is a finite decimal number as JSON and XML
// write it; ParseFloat alone would accept NaN, hexadecimal and underscores.
func decimal(value string) bool {
	_, err := strconv.ParseFloat(value, 64)
	return err == nil && strings.Trim(value, "0123456789+-.eE") == ""
}

// absoluteURI tells whether the value is a URI with a scheme that is safe to
// follow when an application draws it as a link.
func absoluteURI(value string) bool {
	u, err := url.Parse(value)
	if err != nil || u.Scheme == "" || strings.ContainsFunc(value, unicode.IsSpace) {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "javascript", "vbscript", "data":
		return false
	}
	return true
}
