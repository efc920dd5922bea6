package config

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

const (
	maxFile     = 1 << 20 // bytes of a configuration file
	maxProblems = 1000    // found in one file; aliases can repeat one without end
)

// A fileReader lays one configuration file over a Config and gathers what is
// wrong with it.
type fileReader struct {
	file     string
	config   *Config
	lines    map[string]int // where each top-level key stands
	problems []Problem

	usersOnly bool // the file has users and nothing else
}

// open reads the file called name.
func (r *fileReader) open(name string, env Env) {
	if name == "" {
		r.problems = append(r.problems, flagProblem("config", &valueError{text: `"" is not a file`}))
		return
	}
	r.file = name
	limit := maxFile
	if r.usersOnly {
		limit = MaxUsersFile
	}
	data, err := env.readFile(name, limit)
	if err != nil {
		r.report(0, "config", err)
		return
	}
	r.read(data)
}

// read reads all of data, whatever is wrong with parts of it.
func (r *fileReader) read(data []byte) {
	root, problems, ok := parseYAML(r.file, data)
	r.problems = problems
	if ok && !root.isEmpty() {
		if root.isMap() {
			r.readServer(root)
		} else {
			r.report(root.line(), "", &valueError{text: "the file has to be a map of keys to values, not " + root.kind()})
		}
	}
}

func (r *fileReader) report(line int, key string, err error) {
	p := Problem{File: r.file, Line: line, Key: key, Text: err.Error()}
	if e, ok := errors.AsType[*valueError](err); ok {
		p.Text, p.Hint = e.text, e.hint
	}
	r.problems = append(r.problems, p)
}

// full tells that there are problems enough.
func (r *fileReader) full() bool { return len(r.problems) >= maxProblems }

func (r *fileReader) readServer(root node) { r.readServerKeys("", root) }

// readServerKeys reads the keys of a map: the whole file, or that of a group, see readSettings.
func (r *fileReader) readServerKeys(group string, settings node) {
	for name, value := range r.keys(settings, group) {
		name.text = group + name.text
		switch k := find(serverKeys, name.text); {
		case name.text == usersKey:
			r.readUsers(value)
		case r.usersOnly:
			r.report(name.line, name.text, &valueError{text: fmt.Sprintf("%q does not belong here: this file is for users", name.text)})
		case name.text == pathsKey:
			r.readPaths(value)
		case name.text == anonymousKey:
			r.readAnonymous(value)
		case k != nil:
			r.lines[k.name] = value.line()
			readValue(r, k, r.config, "", value)
		case value.isMap() && isGroup(serverKeys, name.text):
			r.readServerKeys(name.text+".", value)
		case isGroup(serverKeys, name.text):
			if !value.isEmpty() {
				r.report(value.line(), name.text, &valueError{text: fmt.Sprintf("%s has to be a map of settings, not %s", name.text, value.kind())})
			}
		default:
			r.unknownServerKey(name)
		}
	}
}

func (r *fileReader) readPaths(paths node) {
	if paths.isEmpty() {
		return
	}
	if !paths.isMap() {
		r.report(paths.line(), pathsKey, &valueError{text: "paths has to be a map from paths to their settings, not " + paths.kind()})
		return
	}
	seen := make(map[string]bool)
	for name, settings := range r.keys(paths, pathsKey+".") {
		pattern, err := parsePattern(name.text)
		switch {
		case err != nil:
			r.report(name.line, pathsKey+"."+name.text, err)
		case seen[pattern]:
			r.report(name.line, pathsKey+"."+name.text, &valueError{text: fmt.Sprintf("path %q is there twice", pattern)})
		}
		seen[pattern] = true
		rule := PathRule{Pattern: pattern}
		r.readRule(&rule, name.text, settings)
		r.config.Paths = append(r.config.Paths, rule)
	}
}

// readRule reads the settings of the path that the file calls name.
func (r *fileReader) readRule(rule *PathRule, name string, settings node) {
	parent := pathsKey + "." + name
	if settings.isEmpty() {
		return
	}
	if !settings.isMap() {
		r.report(settings.line(), parent, &valueError{text: fmt.Sprintf("path %q has to have a map of settings, not %s", name, settings.kind())})
		return
	}
	r.readSettings(rule, parent+".", "", settings)
}

// readSettings reads the keys of a map. Those in the map of a group, which is what is in front of a point in a key, have
// group in front of their names.
func (r *fileReader) readSettings(rule *PathRule, parent, group string, settings node) {
	for setting, value := range r.keys(settings, parent+group) {
		setting.text = group + setting.text
		switch k := find(pathKeys, setting.text); {
		case k != nil:
			readValue(r, k, rule, parent, value)
		case group == "" && value.isMap() && isGroup(pathKeys, setting.text):
			r.readSettings(rule, parent, setting.text+".", value)
		default:
			r.unknownPathKey(setting, parent)
		}
	}
}

// isGroup tells whether keys begin with a name and a point.
func isGroup[T any](keys []key[T], name string) bool {
	return slices.ContainsFunc(keys, func(k key[T]) bool { return strings.HasPrefix(k.name, name+".") })
}

// readValue sets one key of t.
func readValue[T any](r *fileReader, k *key[T], t *T, parent string, value node) {
	text, ok := value.text()
	if k.list && !ok {
		text, ok = value.list()
	}
	if !ok {
		r.report(value.line(), parent+k.name, &valueError{text: fmt.Sprintf("%s has to be a single value, not %s", k.name, value.kind())})
		return
	}
	if err := k.set(t, text); err != nil {
		r.report(value.line(), parent+k.name, about(k.name, err))
	}
}

// about puts what err is about in front of it.
func about(subject string, err error) *valueError {
	e := &valueError{text: err.Error()}
	if v, ok := errors.AsType[*valueError](err); ok {
		*e = *v
	}
	e.text = subject + ": " + e.text
	return e
}

// A keyName is the key of a map's entry.
type keyName struct {
	text string
	line int
}

// keys ranges over a map's entries, those aside whose key is no text or was there
// before: they are reported.
func (r *fileReader) keys(m node, parent string) iter.Seq2[keyName, node] {
	return func(yield func(keyName, node) bool) {
		seen := make(map[string]int)
		for k, value := range m.entries() {
			text, ok := k.text()
			name := keyName{text, k.line()}
			switch {
			case r.full():
				return
			case !ok:
				r.report(name.line, parent, &valueError{text: "a key has to be a name, not " + k.kind()})
			case seen[text] > 0:
				r.report(name.line, parent+text, &valueError{text: fmt.Sprintf("%q is there twice, first in line %d", text, seen[text])})
			case !yield(name, value):
				return
			}
			if ok && seen[text] == 0 {
				seen[text] = name.line
			}
		}
	}
}

func (r *fileReader) unknownServerKey(name keyName) {
	e := &valueError{text: fmt.Sprintf("unknown key %q", name.text)}
	if find(pathKeys, name.text) != nil {
		e.text = fmt.Sprintf("%q is a setting of a path and belongs below one in paths", name.text)
	} else {
		e.hint = nearest(name.text, append(names(serverKeys), pathsKey, usersKey, anonymousKey))
	}
	r.report(name.line, name.text, e)
}

func (r *fileReader) unknownPathKey(name keyName, parent string) {
	e := &valueError{text: fmt.Sprintf("unknown key %q", name.text)}
	if find(serverKeys, name.text) != nil {
		e.text = fmt.Sprintf("%q is a setting of the whole server, not of a path", name.text)
	} else {
		e.hint = nearest(name.text, names(pathKeys))
	}
	r.report(name.line, parent+name.text, e)
}
