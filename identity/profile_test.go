package identity

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStandardClaims(t *testing.T) {
	t.Parallel()
	names := map[string]string{}
	for _, c := range StandardClaims() {
		if c.URI == "" || c.Name == "" || c.DisplayName == "" || c.Type == "" || !c.Standard {
			t.Errorf("incomplete claim %+v", c)
		}
		if strings.HasPrefix(c.URI, IdentityPrefix) && !c.ReadOnly {
			t.Errorf("%s can be written", c.URI)
		}
		if other, taken := names[strings.ToLower(c.Name)]; taken {
			t.Errorf("%s and %s share the name %s", c.URI, other, c.Name)
		}
		names[strings.ToLower(c.Name)] = c.URI
		if _, err := compiled(c.Pattern); err != nil {
			t.Errorf("%s: %v", c.URI, err)
		}
	}
}

func TestCatalogFind(t *testing.T) {
	t.Parallel()
	badge := Claim{URI: "http://example.com/claims/badge", Name: "badgeNumber", DisplayName: "Badge", Unique: true}
	impostor := Claim{URI: "http://example.com/claims/email", Name: "mobile", DisplayName: "Impostor"}
	k := NewCatalog([]Claim{impostor, badge})
	for name, want := range map[string]string{
		"email": ClaimEmail, "EMAIL": ClaimEmail, "emailaddress": ClaimEmail, ClaimEmail: ClaimEmail,
		strings.ToUpper(ClaimEmail): ClaimEmail, "givenName": ClaimGivenName, "givenname": ClaimGivenName,
		"birthDate": ClaimPrefix + "dob", "dob": ClaimPrefix + "dob", "username": ClaimUsername,
		"badgeNumber": badge.URI, "badge": badge.URI, badge.URI: badge.URI,
		"mobile": ClaimMobile, impostor.URI: impostor.URI, "locale": ClaimLocale,
	} {
		if c, ok := k.Find(name); !ok || c.URI != want {
			t.Errorf("Find(%q) = %q, %t; want %q", name, c.URI, ok, want)
		}
	}
	for _, name := range []string{"", "nothing", "http://wso2.org/claims/"} {
		if c, ok := k.Find(name); ok {
			t.Errorf("Find(%q) = %q", name, c.URI)
		}
	}
	if diff := cmp.Diff([]string{badge.URI, ClaimUserID, ClaimUsername}, k.Unique()); diff != "" {
		t.Errorf("Unique: %s", diff)
	}
}

func TestCatalogOverlay(t *testing.T) {
	t.Parallel()
	changed := Claim{URI: ClaimEmail, Name: "email", DisplayName: "A mail", Type: TypeEmail, Required: true, Unique: true}
	added := Claim{URI: "urn:x:badge", DisplayName: "badge"}
	k := NewCatalog([]Claim{changed, added})
	got, _ := k.Find(ClaimEmail)
	if !got.Required || !got.Unique || got.DisplayName != "A mail" || !got.Standard {
		t.Errorf("changed claim: %+v", got)
	}
	all := k.All()
	if len(all) != len(StandardClaims())+1 {
		t.Errorf("%d claims", len(all))
	}
	if all[0].URI != ClaimEmail { // "A mail"
		t.Errorf("first of All is %q", all[0].DisplayName)
	}
	if !slices.IsSortedFunc(all, func(a, b Claim) int {
		return strings.Compare(strings.ToLower(a.DisplayName), strings.ToLower(b.DisplayName))
	}) {
		t.Error("All is not sorted by display name")
	}
	all[0].Required = false
	if again, _ := k.Find(ClaimEmail); !again.Required {
		t.Error("a caller changed the catalogue")
	}
	if c, _ := k.Find("urn:x:badge"); c.Standard || c.Name == "" || c.Type != TypeString {
		t.Errorf("added claim: %+v", c)
	}
}

// profileStore is a ProfileStore of one overlay and some taken values.
type profileStore struct {
	overlay []Claim
	taken   map[string]string // claim and value to the owner's id
	lists   int
	err     error
}

func (s *profileStore) ListClaims(context.Context, string) ([]Claim, error) {
	s.lists++
	return s.overlay, s.err
}

func (s *profileStore) ValueTaken(_ context.Context, _, claim, value, exceptID string) (bool, error) {
	owner, ok := s.taken[claim+" "+ValueKey(value)]
	return ok && owner != exceptID, s.err
}

