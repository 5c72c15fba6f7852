// Package starter holds the flows a tenant begins with and the templates
// administrators start from. Adding a template is adding a file to flows/.
package starter

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"

	"usher/flow"
)

// Template is a ready-made flow.
type Template struct {
	Name        string `json:"name"` // the file's name without ending
	Label       string `json:"label"`
	Description string `json:"description"`
	// Default templates are what a tenant's flow of the type is at first.
	Default bool `json:"default"`
	// Definition is a document as PUT /flow takes it.
	Definition json.RawMessage `json:"definition"`
	// Flow is the definition's flowType.
	Flow flow.Type `json:"-"`
}

//go:embed flows/*.json
var files embed.FS

var templates = load()

func load() []Template {
	entries, err := files.ReadDir("flows")
	if err != nil {
		panic(err)
	}
	list := make([]Template, len(entries))
	for i, entry := range entries {
		list[i] = mustRead(entry.Name())
	}
	// The default of a type first, then by name.
	slices.SortStableFunc(list, func(a, b Template) int {
		switch {
		case a.Default == b.Default:
			return 0
		case a.Default:
			return -1
		}
		return 1
	})
	return list
}

func mustRead(name string) Template {
	var t Template
	data, err := files.ReadFile("flows/" + name)
	if err == nil {
		err = json.Unmarshal(data, &t)
	}
	if err == nil {
		var d *flow.Definition
		if d, err = flow.ParseDefinition(t.Definition); err == nil {
			t.Flow = d.FlowType
		}
	}
	if err != nil {
		panic(fmt.Sprintf("starter: flows/%s: %v", name, err)) // embedded, so a test finds it
	}
	return t
}

// Templates returns the templates of a type, the default one first.
func Templates(t flow.Type) []Template {
	return slices.DeleteFunc(slices.Clone(templates), func(one Template) bool { return one.Flow != t })
}

// Default returns the document that a tenant's flow of the type is at first.
func Default(t flow.Type) []byte {
	for _, one := range Templates(t) {
		if one.Default {
			return one.Definition
		}
	}
	panic("starter: no default flow of type " + t)
}
