package engine

import (
	"context"
	"errors"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"usher/flow"
)

// resend is the input by which executors that send something are asked to do
// so again.
const resend = "resend"

// maxValue bounds one input in bytes, where its executor says nothing else;
// longer ones are a mistake of the client.
const maxValue = 8 << 10

// repetition is the input in which people enter a new password once more. It
// is compared, and goes no further.
const repetition = "confirmPassword"

// read maps what the client sent to canonical names. An input that the action
// does not have is a mistake of the client.
func (r *run) read(a *action) (map[string]string, error) {
	values := make(map[string]string, len(r.request.Inputs)+1)
	for key, value := range r.request.Inputs {
		if key == captchaInput && a.captcha {
			continue // see person
		}
		name, ok := r.canonicalInput(a, key)
		if !ok {
			return nil, clientError(CodeBadRequest, "the current step takes no input %.64q", key)
		}
		if limit := a.executor.limit(name); len(value) > limit {
			return nil, clientError(CodeBadRequest, "input %.64q is longer than %d bytes", key, limit)
		}
		if other, twice := values[name]; twice && other != value {
			return nil, clientError(CodeBadRequest, "input %.64q is given twice, with different values", name)
		}
		values[name] = value
	}
	return values, nil
}

// canonicalInput finds the input of the action that key stands for.
func (r *run) canonicalInput(a *action, key string) (string, bool) {
	if in := a.input(key, r.names); in != nil {
		return r.names.canonical(in.identifier), true
	}
	name := r.names.canonical(key)
	return name, a.executor.reads(name)
}

// reads tells whether the executor declares the input.
func (b *bound) reads(name string) bool { return b.field(name) != nil }

// limit bounds an input in bytes.
func (b *bound) limit(name string) int {
	if f := b.field(name); f != nil && f.MaxBytes > 0 {
		return f.MaxBytes
	}
	return maxValue
}

// field returns what the executor declares of an input, nil for one that it
// does not read; b may be nil.
func (b *bound) field(name string) *flow.Field {
	if b == nil {
		return nil
	}
	i := slices.IndexFunc(b.Fields, func(f flow.Field) bool { return f.Identifier == name })
	if i < 0 {
		return nil
	}
	return &b.Fields[i]
}

// check splits the submission into the executor's values and the claims
// entered, "" for one that was left empty, and finds every mistake a person
// can correct.
func (r *run) check(ctx context.Context, a *action, in map[string]string) (values, claims map[string]string, messages []flow.Message, err error) {
	if messages, err := r.person(ctx, a); err != nil || len(messages) > 0 {
		return nil, nil, messages, err
	}
	values, claims = map[string]string{}, map[string]string{}
	again := in[resend] == "true" && a.executor.reads(resend)
	password := in["password"]
	for _, field := range a.inputs {
		name := r.names.canonical(field.identifier)
		value, sent := in[name]
		problem := field.check(value)
		if problem == nil && name == repetition && sent && value != password {
			problem = &flow.Message{Type: flow.Error, Message: "The passwords are not the same.", I18nKey: "input.repetition", Identifier: field.identifier}
		}
		if problem != nil && !again {
			messages = append(messages, *problem)
			delete(in, name)
			continue
		}
		if sent && value == "" && !a.executor.reads(name) {
			delete(in, name) // an optional input left empty
			if strings.HasPrefix(name, flow.ClaimPrefix) {
				claims[name] = ""
			}
		}
	}
	for name, value := range in {
		if name == "password" && value != "" && !r.signsIn() {
			problem, err := r.personal(name, r.attributes.CheckPassword(value))
			if err != nil {
				return nil, nil, nil, err
			}
			messages = append(messages, problem...)
		}
		if a.executor.reads(name) {
			values[name] = value
			continue
		}
		if !strings.HasPrefix(name, flow.ClaimPrefix) || again {
			continue
		}
		// Whether a value is taken may be told to those who are about to
		// own it, not to those who recover an account.
		unique := r.execution.Flow != flow.PasswordRecovery && !r.signsIn()
		problem, err := r.personal(name, r.attributes.Check(ctx, name, value, r.state.Subject.UserID, unique))
		if err != nil {
			return nil, nil, nil, err
		}
		messages = append(messages, problem...)
		claims[name] = value
	}
	r.inPageOrder(a, messages)
	return values, claims, messages, nil
}

// signsIn tells whether the flow compares what is entered with what is stored
// already, so that no rule for new values applies.
func (r *run) signsIn() bool { return r.execution.Flow.Kind() == flow.Authentication }

// personal turns an error that is a person's mistake into a message.
func (r *run) personal(name string, err error) ([]flow.Message, error) {
	type correctable interface {
		error
		I18nKey() string
	}
	if mistake, ok := errors.AsType[correctable](err); ok {
		return []flow.Message{{Type: flow.Error, Message: mistake.Error(), I18nKey: mistake.I18nKey(), Identifier: name}}, nil
	}
	return nil, err
}

// inPageOrder sorts messages as their inputs stand on the page, because the
// first one is the page's error.
func (r *run) inPageOrder(a *action, messages []flow.Message) {
	position := func(m flow.Message) int {
		return slices.IndexFunc(a.inputs, func(in *input) bool {
			return in.identifier == m.Identifier || r.names.canonical(in.identifier) == m.Identifier
		})
	}
	slices.SortStableFunc(messages, func(x, y flow.Message) int { return position(x) - position(y) })
}

// check finds what is wrong with the value by the component alone.
func (in *input) check(value string) *flow.Message {
	mistake := func(key, text string) *flow.Message {
		return &flow.Message{Type: flow.Error, Message: text, I18nKey: key, Identifier: in.identifier}
	}
	switch {
	case !accepts(value, in.mandatory):
		return mistake("input.consent", "Please accept what is mandatory.")
	case value == "" && in.required:
		return mistake("input.required", in.title()+" is required.")
	case value == "":
		return nil
	case len(in.options) > 0 && !slices.Contains(in.options, value):
		return mistake("input.option", in.title()+" must be one of the options.")
	}
	switch in.variant {
	case "EMAIL":
		if address, err := mail.ParseAddress(value); err != nil || address.Address != value {
			return mistake("input.email", in.title()+" must be an e-mail address.")
		}
	case "NUMBER":
		// ParseFloat alone would accept NaN and hexadecimal.
		if _, err := strconv.ParseFloat(value, 64); err != nil || strings.Trim(value, "0123456789+-.eE") != "" {
			return mistake("input.number", in.title()+" must be a number.")
		}
	case "CHECKBOX":
		if value != "true" && value != "false" {
			return mistake("input.checkbox", in.title()+" must be ticked or not.")
		}
		if in.required && value != "true" {
			return mistake("input.required", in.title()+" must be ticked.")
		}
	}
	return nil
}

// title is what to call the input in a sentence.
func (in *input) title() string {
	if in.label == "" || strings.Contains(in.label, "{{") {
		return "This field"
	}
	return in.label
}
