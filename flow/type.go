package flow

import "strings"

// Type is the kind of journey a flow describes. The values are on the wire.
type Type string

const (
	Registration            Type = "REGISTRATION"
	PasswordRecovery        Type = "PASSWORD_RECOVERY"
	InvitedUserRegistration Type = "INVITED_USER_REGISTRATION"
)

// Authentication is the kind of the flows in which people sign in to an
// application. Nobody designs them and no client starts them by name: package
// signin makes them, one for each way to sign in, called Authentication, a
// slash and a name.
const Authentication Type = "AUTHENTICATION"

// Kind is the type without the name that a flow of the kind Authentication
// has.
func (t Type) Kind() Type {
	kind, _, _ := strings.Cut(string(t), "/")
	return Type(kind)
}

// Types returns every flow type, in the order administrators read them.
func Types() []Type { return []Type{Registration, PasswordRecovery, InvitedUserRegistration} }

// Known tells whether t is one of Types, which clients may start.
func (t Type) Known() bool {
	return t == Registration || t == PasswordRecovery || t == InvitedUserRegistration
}

// Method is an authentication method as user assertions list it in "amr".
type Method string

const (
	MethodPassword Method = "BasicAuthenticator"
	MethodEmailOTP Method = "email-otp-authenticator"
	MethodFIDO     Method = "FIDOAuthenticator"
	MethodSMSOTP   Method = "sms-otp-authenticator"
	MethodLink     Method = "MagicLinkAuthenticator"
)

// Claims that the engine's contract itself speaks of. All other claims are
// known by package identity alone.
const (
	ClaimPrefix   = "http://wso2.org/claims/"
	ClaimUsername = ClaimPrefix + "username"
)
