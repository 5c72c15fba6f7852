package palette

import (
	"maps"

	"usher/flow"
)

// input declares the fields. A new one asks for nothing yet where people may
// be asked for many things like it.
func input() Component {
	const email, mobile, country = flow.ClaimPrefix + "emailaddress", flow.ClaimPrefix + "mobile", flow.ClaimPrefix + "country"
	typed := func(variant, label, icon, kind, identifier string, required bool) Kind {
		return field(variant, label, icon, kind, identifier, map[string]any{"required": required}, text("placeholder", "Placeholder"))
	}
	bare := func(variant, label, icon, kind, identifier string) Kind {
		return field(variant, label, icon, kind, identifier, nil)
	}
	chosen := func(variant, label, icon string) Kind {
		return field(variant, label, icon, "text", "", map[string]any{"options": []map[string]any{
			{"key": "1", "label": "First", "value": "first"}, {"key": "2", "label": "Second", "value": "second"},
		}}, options, text("defaultValue", "Chosen at first"))
	}
	return Component{Category: "FIELD", Type: "INPUT", Group: fields, Form: true, Kinds: []Kind{
		typed("TEXT", "Text", "text-cursor-input", "text", "", false),
		typed("EMAIL", "E-mail", "mail", "email", email, false),
		typed("PASSWORD", "Password", "lock-keyhole", "password", "password", true),
		typed("TELEPHONE", "Phone", "phone", "tel", mobile, false),
		bare("OTP", "Code", "key-round", "text", "otp"),
		typed("NUMBER", "Number", "hash", "number", "", false),
		typed("DATE", "Date", "calendar", "date", "", false),
		bare("CHECKBOX", "Checkbox", "square-check", "checkbox", ""),
		chosen("DROPDOWN", "Choice from a list", "list"),
		chosen("RADIO", "Choice of buttons", "circle-dot"),
		bare("COUNTRY", "Country", "flag", "text", country),
	}}
}

// options are what there is to choose from.
var options = flow.Property{
	Name: "options", Type: "array", Title: "Choices",
	Items: &flow.Schema{Required: []string{"label", "value"}, Properties: []flow.Property{
		as(text("label", "What people read"), "", ownText), text("value", "What is sent"), text("key", "Key"),
	}},
}

// field is an INPUT whose config has more than all of them have.
func field(variant, label, icon, kind, identifier string, more map[string]any, own ...flow.Property) Kind {
	config := map[string]any{"type": kind, "identifier": identifier, "label": label, "required": false}
	maps.Copy(config, more)
	properties := []flow.Property{
		as(text("identifier", "Asks for"), flow.FormatAttribute, ""),
		as(text("label", "Label"), "", ownText),
		text("hint", "Hint"),
	}
	properties = append(properties, own...)
	properties = append(properties, flag("required", "Has to be filled in", ""))
	return Kind{variant, label, "", icon, true, config, requires(schema(properties...), "identifier", "label")}
}

// policy asks for consent. Nobody goes on without accepting what is mandatory,
// whatever the client draws; the answer is JSON in the input consent.
func policy() Component {
	return consent("POLICY", "Consent", "Terms that people accept before they go on.", "scroll-text",
		map[string]any{"description": "Please read and accept:", "purposes": []map[string]any{{
			"purposeId": "terms", "name": "Terms of use", "description": "I accept the terms of use.", "mandatory": true,
		}}},
		as(text("policyUrl", "Where it can be read"), "uri", "https://… or a path on this server."),
		flag("mandatory", "Has to be accepted", ""))
}

// preference asks what somebody would like; nothing of it is mandatory.
func preference() Component {
	return consent("PREFERENCE", "Preferences", "What people may choose, such as news by e-mail.", "bell",
		map[string]any{"description": "Stay in touch:", "purposes": []map[string]any{{
			"purposeId": "newsletter", "name": "News", "description": "Send me news by e-mail.",
		}}})
}

func consent(kind, label, summary, icon string, config map[string]any, own ...flow.Property) Component {
	purposes := flow.Property{
		Name: "purposes", Type: "array", Title: "Purposes",
		Items: &flow.Schema{Required: []string{"purposeId", "name"}, Properties: append([]flow.Property{
			text("name", "Name"),
			as(text("description", "Text"), flow.FormatLong, ""),
			as(text("purposeId", "Kept under"), "", "The id of the purpose in what is stored."),
		}, own...)},
	}
	return Component{Category: "FIELD", Type: kind, Group: consents, Form: true, Kinds: []Kind{{
		Label: label, Summary: summary, Icon: icon, Listed: true, Config: config,
		Schema: requires(schema(as(text("description", "Text above"), flow.FormatLong, ownText), purposes), "purposes"),
	}}}
}

// captcha has no config of its own: the server knows its provider.
func captcha() Component {
	return Component{Category: "CAPTCHA", Type: "CAPTCHA", Group: consents, Form: true, Kinds: []Kind{{
		Variant: "RECAPTCHA_V2", Label: "Captcha", Icon: "shield-check", Listed: true, Config: map[string]any{}, Schema: schema(),
		Summary: "Keeps programs out, with the provider that the server is set up for.",
	}}}
}
