package main

import (
	"context"
	"fmt"
)

// ways compares starts that lead at once to a code, a passkey or a provider
// with the start that leads to a page.
func (r *rig) ways(ctx context.Context) error {
	if !r.wants("start to a page", "start to a code", "start to a passkey", "start to a provider") {
		return nil
	}
	if err := connect(ctx, r.cheap.process); err != nil {
		return err
	}
	if err := publish(ctx, r.cheap.process, waysFlow); err != nil {
		return err
	}
	for _, way := range []struct{ name, body, want string }{
		{"start to a page", `{"flowType":"REGISTRATION"}`, `"type":"VIEW"`},
		{"start to a code", `{"flowType":"PASSWORD_RECOVERY","inputs":{"username":"nobody@example.com"}}`, `"otpLength"`},
		{
			"start to a passkey", `{"flowType":"REGISTRATION","actionId":"passkey","inputs":{"email":"sasha@example.com","origin":"` + r.cheap.origin + `"}}`,
			`"type":"WEBAUTHN"`,
		},
		{"start to a provider", `{"flowType":"REGISTRATION","actionId":"github"}`, `"type":"REDIRECTION"`},
	} {
		begin := posting(executePath, way.body)
		load := asking(begin, way.want)
		size, err := sizeOf(ctx, r.cheap.process, load)
		if err != nil {
			return fmt.Errorf("%s: %w", way.name, err)
		}
		if err := r.compare(ctx, several, contestant{name: way.name, server: r.cheap, load: load, echo: echoing(begin, size)}); err != nil {
			return err
		}
	}
	return nil
}
