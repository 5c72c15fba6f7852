package palette

import (
	"embed"
	"encoding/json"
	"io/fs"
	"slices"

	"usher/flow"
)

// Widget is a ready-made step.
type Widget struct {
	Label   string `json:"label"`
	Summary string `json:"summary"`
	Icon    string `json:"icon"`
	// Flows are the types it is for; nil means any.
	Flows []flow.Type `json:"flows,omitempty"`
	// Value is the step as a definition has it, without what it leads to. Its
	// id is one that a builder makes unique.
	Value json.RawMessage `json:"value"`
}

//go:embed widgets/*.json
var files embed.FS

// widgets are in the order of their files' names.
var widgets = func() []Widget {
	names, err := fs.Glob(files, "widgets/*.json")
	if err != nil {
		panic(err) // the pattern is above
	}
	list := make([]Widget, len(names))
	for i, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err) // it was listed
		}
		if err := json.Unmarshal(text, &list[i]); err != nil {
			panic(name + ": " + err.Error()) // tests read every one
		}
	}
	return list
}()

// Widgets lists those that flows of the type may have, where the executors
// there are named so.
func Widgets(t flow.Type, executors []string) []Widget {
	list := []Widget{}
	for _, w := range widgets {
		if w.Flows != nil && !slices.Contains(w.Flows, t) {
			continue
		}
		if !slices.ContainsFunc(w.executors(), func(name string) bool { return !slices.Contains(executors, name) }) {
			list = append(list, w)
		}
	}
	return list
}

// executors names what the step runs.
func (w *Widget) executors() []string {
	var step flow.Step
	if err := json.Unmarshal(w.Value, &step); err != nil {
		panic(w.Label + ": " + err.Error()) // tests read every one
	}
	var names []string
	for _, use := range (&flow.Definition{Steps: []flow.Step{step}}).Uses() {
		names = append(names, use.Executor)
	}
	return names
}
