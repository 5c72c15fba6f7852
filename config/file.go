package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxFileSize bounds the config file; ours is a page.
const maxFileSize = 1 << 20

// file is a config file: YAML, one mapping of keys to scalars or lists of
// scalars. Scalars are taken as they are written, so that "off" and 0123 mean
// themselves.
type file struct {
	path  string
	lines map[string]line // by key
}

type line struct {
	number int
	value  string
}

// readFile returns what could be read of the file and every problem with it.
// No problem repeats a value: a misspelt key may be that of a secret.
func readFile(path string) (file, Problems) {
	result := file{path: path, lines: map[string]line{}}
	var faults Problems
	data, err := readBounded(path)
	if err != nil {
		// The path is in the text once already.
		if inner, ok := errors.AsType[*fs.PathError](err); ok {
			err = inner.Err
		}
		faults.add("config", "cannot read %s: %v", path, err)
		return result, faults
	}
	var documents []yaml.Node
	if err := yaml.Load(data, &documents, yaml.WithAllDocuments()); err != nil {
		faults.add("config", "%s is not YAML of the form 'key: value'%s", path, position(err))
		return result, faults
	}
	if len(documents) == 0 {
		return result, nil // nothing but comments
	}
	mapping := documents[0].Content[0]
	if len(documents) > 1 || mapping.Kind != yaml.MappingNode {
		faults.add("config", "%s is not one list of lines of the form 'key: value'", path)
		return result, faults
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		result.read(mapping.Content[i], mapping.Content[i+1], &faults)
	}
	return result, faults
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err == nil && len(data) > maxFileSize {
		err = errors.New("larger than 1 MiB")
	}
	return data, err
}

// read takes over one line of the file.
func (f *file) read(key, value *yaml.Node, faults *Problems) {
	var known []string
	for _, s := range settings() {
		if s.flag != "config" { // a file does not name another
			known = append(known, s.key())
		}
	}
	if !slices.Contains(known, key.Value) {
		faults.add("", "%s:%d: no such setting %q%s", f.path, key.Line, key.Value, suggest(key.Value, known))
		return
	}
	if first, ok := f.lines[key.Value]; ok {
		faults.add("", "%s:%d: %s is set a second time, first in line %d", f.path, key.Line, key.Value, first.number)
		return
	}
	text, ok := scalar(value)
	if !ok {
		faults.add("", "%s:%d: %s wants a value or a list of values", f.path, key.Line, key.Value)
		return
	}
	f.lines[key.Value] = line{number: key.Line, value: text}
}

// scalar returns a scalar as it is written, a list joined with commas.
func scalar(n *yaml.Node) (string, bool) {
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return "", true
		}
		return n.Value, true
	case yaml.SequenceNode:
		items := make([]string, 0, len(n.Content))
		for _, item := range n.Content {
			if item.Kind != yaml.ScalarNode {
				return "", false
			}
			items = append(items, item.Value)
		}
		return strings.Join(items, ","), true
	}
	return "", false
}

// position says in which line the YAML ends to be one. The error's own text is
// not used: it may quote the line, and the line may hold a password.
func position(err error) string {
	if load, ok := errors.AsType[*yaml.LoadError](err); ok && load.Mark.Line > 0 {
		return fmt.Sprintf(", see line %d", load.Mark.Line)
	}
	return ""
}
