package signin

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"usher/application"
	"usher/flow"
	"usher/grant"
	"usher/signin/assertion"
)

// factor is what a method proves something by; two of a kind are one factor
// (NIST SP 800-63B, 2).
type factor string

const (
	knowledge  factor = "knowledge"
	possession factor = "possession"
)

// method is a way to sign in.
type method struct {
	// name as in the amr of user assertions and in an application's login.
	name string
	// executor runs it, kind tells how the page asks for it.
	executor string
	kind     kind
	factor   factor
	// resistant to phishing.
	resistant bool
	// amr are the values of RFC 8176 for it.
	amr   []string
	label string
}

type kind int

const (
	byPassword kind = iota
	byCode          // sent to an address of the user
	byPasskey
	byProvider
)

var methods = []method{
	{"BasicAuthenticator", "BasicAuthenticationExecutor", byPassword, knowledge, false, []string{"pwd"}, "Sign in"},
	{"email-otp-authenticator", "EmailOTPExecutor", byCode, possession, false, []string{"otp"}, "E-mail me a code"},
	{"sms-otp-authenticator", "SMSOTPExecutor", byCode, possession, false, []string{"otp", "sms"}, "Text me a code"},
	{"FIDOAuthenticator", "FIDO2Executor", byPasskey, possession, true, []string{"pop"}, "Sign in with a passkey"},
	{"OpenIDConnectAuthenticator", "OpenIDConnectExecutor", byProvider, possession, false, nil, ""},
	{"GoogleOIDCAuthenticator", "GoogleExecutor", byProvider, possession, false, nil, "Google"},
	{"FacebookAuthenticator", "FacebookExecutor", byProvider, possession, false, nil, "Facebook"},
	{"Office365Authenticator", "Office365Executor", byProvider, possession, false, nil, "Microsoft"},
	{"AppleOIDCAuthenticator", "AppleExecutor", byProvider, possession, false, nil, "Apple"},
	{"GithubAuthenticator", "GithubExecutor", byProvider, possession, false, nil, "GitHub"},
	// A link proves an e-mail address in a flow; no login asks for one.
	{name: string(flow.MethodLink), factor: possession, amr: []string{"otp"}},
}

func methodOf(name string) (method, bool) {
	i := slices.IndexFunc(methods, func(m method) bool { return m.name == name })
	if i < 0 {
		return method{}, false
	}
	return methods[i], true
}

// Authenticators returns every method that a login may ask for.
func Authenticators() []application.Authenticator {
	var list []application.Authenticator
	for _, m := range methods {
		switch {
		case m.kind == byProvider:
			list = append(list, application.Authenticator{Name: m.name, Label: cmp.Or(m.label, "OpenID Connect"), Kind: m.executor, First: true})
		case m.kind == byPassword && m.executor != "":
			list = append(list, application.Authenticator{Name: m.name, Label: "User name and password", First: true})
		case m.executor != "":
			list = append(list, application.Authenticator{Name: m.name, Label: m.label, First: true})
		}
	}
	return list
}

// Defaults hold where a tenant has decided nothing.
func Defaults() grant.Settings {
	return grant.Settings{
		AssertionLife: assertion.DefaultLife, SessionLife: 12 * time.Hour, SessionIdle: 2 * time.Hour, OfflineLife: 30 * 24 * time.Hour,
	}
}

// Values of acr, weakest first. The last one is of "OpenID Connect Extended
// Authentication Profile (EAP) ACR Values 1.0", section 2.
const (
	acrOne       = "urn:usher:acr:1fa"
	acrTwo       = "urn:usher:acr:mfa"
	acrResistant = "phr"
)

// acrs are the acr values that the proofs reach, strongest first.
func acrs(proofs []grant.Proof) []string {
	kinds := map[factor]bool{}
	resistant := false
	for _, p := range proofs {
		if m, ok := methodOf(p.Method); ok {
			kinds[m.factor] = true
			resistant = resistant || m.resistant
		}
	}
	var list []string
	if resistant {
		list = append(list, acrResistant)
	}
	if len(kinds) > 1 {
		list = append(list, acrTwo)
	}
	return append(list, acrOne)
}

// acrOf is the acr of the proofs: the first of those asked for that they
// reach, else the strongest.
func acrOf(proofs []grant.Proof, asked []string) string {
	reached := acrs(proofs)
	for _, a := range asked {
		if slices.Contains(reached, a) {
			return a
		}
	}
	return reached[0]
}

// amrOf are the methods' established names, then their values of RFC 8176.
func amrOf(proofs []grant.Proof) []string {
	var names, values []string
	for _, p := range proofs {
		names = add(names, p.Method)
		m, _ := methodOf(p.Method)
		for _, v := range m.amr {
			values = add(values, v)
		}
	}
	if slices.Contains(acrs(proofs), acrTwo) {
		values = add(values, "mfa")
	}
	return append(names, values...)
}

func add(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// covers tells whether the proofs pass the step.
func covers(s application.Step, proofs []grant.Proof) bool {
	return slices.ContainsFunc(proofs, func(p grant.Proof) bool { return slices.ContainsFunc(s.Options, optionOf(p)) })
}

// optionOf tells whether the proof is the option's. An option that names no
// connection takes any of its kind.
func optionOf(p grant.Proof) func(application.Option) bool {
	return func(o application.Option) bool {
		return o.Authenticator == p.Method && (o.Connection == "" || strings.EqualFold(o.Connection, p.Connection))
	}
}
