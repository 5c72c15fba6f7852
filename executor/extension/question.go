package extension

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"

	"usher/connection/extension"
	"usher/identity"
)

// question is what an extension is asked.
type question struct {
	ActionType string      `json:"actionType"`
	RequestID  string      `json:"requestId"`
	Event      event       `json:"event"`
	Allowed    []operation `json:"allowedOperations"`
}

// event is what the extension is told of the flow: what is exposed to it, and
// of that what there is.
type event struct {
	Tenant      *tenant      `json:"tenant,omitzero"`
	Application *application `json:"application,omitzero"`
	Flow        journey      `json:"flow"`
}

// tenant is told by its domain, which is its only name: clients of the
// established implementation look for it under any of the three.
type tenant struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Domain string `json:"domain"`
}

type application struct {
	ID string `json:"id"`
}

type journey struct {
	FlowType string `json:"flowType,omitempty"`
	// FlowID is the execution's correlation, which no client can use.
	FlowID    string `json:"flowId"`
	PortalURL string `json:"portalUrl,omitempty"`
	User      *user  `json:"user,omitzero"`
}

type user struct {
	ID        string  `json:"id,omitempty"`
	Username  string  `json:"username,omitempty"`
	UserStore string  `json:"userStoreDomain,omitempty"`
	Claims    []claim `json:"claims,omitempty"`
}

type claim struct {
	URI string `json:"uri"`
	// Value is a string, or a list of them where there may be several.
	Value any `json:"value"`
}

// operation is one that the extension may perform.
type operation struct {
	Op    string   `json:"op"`
	Paths []string `json:"paths,omitempty"`
}

// The operations.
const (
	opReplace  = "replace"
	opRedirect = "redirect"
)

// userStore is the one there is, as clients of the established implementation
// know it.
const userStore = "PRIMARY"

// question puts it together. Its RequestID is the same for the same question of
// one attempt, and so tells repetitions from what is asked anew.
func (s *session) question(ctx context.Context) (*question, error) {
	q := &question{ActionType: "FLOW_EXTENSION", Event: s.event(ctx)}
	if len(s.Modify) > 0 {
		may := operation{Op: opReplace}
		for _, p := range s.Modify {
			may.Paths = append(may.Paths, p.Path)
		}
		q.Allowed = append(q.Allowed, may)
	}
	q.Allowed = append(q.Allowed, operation{Op: opRedirect})
	plain, err := json.Marshal(s.plain(), json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(plain)
	q.RequestID = s.text("request/" + s.connection.ID + "/" + hex.EncodeToString(sum[:]))
	return q, nil
}

// plain is every value that is exposed, by its path, blank ones left out.
func (s *session) plain() map[string]string {
	t, values := s.turn, map[string]string{}
	for _, p := range s.Expose {
		value := ""
		switch uri, isClaim := extension.Claim(p.Path); {
		case isClaim && !strings.HasPrefix(uri, identity.IdentityPrefix): // the server's own notes
			value = t.Subject.Claim(uri)
		case isClaim:
		default:
			value = s.fixed(p.Path)
		}
		if value != "" {
			values[p.Path] = value
		}
	}
	return values
}

// fixed is the value of a path that is no claim's.
func (s *session) fixed(path string) string {
	t := s.turn
	switch path {
	case extension.PathUserID:
		return t.Subject.UserID
	case extension.PathUsername:
		return t.Subject.Claim(identity.ClaimUsername)
	case extension.PathUserStore:
		return userStore
	case extension.PathTenantDomain:
		return t.Tenant
	case extension.PathApplicationID:
		return t.Application
	case extension.PathFlowType:
		return string(t.Flow)
	case extension.PathPortalURL:
		return s.back()
	}
	return "" // what is entered as a password is nobody's but the step's that takes it
}

// event is what the extension is told. What cannot be encrypted for it and
// should be is left out.
func (s *session) event(ctx context.Context) event {
	values := s.plain()
	get := func(path string) string { return s.sealed(ctx, path, values[path]) }
	e := event{Flow: journey{
		FlowID: s.turn.Correlation(), FlowType: get(extension.PathFlowType), PortalURL: get(extension.PathPortalURL),
	}}
	if domain := get(extension.PathTenantDomain); domain != "" {
		e.Tenant = &tenant{domain, domain, domain}
	}
	if id := get(extension.PathApplicationID); id != "" {
		e.Application = &application{id}
	}
	u := user{ID: get(extension.PathUserID), Username: get(extension.PathUsername), UserStore: get(extension.PathUserStore)}
	for _, p := range s.Expose {
		uri, ok := extension.Claim(p.Path)
		if value := get(p.Path); ok && value != "" {
			u.Claims = append(u.Claims, claim{uri, s.shape(uri, value, p.Encrypted)})
		}
	}
	if u.ID+u.Username+u.UserStore != "" || len(u.Claims) > 0 {
		e.Flow.User = &u
	}
	return e
}

// shape is the claim's value as it is sent: a list where there may be several
// and it is not encrypted.
func (s *session) shape(uri, value string, encrypted bool) any {
	if c, ok := s.profile.Catalog().Find(uri); ok && c.MultiValued && !encrypted {
		return identity.SplitValues(value)
	}
	return value
}

// sealed is the value of the path as it travels: as it is, or as a JWE (RFC
// 7516, 3.1) for the extension's key; "" where it cannot be made one.
func (s *session) sealed(ctx context.Context, path, value string) string {
	if encrypted, _ := s.Exposes(path); !encrypted || value == "" {
		return value
	}
	text, err := s.encrypt(value)
	if err != nil {
		s.log(ctx, "value cannot be encrypted for the extension and is left out", "path", path, "error", err)
		return ""
	}
	return text
}

func (s *session) encrypt(value string) (string, error) {
	key, err := s.Key(s.turn.Now)
	if err != nil {
		return "", err
	}
	to := jose.Recipient{Algorithm: jose.RSA_OAEP_256, Key: key}
	e, err := jose.NewEncrypter(jose.A256GCM, to, (&jose.EncrypterOptions{}).WithContentType("application/json"))
	if err != nil {
		return "", err
	}
	sealed, err := e.Encrypt([]byte(value))
	if err != nil {
		return "", err
	}
	return sealed.CompactSerialize()
}