func TestProfileCheck(t *testing.T) {
	t.Parallel()
	store := &profileStore{
		overlay: []Claim{
			{URI: "urn:x:badge", Name: "badge", Pattern: `[A-Z]{2}[0-9]{3}`, Unique: true},
			{URI: "urn:x:alias", Name: "aliases", Pattern: `[a-z]+`, MultiValued: true},
			{URI: "urn:x:count", Name: "count", Type: TypeInteger},
			{URI: "urn:x:height", Name: "height", Type: TypeDecimal},
			{URI: "urn:x:member", Name: "member", Type: TypeBoolean, Required: true},
		},
		taken: map[string]string{"urn:x:badge ab123": "u1", ClaimUsername + " alice": "u1"},
	}
	p, err := NewProfiles(store, DefaultUsernameRules(), PasswordRules(8, 128, 0, 0, 0, 0)).For(t.Context(), DefaultTenant)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ uri, value, want string }{
		{ClaimEmail, "alice@example.com", ""},
		{ClaimEmail, "alice+tag@mail.example.co.uk", ""},
		{ClaimEmail, "", ""},
		{ClaimEmail, "alice", "claim.invalid"},
		{ClaimEmail, "alice@localhost", "claim.invalid"},
		{ClaimEmail, "a@b.example\r\nBcc: x@y.example", "claim.invalid"},
		{ClaimEmail, `"quoted"@example.com`, "claim.invalid"},
		{ClaimEmail, strings.Repeat("a", 65) + "@example.com", "claim.invalid"},
		{ClaimMobile, "+4915112345678", ""},
		{ClaimMobile, "0771234567", "claim.phone"},
		{ClaimMobile, "+49 151 1234567", ""},
		{ClaimPrefix + "dob", "1990-02-28", ""},
		{ClaimPrefix + "dob", "1990-02-30", "claim.invalid"},
		{ClaimPrefix + "url", "https://example.com/me", ""},
		{ClaimPrefix + "url", "javascript:alert(1)", "claim.invalid"},
		{ClaimPrefix + "url", "//example.com", "claim.invalid"},
		{ClaimGivenName, "Zoë <b>", ""},
		{ClaimGivenName, "nul\x00", "claim.invalid"},
		{ClaimGivenName, "\xff", "claim.invalid"},
		{ClaimGivenName, strings.Repeat("x", 4097), "claim.invalid"},
		{ClaimLocale, "de-CH", ""},
		{ClaimLocale, "de_CH", ""},
		{ClaimLocale, "<script>", "claim.invalid"},
		{ClaimEmailVerified, "true", "claim.readOnly"},
		{ClaimUserID, "x", "claim.readOnly"},
		{"urn:x:nothing", "x", "claim.unknown"},
		{"urn:x:badge", "XY999", ""},
		{"urn:x:badge", "xXY999", "claim.invalid"},
		{"urn:x:badge", "AB123", "claim.taken"},
		{"urn:x:alias", "one,two", ""},
		{"urn:x:alias", "one,TWO", "claim.invalid"},
		{"urn:x:alias", "one,,two", "claim.invalid"},
		{"urn:x:count", "-12", ""},
		{"urn:x:count", "1.5", "claim.invalid"},
		{"urn:x:height", "1.85", ""},
		{"urn:x:height", "NaN", "claim.invalid"},
		{"urn:x:height", "0x1p4", "claim.invalid"},
		{"urn:x:member", "true", ""},
		{"urn:x:member", "yes", "claim.invalid"},
		{"urn:x:member", "", "claim.required"},
		{ClaimUsername, "bob", ""},
		{ClaimUsername, "bob@example.com", ""},
		{ClaimUsername, "", "username.required"},
		{ClaimUsername, "b", "username.invalid"},
		{ClaimUsername, "bob\u202egnp", "username.invalid"},
		{ClaimUsername, "bob\u200b", "username.invalid"},
		{ClaimUsername, "\u00a0bob", "username.invalid"},
		{ClaimUsername, "Alice", "username.taken"},
	} {
		checkKey(t, p.Check(t.Context(), test.uri, test.value, "", true), test.want, test.uri+" = "+test.value)
	}
	checkKey(t, p.Check(t.Context(), "urn:x:badge", "AB123", "u1", true), "", "own value")
	checkKey(t, p.Check(t.Context(), "urn:x:badge", "AB123", "", false), "", "without asking the store")

	checkKey(t, p.CheckPassword("long enough"), "", "password")
	checkKey(t, p.CheckPassword("short"), "password.invalid", "short password")
	checkKey(t, p.CheckPassword("a\u0308o\u0308u\u0308a\u0308"), "password.invalid", "eight code points that are four")
	checkKey(t, p.CheckPassword("with\x00control"), "password.invalid", "control character")

	if uri, ok := p.Canonical("Email"); uri != ClaimEmail || !ok {
		t.Errorf("Canonical = %q, %t", uri, ok)
	}

	store.err = errors.New("database is gone")
	err = p.Check(t.Context(), ClaimUsername, "carol", "", true)
	var input *InputError
	if !errors.Is(err, store.err) || errors.As(err, &input) {
		t.Errorf("a fault of the store: %v", err)
	}
}

func checkKey(t *testing.T, err error, want, what string) {
	t.Helper()
	var input *InputError
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case want != "" && !errors.As(err, &input):
		t.Errorf("%s: error = %v, want %s", what, err, want)
	case want != "" && input.Key != want:
		t.Errorf("%s: key = %s, want %s", what, input.Key, want)
	}
}

func TestProfilesAreCachedForASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &profileStore{}
		p := NewProfiles(store, nil, nil)
		find := func() {
			t.Helper()
			if _, err := p.For(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
		}
		find()
		find()
		if store.lists != 1 {
			t.Errorf("read %d times at once", store.lists)
		}
		time.Sleep(time.Second)
		find()
		if store.lists != 2 {
			t.Errorf("read %d times after a second", store.lists)
		}
		p.Changed("a")
		find()
		if store.lists != 3 {
			t.Errorf("read %d times after a change", store.lists)
		}
		store.err = errors.New("database is gone")
		if _, err := p.For(t.Context(), "b"); !errors.Is(err, store.err) {
			t.Errorf("For = %v", err)
		}
	})
}
