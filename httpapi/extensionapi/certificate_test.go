package extensionapi

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"usher/audit"
	"usher/connection/extension"
	"usher/identity"
)

// certificate is one in PEM, as it is sent, in date until an hour after the
// time.
func certificate(t *testing.T, at time.Time) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: at.Add(-time.Hour), NotAfter: at.Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestCertificate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	good := certificate(t, now)
	at := path + "/" + s.create(strings.TrimSuffix(risk, "}")+`,"encryption":{"certificate":"`+good+`"}}`).ID
	set := func(text string) string { return `{"encryption":{"certificate":"` + text + `"}}` }
	s.refused(s.call("PATCH", at, set(certificate(t, now.AddDate(1, 0, 0)))), http.StatusBadRequest, codeInvalid, "not in date")
	s.refused(s.call("PATCH", at, set(certificate(t, now.AddDate(-1, 0, 0)))), http.StatusBadRequest, codeInvalid, "not in date")
	for body, there := range map[string]bool{`{}`: true, `{"encryption":{}}`: true, `{"encryption":null}`: true, `{"encryption":{"certificate":null}}`: true, set(certificate(t, now)): true} {
		w := s.call("PATCH", at, body)
		if got := want[answer](t, w, http.StatusOK); (got.Encryption != nil) != there || strings.Contains(w.Body.String(), good) || !strings.Contains(w.Body.String(), `"encryption":{}`) {
			t.Errorf("%.40s: %s", body, w.Body)
		}
	}
	want[answer](t, s.call("PATCH", at, `{"accessConfig":{"expose":[{"path":"/user/id","encrypted":true}]}}`), http.StatusOK)
	s.refused(s.call("PATCH", at, set(" ")), http.StatusBadRequest, codeInvalid, "encryption.certificate is required")
	got := want[answer](t, s.call("PATCH", at, `{"accessConfig":{"expose":[]},"encryption":{"certificate":" "}}`), http.StatusOK)
	if got.Encryption != nil {
		t.Error("it is still there")
	}
}

// TestAudit: what becomes of an extension is in the audit log, a new secret and
// a new certificate too, and neither of them is.
func TestAudit(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := path + "/" + s.create(risk).ID
	want[answer](t, s.call("PATCH", at, `{"endpoint":{`+bearer+`}}`), http.StatusOK)
	want[answer](t, s.call("PATCH", at, `{"encryption":{"certificate":"`+certificate(t, now)+`"}}`), http.StatusOK)
	want[answer](t, s.call("PATCH", at, `{"encryption":{"certificate":"`+certificate(t, now)+`"}}`), http.StatusOK)
	want[answer](t, s.call("PATCH", at, `{}`), http.StatusOK) // nothing differs
	want[any](t, s.call("DELETE", at, ""), http.StatusNoContent)
	list, err := s.store.ListEntries(t.Context(), audit.Query{Tenant: identity.DefaultTenant, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, e := range list {
		kinds = append(kinds, e.Kind)
		text := string(e.Before) + string(e.After)
		if strings.Contains(text, "s3cr3t") || strings.Contains(text, "BEGIN CERT") || path+"/"+e.Target != at {
			t.Errorf("%s of %s: %s", e.Kind, e.Target, text)
		}
	}
	const changed = "extension.changed"
	if diff := cmp.Diff([]string{"extension.deleted", changed, changed, changed, "extension.created"}, kinds); diff != "" {
		t.Error(diff)
	}
	if created := list[len(list)-1]; !strings.Contains(string(created.After), `"secretsSent":["`+extension.SecretAccessToken+`"]`) {
		t.Errorf("%s", created.After)
	}
}
