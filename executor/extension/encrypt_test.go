package extension

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"usher/connection/extension"
	"usher/executor/executortest"
)

// certified is a certificate of the key, in date from a day before the suite's
// now on for so many days.
func certified(t *testing.T, key *rsa.PrivateKey, days int) string {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: executortest.Now.AddDate(0, 0, -1), NotAfter: executortest.Now.AddDate(0, 0, days-1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestEncryption(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	k := newKit(t, &executortest.World{}, loopback)
	k.extension.Expose = []extension.Path{
		{Path: extension.ClaimPath(claimDepartment), Encrypted: true},
		{Path: extension.ClaimPath(claimTeams), Encrypted: true},
		{Path: extension.PathTenantDomain, Encrypted: true},
		{Path: extension.PathFlowType},
		{Path: extension.PathUserID, Encrypted: true},
	}
	k.extension.Certificate = certified(t, key, 2)
	k.knows(map[string]string{claimDepartment: "home", claimTeams: "a,b"})
	k.goesOn(nil)
	first := k.last()
	opened := func(text any) string {
		t.Helper()
		sealed, err := jose.ParseEncryptedCompact(text.(string), []jose.KeyAlgorithm{jose.RSA_OAEP_256}, []jose.ContentEncryption{jose.A256GCM})
		if err != nil {
			t.Fatal(err)
		}
		if sealed.Header.ExtraHeaders["cty"] != "application/json" {
			t.Errorf("header %v", sealed.Header)
		}
		plain, err := sealed.Decrypt(key)
		if err != nil {
			t.Fatal(err)
		}
		return string(plain)
	}
	claims := first.Event.Flow.User.Claims
	if opened(claims[0].Value) != "home" || opened(claims[1].Value) != "a,b" || opened(first.Event.Tenant.Domain) != executortest.Tenant {
		t.Errorf("asked %s", first.raw)
	}
	if first.Event.Flow.FlowType != "REGISTRATION" || first.Event.Flow.User.ID != "" || strings.Contains(first.raw, "home") {
		t.Errorf("asked %s", first.raw)
	}
	k.goesOn(nil)
	if again := k.last(); again.RequestID != first.RequestID || again.raw == first.raw {
		t.Error("the same question is to have the same requestId, and be encrypted anew")
	}
	k.request.After = 48 * time.Hour
	k.goesOn(nil)
	if want := `"event":{"flow":{"flowType":"REGISTRATION","flowId":"correlation"}}`; !strings.Contains(k.last().raw, want) || !strings.Contains(k.log.String(), "not in date") {
		t.Errorf("asked %s; log:\n%s", k.last().raw, &k.log)
	}
	k.silent("home")
}
