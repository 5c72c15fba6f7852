package fido2

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
)

// answerOf returns the credential's JSON in either form that clients send, and
// whether they sent any. An answer that cannot be decoded is empty.
func answerOf(values map[string]string) (answer []byte, answered bool) {
	if token := values[tokenResponse]; token != "" {
		answer, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(token, "="))
		if err != nil {
			return nil, true
		}
		return answer, true
	}
	return []byte(values[credential]), values[credential] != ""
}

var errNoAnswer = errors.New("the answer is not the JSON of a credential")

// readCreation reads a RegistrationResponseJSON (section 5.1 of the standard).
// Clients of the established implementation leave rawId out, which repeats id.
func readCreation(answer []byte) (*protocol.ParsedCredentialCreationData, error) {
	var r protocol.CredentialCreationResponse
	if json.Unmarshal(answer, &r) != nil {
		return nil, errNoAnswer
	}
	completeID(&r.PublicKeyCredential)
	return r.Parse()
}

// readAssertion reads an AuthenticationResponseJSON.
func readAssertion(answer []byte) (*protocol.ParsedCredentialAssertionData, error) {
	var r protocol.CredentialAssertionResponse
	if json.Unmarshal(answer, &r) != nil {
		return nil, errNoAnswer
	}
	completeID(&r.PublicKeyCredential)
	return r.Parse()
}

func completeID(c *protocol.PublicKeyCredential) {
	if id, err := base64.RawURLEncoding.DecodeString(c.ID); err == nil && len(c.RawID) == 0 {
		c.RawID = id
	}
}
