package signin

import (
	"slices"
	"time"

	"usher/application"
	"usher/grant"
)

// remaining is what has still to be proved: the steps of the application's
// login that the proofs do not pass, then, once they pass them all, what
// acr_values ask for beyond it. Those are wishes (OpenID Connect Core 1.0,
// 3.1.2.1); the first one known here is granted.
func remaining(a *application.Application, acr []string, proofs []grant.Proof) []application.Step {
	if left := missing(a.Login, proofs); len(left) > 0 {
		return left
	}
	i := slices.IndexFunc(acr, func(v string) bool { return v == acrOne || v == acrTwo || v == acrResistant })
	if i < 0 || slices.Contains(acrs(proofs), acr[i]) {
		return nil
	}
	if acr[i] == acrTwo && !slices.ContainsFunc(proofs, knows) {
		return oneOf("BasicAuthenticator")
	}
	if acr[i] == acrTwo {
		return oneOf("FIDOAuthenticator", "email-otp-authenticator")
	}
	return oneOf("FIDOAuthenticator")
}

func knows(p grant.Proof) bool {
	m, ok := methodOf(p.Method)
	return ok && m.factor == knowledge
}

func oneOf(authenticators ...string) []application.Step {
	var s application.Step
	for _, a := range authenticators {
		s.Options = append(s.Options, application.Option{Authenticator: a})
	}
	return []application.Step{s}
}

// missing are the steps that the proofs do not pass, in their order.
func missing(steps []application.Step, proofs []grant.Proof) []application.Step {
	return slices.DeleteFunc(slices.Clone(steps), func(s application.Step) bool { return covers(s, proofs) })
}

// fresh are the proofs that are not older than the time.
func fresh(proofs []grant.Proof, notBefore time.Time) []grant.Proof {
	return slices.DeleteFunc(slices.Clone(proofs), func(p grant.Proof) bool { return p.At.Before(notBefore) })
}

// merge adds newer proofs to those there are; one of the same method and
// connection replaces the older.
func merge(old, newer []grant.Proof) []grant.Proof {
	merged := slices.Clone(old)
	for _, n := range newer {
		i := slices.IndexFunc(merged, func(p grant.Proof) bool { return p.Method == n.Method && p.Connection == n.Connection })
		switch {
		case i < 0:
			merged = append(merged, n)
		case merged[i].At.Before(n.At):
			merged[i] = n
		}
	}
	return merged
}

// authTime is when the person signed in: the oldest of the proofs, so that
// whoever asks for fresh ones by max_age can rely on it.
func authTime(proofs []grant.Proof) time.Time {
	oldest := proofs[0].At
	for _, p := range proofs {
		if p.At.Before(oldest) {
			oldest = p.At
		}
	}
	return oldest
}
