package identity

import (
	"context"
	"testing"
)

func TestTelephoneNumbers(t *testing.T) {
	t.Parallel()
	p := &Profile{catalog: NewCatalog(nil)}
	for text, want := range map[string]string{
		"+49 30 123456":         "+4930123456",
		"+1 (415) 555-0100":     "+14155550100",
		"+44 20 7946 0958":      "+442079460958",
		"030 123456":            "", // of which country?
		"+49 30 123456 ext. 7":  "",
		"+1":                    "",
		"+999999999999999999":   "",
		"+49 30 12x456 OR 1=1":  "",
		"tel:+4930123456":       "",
		"+4930123456\n+4930999": "",
	} {
		err := p.Check(context.Background(), ClaimMobile, text, "", false)
		if (err == nil) != (want != "") {
			t.Errorf("Check(%q) = %v, want accepted %v", text, err, want != "")
		}
		if err == nil && p.Kept(ClaimMobile, text) != want {
			t.Errorf("Kept(%q) = %q, want %q", text, p.Kept(ClaimMobile, text), want)
		}
	}
	if got := p.Kept(ClaimEmail, " As Typed "); got != " As Typed " {
		t.Errorf("other claims are kept as %q", got)
	}
}
