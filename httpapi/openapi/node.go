package openapi

import (
	"iter"
	"strings"

	"go.yaml.in/yaml/v4"
)

// members are the keys and values of a mapping, in order.
func members(mapping *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i+1 < len(mapping.Content); i += 2 {
			if !yield(mapping.Content[i], mapping.Content[i+1]) {
				return
			}
		}
	}
}

// find returns the mapping's value under the key, nil for none.
func find(mapping *yaml.Node, key string) *yaml.Node {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	for k, value := range members(mapping) {
		if k.Value == key {
			return value
		}
	}
	return nil
}

// lookUp follows a reference such as #/components/schemas/Problem; nil where
// there is nothing.
func lookUp(top *yaml.Node, ref string) *yaml.Node {
	path, local := strings.CutPrefix(ref, "#/")
	if !local {
		return nil
	}
	n := top
	for key := range strings.SplitSeq(path, "/") {
		n = find(n, key)
	}
	return n
}

// put sets the value at the path, making the mappings on the way.
func put(top *yaml.Node, path []string, value *yaml.Node) {
	for _, key := range path[:len(path)-1] {
		next := find(top, key)
		if next == nil {
			next = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
			top.Content = append(top.Content, text(key), next)
		}
		top = next
	}
	top.Content = append(top.Content, text(path[len(path)-1]), value)
}

func text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}
