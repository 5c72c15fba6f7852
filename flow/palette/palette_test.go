package palette

import (
	"encoding/json"
	goflag "flag"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"usher/flow"
)

var icon = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

// TestDeclarations expects that a builder can draw everything, and that a new
// component has nothing in its config that its schema does not describe, but
// for the type of an input, which follows from its variant.
func TestDeclarations(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range Components() {
		for _, k := range c.Kinds {
			name := c.Type + " " + k.Variant
			if seen[name] || k.Label == "" || !icon.MatchString(k.Icon) || c.Group == "" || c.Category == "" || k.Schema == nil || k.Config == nil {
				t.Errorf("%s is declared twice, or not wholly: %+v", name, k)
			}
			seen[name] = true
			checkSchema(t, name, k.Schema)
			for member := range k.Config {
				if property(k.Schema, member) == nil && member != "type" {
					t.Errorf("%s: a new one has %q, which the schema does not know", name, member)
				}
			}
		}
		if !slices.ContainsFunc(c.Kinds, func(k Kind) bool { return k.Listed }) {
			t.Errorf("no kind of %s is offered", c.Type)
		}
	}
}

func property(s *flow.Schema, name string) *flow.Property {
	i := slices.IndexFunc(s.Properties, func(p flow.Property) bool { return p.Name == name })
	if i < 0 {
		return nil
	}
	return &s.Properties[i]
}

func checkSchema(t *testing.T, name string, s *flow.Schema) {
	t.Helper()
	for _, p := range s.Properties {
		if p.Title == "" || (p.Type == "array") != (p.Items != nil) {
			t.Errorf("%s: property %q has no title, or no items", name, p.Name)
		}
		if p.Items != nil {
			checkSchema(t, name, p.Items)
		}
	}
	for _, required := range s.Required {
		if property(s, required) == nil {
			t.Errorf("%s: the required %q is none of the properties", name, required)
		}
	}
}

// TestWidgets expects steps that are made of what is declared.
func TestWidgets(t *testing.T) {
	t.Parallel()
	if len(widgets) == 0 {
		t.Fatal("there are none")
	}
	for _, w := range widgets {
		var step flow.Step
		if err := json.Unmarshal(w.Value, &step); err != nil || step.ID == "" || w.Label == "" || w.Summary == "" || !icon.MatchString(w.Icon) {
			t.Fatalf("%s: error %v, %+v", w.Label, err, w)
		}
		for _, f := range w.Flows {
			if !f.Known() {
				t.Errorf("%s is for unknown flows %q", w.Label, f)
			}
		}
		step.Walk(func(c *flow.Component) {
			k := kind(c.Type, c.Variant)
			if k == nil {
				t.Errorf("%s holds a %s %s, which is not declared", w.Label, c.Type, c.Variant)
				return
			}
			for member := range c.Config {
				if property(k.Schema, member) == nil && member != "type" {
					t.Errorf("%s: the config of a %s has %q, which the schema does not know", w.Label, c.Type, member)
				}
			}
		})
	}
}

func kind(name, variant string) *Kind {
	for _, c := range Components() {
		for i := range c.Kinds {
			if c.Type == name && (c.Kinds[i].Variant == variant || variant == "" && len(c.Kinds) == 1) {
				return &c.Kinds[i]
			}
		}
	}
	return nil
}

func TestWidgetsFit(t *testing.T) {
	t.Parallel()
	labels := func(of flow.Type, executors ...string) (list []string) {
		for _, w := range Widgets(of, executors) {
			list = append(list, w.Label)
		}
		return list
	}
	if got := labels(flow.PasswordRecovery, "SMSOTPExecutor", "UserResolveExecutor"); !slices.Equal(got, []string{"Find the account", "Code by text message"}) {
		t.Errorf("recovery: %q", got)
	}
	if got := labels(flow.Registration); !slices.Equal(got, []string{"About the person", "Terms"}) {
		t.Errorf("registration without executors: %q", got)
	}
}

var update = goflag.Bool("update", false, "write testdata/components.json anew")

// TestAnswer keeps the declarations as clients get them, on which the console's
// tests stand, too.
func TestAnswer(t *testing.T) {
	t.Parallel()
	got, err := json.MarshalIndent(Components(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const name = "testdata/components.json"
	if *update {
		if err := os.WriteFile(name, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run with -update after a change (-want +got):\n%s", diff)
	}
}
