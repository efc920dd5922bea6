package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// LoadUsers reads a file that has users and nothing else, as "baton user add" writes it. That there is none is no
// error. The error, if any, is an [*Error].
func LoadUsers(name string, env Env) ([]User, error) {
	if f, err := env.open(name); err == nil {
		f.Close()
	} else if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	r := fileReader{config: &Config{}, lines: make(map[string]int), usersOnly: true}
	r.open(name, env)
	if len(r.problems) > 0 {
		return nil, &Error{Problems: r.problems}
	}
	return r.config.Users, nil
}

// readUsers reads the map from names to what these users are.
func (r *fileReader) readUsers(users node) {
	if users.isEmpty() {
		return
	}
	if !users.isMap() {
		r.report(users.line(), usersKey, &valueError{text: "users has to be a map from names to what they may do, not " + users.kind()})
		return
	}
	for name, settings := range r.keys(users, usersKey+".") {
		u := User{Name: name.text}
		parent := usersKey + "." + name.text
		if _, err := ParseUserName(name.text); err != nil {
			r.report(name.line, parent, err)
		}
		if !settings.isMap() {
			r.report(settings.line(), parent, &valueError{text: fmt.Sprintf("user %q has to have a map of keys, not %s", name.text, settings.kind())})
			continue
		}
		before := len(r.problems)
		readMap(r, userKeys, &u, parent+".", settings)
		if len(r.problems) == before && u.Password.IsZero() && u.SHA256.IsZero() && u.MD5.IsZero() && u.Argon2id.IsZero() {
			r.report(name.line, parent, &valueError{text: fmt.Sprintf("user %q has no password, nor a hash of one; baton user add makes one", name.text)})
		}
		r.config.Users = append(r.config.Users, u)
	}
}

// readAnonymous reads what those may do who do not say who they are: what is not said, they may not.
func (r *fileReader) readAnonymous(value node) {
	if text, ok := value.text(); ok && text == "off" {
		r.config.Anonymous = Rights{}
		return
	}
	if !value.isMap() {
		r.report(value.line(), anonymousKey, &valueError{text: "anonymous has to be off or a map of keys, not " + value.kind()})
		return
	}
	r.config.Anonymous = Rights{From: loopback()}
	readMap(r, anonymousKeys, &r.config.Anonymous, anonymousKey+".", value)
}

// readAuth reads who else is asked.
func (r *fileReader) readAuth(value node) {
	if value.isEmpty() {
		return
	}
	if !value.isMap() {
		r.report(value.line(), authKey, &valueError{text: "auth has to be a map of keys, not " + value.kind()})
		return
	}
	readMap(r, authKeys, &r.config.Auth, authKey+".", value)
}

// readMap reads the keys of a map, and of the maps of groups in it, which are what is in front of a point in a key.
func readMap[T any](r *fileReader, keys []key[T], t *T, parent string, m node) {
	var read func(group string, m node)
	read = func(group string, m node) {
		for name, value := range r.keys(m, parent+group) {
			name.text = group + name.text
			switch k := find(keys, name.text); {
			case k != nil:
				readValue(r, k, t, parent, value)
			case group == "" && (value.isMap() || value.isEmpty()) && hasGroup(keys, name.text):
				read(name.text+".", value)
			default:
				e := &valueError{text: fmt.Sprintf("unknown key %q", name.text), hint: nearest(name.text, names(keys))}
				r.report(name.line, parent+name.text, e)
			}
		}
	}
	read("", m)
}

// hasGroup tells whether keys begin with a name and a point.
func hasGroup[T any](keys []key[T], name string) bool {
	for _, k := range keys {
		if strings.HasPrefix(k.name, name+".") {
			return true
		}
	}
	return false
}
