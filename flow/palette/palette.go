// Package palette declares what pages of flows can be made of: the types of
// components with their variants and configs, and ready-made steps. A builder
// draws its palette and its forms from it; the engine does not read it, and
// what is not declared here may stand in a definition all the same.
package palette

import "usher/flow"

// Component is a type of component.
type Component struct {
	Category string `json:"category"`
	Type     string `json:"type"`
	// Group is the heading that it stands under in a palette.
	Group string `json:"group"`
	// Form says that it belongs into a FORM.
	Form bool `json:"form"`
	// Kinds are its variants, the usual one first; a type without variants has
	// one.
	Kinds []Kind `json:"kinds"`
}

// Kind is a variant of a component.
type Kind struct {
	Variant string `json:"variant"` // "" where the type has none
	Label   string `json:"label"`
	Summary string `json:"summary,omitempty"`
	Icon    string `json:"icon"` // as flow.Executor has it
	// Listed says that a palette offers it; others one changes to.
	Listed bool `json:"listed"`
	// Config is the config of a new one.
	Config map[string]any `json:"config"`
	// Schema describes the config.
	Schema *flow.Schema `json:"configSchema"`
}

// Components lists every type that the hosted pages draw.
func Components() []Component {
	return []Component{input(), form(), policy(), preference(), captcha(), button(), resend(), typography(), richText(), divider(), image()}
}

const (
	fields   = "Fields"
	consents = "Consent and protection"
	buttons  = "Buttons"
	texts    = "Text and pictures"
)

// ownText says of texts how to name one that the server translates.
const ownText = "A text of the server's own is named {{key}}."

func text(name, title string) flow.Property {
	return flow.Property{Name: name, Type: "string", Title: title, Default: ""}
}

func flag(name, title, description string) flow.Property {
	return flow.Property{Name: name, Type: "boolean", Title: title, Description: description, Default: false}
}

// as is the property with a format and a description.
func as(p flow.Property, format, description string) flow.Property {
	p.Format, p.Description = format, description
	return p
}

func schema(properties ...flow.Property) *flow.Schema { return &flow.Schema{Properties: properties} }

func requires(s *flow.Schema, names ...string) *flow.Schema {
	s.Required = names
	return s
}

func form() Component {
	return Component{Category: "BLOCK", Type: "FORM", Group: fields, Kinds: []Kind{{
		Label: "Form", Summary: "Holds fields and the buttons that send them.", Icon: "square-dashed", Listed: true,
		Config: map[string]any{}, Schema: schema(),
	}}}
}

func button() Component {
	says := as(text("text", "Text"), "", ownText)
	sends := flow.Property{
		Name: "type", Type: "string", Title: "Sends the form", Enum: []string{"submit", "button"},
		EnumNames: []string{"With what was entered", "Without what was entered"}, Default: "submit",
	}
	kind := func(variant, label, summary, icon, says, sends string, s *flow.Schema) Kind {
		return Kind{variant, label, summary, icon, true, map[string]any{"type": sends, "text": says}, s}
	}
	plain := func() *flow.Schema { return requires(schema(says, sends), "text") }
	return Component{Category: "ACTION", Type: "BUTTON", Group: buttons, Kinds: []Kind{
		kind("PRIMARY", "Button", "Sends the form and goes on.", "rectangle-horizontal", "Continue", "submit", plain()),
		kind("SECONDARY", "Second button", "Another choice beside the first.", "rectangle-horizontal", "Another way", "submit", plain()),
		kind("TEXT", "Link", "Goes on without what is in the form.", "move-right", "Back", "button", plain()),
		kind("SOCIAL", "Account elsewhere", "Leads to another provider.", "globe", "Continue with …", "button",
			requires(schema(says, sends, picture("image", "Picture")), "text")),
	}}
}

func resend() Component {
	return Component{Category: "ACTION", Type: "RESEND", Group: buttons, Form: true, Kinds: []Kind{{
		Label: "Send again", Summary: "Sends another code.", Icon: "rotate-cw", Listed: true,
		Config: map[string]any{"type": "submit", "text": "Send another code"},
		Schema: requires(schema(as(text("text", "Text"), "", ownText)), "text"),
	}}}
}

func typography() Component {
	kind := func(variant, label, initial string, listed bool) Kind {
		icon := "heading"
		if variant[0] == 'B' {
			icon = "text"
		}
		return Kind{
			variant, label, "", icon, listed,
			map[string]any{"text": initial},
			requires(schema(as(text("text", "Text"), flow.FormatLong, ownText)), "text"),
		}
	}
	return Component{Category: "DISPLAY", Type: "TYPOGRAPHY", Group: texts, Kinds: []Kind{
		kind("H3", "Heading", "Heading", true), kind("BODY1", "Text", "Some words.", true),
		kind("H1", "Heading, largest", "Heading", false), kind("H2", "Heading, larger", "Heading", false),
		kind("H4", "Heading, smaller", "Heading", false), kind("H5", "Heading, still smaller", "Heading", false),
		kind("H6", "Heading, smallest", "Heading", false), kind("BODY2", "Small text", "Some words.", false),
	}}
}

func richText() Component {
	return Component{Category: "DISPLAY", Type: "RICH_TEXT", Group: texts, Kinds: []Kind{{
		Label: "Rich text", Summary: "With links, lists and emphasis.", Icon: "pilcrow", Listed: true,
		Config: map[string]any{"text": "<p>Some words.</p>"},
		Schema: requires(schema(as(text("text", "Text"), flow.FormatRich, "")), "text"),
	}}}
}

func divider() Component {
	kind := func(variant, label string, listed bool) Kind {
		return Kind{variant, label, "", "separator-horizontal", listed, map[string]any{"text": "or"}, schema(text("text", "Text"))}
	}
	return Component{Category: "DISPLAY", Type: "DIVIDER", Group: texts, Kinds: []Kind{
		kind("HORIZONTAL", "Divider", true), kind("VERTICAL", "Divider, upright", false),
	}}
}

func image() Component {
	return Component{Category: "DISPLAY", Type: "IMAGE", Group: texts, Kinds: []Kind{{
		Variant: "IMAGE_BLOCK", Label: "Image", Icon: "image", Listed: true, Config: map[string]any{"src": ""},
		Schema: requires(schema(picture("src", "Address"), as(text("alt", "What it shows"), "", "For those who do not see it.")), "src"),
	}}}
}

func picture(name, title string) flow.Property {
	return as(text(name, title), flow.FormatImage, "https://… or a path on this server.")
}
