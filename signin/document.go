package signin

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"usher/application"
	"usher/flow"
)

// A login is a flow like any other, made from the steps that have still to be
// proved. Two logins with the same steps are the same flow, whatever
// application they are for.

// object is a JSON object of a definition.
type object map[string]any

// document returns the flow in which the steps are proved one after the other
// by somebody who is known already or not, and its type.
func document(steps []application.Step, known bool) (flow.Type, []byte, error) {
	d := drawing{known: known}
	for i, s := range steps {
		next := stepID(i + 1)
		if i+1 == len(steps) {
			next = last
		}
		if err := d.step(stepID(i), s, next); err != nil {
			return "", nil, err
		}
		d.known = true
	}
	d.steps = append(d.steps,
		object{"id": last, "type": "EXECUTION", "data": object{"action": executes("SignInExecutor", nil, flow.EndID)}},
		object{"id": flow.EndID, "type": "END"})
	body, err := json.Marshal(d.steps)
	if err != nil {
		return "", nil, err
	}
	sum := sha256.Sum256(body)
	t := flow.Authentication + "/" + flow.Type(hex.EncodeToString(sum[:12]))
	whole, err := json.Marshal(object{"flowType": t, "steps": d.steps})
	return t, whole, err
}

const last = "sign_in"

func stepID(i int) string { return fmt.Sprintf("step_%d", i+1) }

// drawing is a flow while it is drawn.
type drawing struct {
	steps []object
	// known is set where it is known by then whom the flow is about.
	known bool
}

// step draws a page that offers the step's options, and what they lead to.
func (d *drawing) step(id string, s application.Step, next string) error {
	page := []object{heading(id, d.known)}
	var behind []object
	for _, o := range s.Options {
		m, ok := methodOf(o.Authenticator)
		if !ok || m.executor == "" {
			return fmt.Errorf("there is no way to sign in called %q", o.Authenticator)
		}
		switch m.kind {
		case byPassword:
			page = append(page, d.passwordForm(id, m, next))
		case byPasskey:
			page = append(page, button(id, optionID(o), "SECONDARY", m.label, executes(m.executor, object{"mode": "get"}, next)))
		case byProvider:
			meta := object{"mode": "signin"}
			if o.Connection != "" {
				meta["idpName"] = o.Connection
			}
			label := "Continue with " + cmp.Or(o.Connection, m.label, "your account elsewhere")
			page = append(page, button(id, optionID(o), "SOCIAL", label, executes(m.executor, meta, next)))
		case byCode:
			more := d.codePages(id, m, next)
			behind = append(behind, more...)
			page = append(page, button(id, optionID(o), "SECONDARY", m.label, goesTo(more[0]["id"].(string))))
		}
	}
	if len(behind) > 0 && len(s.Options) == 1 {
		// The only way begins without being chosen. Its first page takes the
		// step's place.
		rename(behind, behind[0]["id"].(string), id)
	} else {
		d.steps = append(d.steps, view(id, page...))
	}
	d.steps = append(d.steps, behind...)
	return nil
}

// passwordForm asks for a password, and whose it is where nobody knows.
func (d *drawing) passwordForm(id string, m method, next string) object {
	var fields []object
	if !d.known {
		fields = append(fields, username(id))
	}
	fields = append(fields,
		input(id+"_password", "PASSWORD", "password", "Password"),
		button(id, optionID(application.Option{Authenticator: m.name}), "PRIMARY", m.label, executes(m.executor, nil, next)))
	return form(id+"_form", fields...)
}

// codePages ask for a user name, where nobody is known, and for the code that
// was sent.
func (d *drawing) codePages(id string, m method, next string) []object {
	ask, enter := id+"_"+m.executor+"_name", id+"_"+m.executor
	code := view(enter, title(enter, "Enter the code"), form(enter+"_form",
		input(enter+"_code", "OTP", "otp", "Code"),
		button(enter, optionID(application.Option{Authenticator: m.name})+".code", "PRIMARY", "Continue", executes(m.executor, nil, next)),
		object{"id": enter + "_resend", "category": "ACTION", "type": "RESEND", "config": object{"text": "Send another code"}}))
	if d.known {
		return []object{code}
	}
	return []object{view(ask, title(ask, "Sign in"), form(ask+"_form", username(ask),
		button(ask, ask+"_go", "PRIMARY", "Continue", executes("UserResolveExecutor", nil, enter)))), code}
}

// optionID names an option to clients, as the established implementation does:
// the name of the authenticator and of the provider, in base64url.
func optionID(o application.Option) string {
	return base64.RawURLEncoding.EncodeToString([]byte(o.Authenticator + ":" + cmp.Or(o.Connection, "LOCAL")))
}

func heading(id string, known bool) object {
	if known {
		return title(id, "Confirm that it is you")
	}
	return title(id, "Sign in")
}

func title(id, text string) object {
	return object{"id": id + "_title", "category": "DISPLAY", "type": "TYPOGRAPHY", "variant": "H3", "config": object{"text": text}}
}

func view(id string, components ...object) object {
	return object{"id": id, "type": "VIEW", "data": object{"components": components}}
}

func form(id string, components ...object) object {
	return object{"id": id, "category": "BLOCK", "type": "FORM", "components": components}
}

func username(id string) object { return input(id+"_username", "TEXT", "username", "Username") }

func input(id, variant, identifier, label string) object {
	return object{
		"id": id, "category": "FIELD", "type": "INPUT", "variant": variant,
		"config": object{"identifier": identifier, "label": label, "required": true},
	}
}

func button(id, actionID, variant, text string, action object) object {
	kind := "button"
	if variant == "PRIMARY" {
		kind = "submit"
	}
	return object{
		"id": id + "_" + strings.ReplaceAll(actionID, ".", "_"), "category": "ACTION", "type": "BUTTON", "variant": variant, "actionId": actionID,
		"action": action, "config": object{"text": text, "type": kind},
	}
}

func executes(name string, meta object, next string) object {
	executor := object{"name": name}
	if meta != nil {
		executor["meta"] = meta
	}
	return object{"type": "EXECUTOR", "executor": executor, "next": next}
}

func goesTo(next string) object { return object{"type": "NEXT", "next": next} }

// rename gives a step another id; nothing leads to it yet.
func rename(steps []object, old, id string) {
	for _, s := range steps {
		if s["id"] == old {
			s["id"] = id
		}
	}
}
