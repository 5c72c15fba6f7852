package signin

import (
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/flow"
)

func TestChallengeData(t *testing.T) {
	t.Parallel()
	text, err := base64.StdEncoding.DecodeString(challengeData("K1", &flow.Ceremony{Options: []byte(`{"challenge":"AA"}`)}))
	if want := `{"requestId":"K1","publicKeyCredentialRequestOptions":{"challenge":"AA"}}`; err != nil || string(text) != want {
		t.Errorf("got %s, %v; want %s", text, err, want)
	}
}

func TestAnswered(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ params, want map[string]string }{
		"nothing":     {nil, nil},
		"not a token": {map[string]string{"otp": "123456"}, map[string]string{"otp": "123456"}},
		"documented":  {map[string]string{"tokenResponse": "eyJpZCI6IkFBIn0"}, map[string]string{"tokenResponse": "eyJpZCI6IkFBIn0"}},
		"wrapped": {
			map[string]string{"tokenResponse": `{"requestId":"K1","credential":{"id":"AA"}}`, "more": "x"},
			map[string]string{"credential": `{"id":"AA"}`, "more": "x"},
		},
		"wraps nothing": {map[string]string{"tokenResponse": `{"id":"AA"}`}, map[string]string{"tokenResponse": `{"id":"AA"}`}},
	} {
		if diff := cmp.Diff(test.want, answered(test.params)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
