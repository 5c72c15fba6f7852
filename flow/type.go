package flow

// Type is the kind of journey a flow describes. The values are on the wire.
type Type string

const (
	Registration            Type = "REGISTRATION"
	PasswordRecovery        Type = "PASSWORD_RECOVERY"
	InvitedUserRegistration Type = "INVITED_USER_REGISTRATION"
)

// Types returns every flow type, in the order administrators read them.
func Types() []Type { return []Type{Registration, PasswordRecovery, InvitedUserRegistration} }

// Known tells whether t is one of Types.
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
	ClaimEmail    = ClaimPrefix + "emailaddress"
)
