package openapi

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"
)

// Document describes one API.
type Document struct {
	Name        string // in paths, for example "claims"
	Title       string
	Description string // its first paragraph
	JSON, YAML  []byte
}

//go:embed *.yaml shared/parts.yaml
var files embed.FS

// Documents returns all documents, by name.
var Documents = sync.OnceValue(func() []Document {
	parts := mustParse("shared/parts.yaml")
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err)
	}
	var all []Document
	for _, entry := range entries {
		if name, ok := strings.CutSuffix(entry.Name(), ".yaml"); ok {
			d, err := newDocument(name, mustParse(entry.Name()), parts)
			if err != nil {
				panic(fmt.Sprintf("openapi: %s: %v", entry.Name(), err)) // embedded, so a test finds it
			}
			all = append(all, d)
		}
	}
	return all
})

// mustParse reads a file as its top mapping.
func mustParse(name string) *yaml.Node {
	data, err := files.ReadFile(name)
	var top yaml.Node
	if err == nil {
		err = yaml.Unmarshal(data, &top)
	}
	if err != nil {
		panic(fmt.Sprintf("openapi: %s: %v", name, err)) // embedded, so a test finds it
	}
	return top.Content[0]
}

func newDocument(name string, top, parts *yaml.Node) (Document, error) {
	if err := complete(top, parts); err != nil {
		return Document{}, err
	}
	var whole map[string]any
	if err := top.Decode(&whole); err != nil {
		return Document{}, err
	}
	d := Document{Name: name}
	info, _ := whole["info"].(map[string]any)
	d.Title, _ = info["title"].(string)
	d.Description, _ = info["description"].(string)
	d.Description, _, _ = strings.Cut(strings.TrimSpace(d.Description), "\n\n")
	d.Description = strings.Join(strings.Fields(d.Description), " ")
	var err error
	if d.JSON, err = json.Marshal(whole); err != nil {
		return d, err
	}
	d.YAML, err = yaml.Marshal(top)
	return d, err
}

// complete adds what the document leaves to the shared parts: top-level
// members that it has not, and the components that its references name.
func complete(top, parts *yaml.Node) error {
	for key, value := range members(parts) {
		if key.Value != "components" && find(top, key.Value) == nil {
			top.Content = append(top.Content, key, value)
		}
	}
	// What is added may refer to more.
	for done := map[string]bool{}; ; {
		missing := slices.DeleteFunc(slices.Sorted(maps.Keys(references(top))), func(ref string) bool { return done[ref] || lookUp(top, ref) != nil })
		if len(missing) == 0 {
			return nil
		}
		for _, ref := range missing {
			component := lookUp(parts, ref)
			if component == nil {
				return fmt.Errorf("there is no %s", ref)
			}
			done[ref] = true
			path := strings.Split(strings.TrimPrefix(ref, "#/"), "/")
			put(top, path, component)
		}
	}
}

// references are the local references of a node, and the security schemes that
// its requirements name as if they were such.
func references(n *yaml.Node) map[string]bool {
	found := map[string]bool{}
	if n.Kind == yaml.MappingNode {
		for key, value := range members(n) {
			switch {
			case key.Value == "$ref" && value.Kind == yaml.ScalarNode:
				found[value.Value] = true
			case key.Value == "security" && value.Kind == yaml.SequenceNode:
				for _, requirement := range value.Content {
					for scheme := range members(requirement) {
						found["#/components/securitySchemes/"+scheme.Value] = true
					}
				}
			}
		}
	}
	for _, child := range n.Content {
		maps.Copy(found, references(child))
	}
	return found
}
