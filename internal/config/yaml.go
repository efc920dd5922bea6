package config

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// This file is all that knows the YAML library: it turns a file into nodes that
// know their line, and syntax errors into problems.

// A node is one value of a YAML file.
type node struct {
	yaml *yaml.Node
}

// parseYAML parses the one document of a file. ok is false when there is none:
// the file is empty, or it is not YAML and problems says where.
func parseYAML(file string, data []byte) (root node, problems []Problem, ok bool) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if line := unprintable(data); line > 0 {
		return node{}, []Problem{{File: file, Line: line, Text: "this is not text in UTF-8"}}, false
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		return node{}, []Problem{{File: file, Text: err.Error()}}, false
	}
	var first, second yaml.Node
	if err := loader.Load(&first); err != nil {
		return node{}, syntaxProblems(file, data, err), false
	}
	switch err := loader.Load(&second); {
	case err == nil:
		problems = []Problem{{File: file, Line: max(1, second.Line), Text: "a second document begins here, and only one is read"}}
	case !errors.Is(err, io.EOF):
		problems = syntaxProblems(file, data, err)
	}
	return node{first.Content[0]}, problems, true
}

// unprintable returns the first line that is not UTF-8 or has a control
// character that YAML forbids, else 0. The library knows no line for these.
func unprintable(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r == '\n':
			line++
		case r == utf8.RuneError && size == 1, r < ' ' && r != '\t' && r != '\r', r >= 0x7f && r < 0xa0 && r != 0x85:
			return line
		}
		data = data[size:]
	}
	return 0
}

// syntaxProblems is what the library's error says; nothing at the end of the
// file.
func syntaxProblems(file string, data []byte, err error) []Problem {
	if errors.Is(err, io.EOF) {
		return nil
	}
	p := Problem{File: file, Line: 1, Text: "this is not YAML: " + err.Error()}
	var load *yaml.LoadError
	if errors.As(err, &load) {
		p.Line = max(1, load.Mark.Line)
		p.Text = "this is not YAML: " + load.Message
	}
	// To YAML a * that is not quoted is an alias, whatever follows it.
	if pattern, _, ok := strings.Cut(lineOf(data, p.Line), ":"); ok && strings.HasPrefix(pattern, "*") {
		p.Text = "a pattern that begins with * has to be quoted"
		p.Hint = `"` + pattern + `"`
	}
	return []Problem{p}
}

func lineOf(data []byte, line int) string {
	for range line - 1 {
		_, data, _ = bytes.Cut(data, []byte("\n"))
	}
	data, _, _ = bytes.Cut(data, []byte("\n"))
	return string(bytes.TrimSpace(data))
}

// target is the node itself, or what an alias stands for.
func (n node) target() *yaml.Node {
	if n.yaml.Kind == yaml.AliasNode {
		return n.yaml.Alias
	}
	return n.yaml
}

// line is where the node's value begins, from 1.
func (n node) line() int { return max(1, n.target().Line) }

// kind names what the node is, for a sentence.
func (n node) kind() string {
	switch t := n.target(); {
	case t.Style&yaml.TaggedStyle != 0:
		return "a value with a tag"
	case t.Kind == yaml.MappingNode:
		return "a map"
	case t.Kind == yaml.SequenceNode:
		return "a list"
	case t.Tag == "!!null":
		return "empty"
	}
	return "a single value"
}

// text is the text of a single value, as ok tells that it is one.
func (n node) text() (text string, ok bool) {
	return n.target().Value, n.kind() == "a single value"
}

// list is the texts of a list of single values, joined by blanks.
func (n node) list() (text string, ok bool) {
	if n.kind() != "a list" {
		return "", false
	}
	var all []string
	for _, c := range n.target().Content {
		one, ok := node{c}.text()
		if !ok {
			return "", false
		}
		all = append(all, one)
	}
	return strings.Join(all, " "), true
}

// isList tells whether elements has meaning.
func (n node) isList() bool { return n.kind() == "a list" }

// elements ranges over those of a list, with their places from 0.
func (n node) elements() iter.Seq2[int, node] {
	return func(yield func(int, node) bool) {
		for i, c := range n.target().Content {
			if !yield(i, node{c}) {
				return
			}
		}
	}
}

// isEmpty tells whether there is a key and nothing behind it.
func (n node) isEmpty() bool { return n.kind() == "empty" }

// isMap tells whether entries has meaning.
func (n node) isMap() bool { return n.kind() == "a map" }

// entries ranges over the keys and values of a map, in the order of the file.
func (n node) entries() iter.Seq2[node, node] {
	return func(yield func(node, node) bool) {
		content := n.target().Content
		for i := 0; i+1 < len(content); i += 2 {
			if !yield(node{content[i]}, node{content[i+1]}) {
				return
			}
		}
	}
}
