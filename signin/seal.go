package signin

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// purpose is what a sealed value is for; one is of no use for another.
type purpose string

const (
	forCode     purpose = "code"
	forAccess   purpose = "access"
	forRefresh  purpose = "refresh"
	forSession  purpose = "session"
	forHandover purpose = "handover"
)

// errSealed is returned for a value that was not sealed here for this purpose
// and tenant.
var errSealed = errors.New("not a value of this server")

// maxSealed bounds a sealed value as it comes in, in bytes.
const maxSealed = 4 << 10

// seal makes the opaque text that stands for v.
func (p *Provider) seal(tenant string, what purpose, v any) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(p.Box.Seal(plain, string(what)+"/"+tenant)), nil
}

// open reads what seal made. Whatever is wrong with it, the error is errSealed.
func (p *Provider) open(tenant string, what purpose, text string, v any) error {
	if len(text) > maxSealed || strings.ContainsAny(text, "\r\n") { // which the decoder would skip
		return errSealed
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return errSealed
	}
	plain, err := p.Box.Open(sealed, string(what)+"/"+tenant)
	if err != nil || json.Unmarshal(plain, v) != nil {
		return errSealed
	}
	return nil
}
