package config

import (
	"errors"
	"fmt"
	"io/fs"
)

// MaxUsersFile is the most bytes of a file of users: it has room for some 30,000.
const MaxUsersFile = 16 << 20

// LoadUsers reads a file that has users and nothing else, as "baton user add" writes it. That there is none is no
// error. Nil is no list of users; one that is empty is not nil. The error, if any, is an [*Error].
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

// readUsers reads the list of users.
func (r *fileReader) readUsers(users node) {
	if users.isEmpty() {
		return
	}
	seen := make(map[string]bool)
	r.config.Users = []User{}
	r.readList(users, usersKey, func(parent string, user node) {
		u, ok := r.readUser(parent, user)
		if ok && seen[u.Name] {
			r.report(user.line(), parent, &valueError{text: fmt.Sprintf("user %q is there twice", u.Name)})
		}
		seen[u.Name] = true
		r.config.Users = append(r.config.Users, u)
	})
}

// readUser reads one of them; ok: nothing is wrong.
func (r *fileReader) readUser(parent string, user node) (u User, ok bool) {
	before := len(r.problems)
	for name, value := range r.keys(user, parent+".") {
		if name.text == allowKey {
			u.Allow = r.readRights(parent+"."+allowKey, value)
			continue
		}
		readKey(r, userKeys, &u, parent+".", name, value, allowKey)
	}
	if ok = len(r.problems) == before; !ok {
		return u, false
	}
	switch {
	case u.Name == "":
		r.report(user.line(), parent, &valueError{text: "a user has to have a name"})
	case u.Password.IsZero() && u.Hashes == Hashes{}:
		r.report(user.line(), parent, &valueError{text: fmt.Sprintf("user %q has no password, nor hashes of one; baton user add makes them", u.Name)})
	default:
		return u, true
	}
	return u, false
}

// readAnonymous reads what those may do who do not say who they are: what is not said, they may not.
func (r *fileReader) readAnonymous(value node) {
	r.config.Anonymous = r.readRights(anonymousKey, value)
	for _, right := range r.config.Anonymous {
		if right.allows(ActionAdmin) {
			r.report(value.line(), anonymousKey, &valueError{text: "anonymous: admin is for users alone"})
		}
	}
}

// readRights reads a list of rights.
func (r *fileReader) readRights(key string, list node) (rights []Right) {
	r.readList(list, key, func(parent string, value node) {
		var right Right
		before := len(r.problems)
		for name, value := range r.keys(value, parent+".") {
			readKey(r, rightKeys, &right, parent+".", name, value)
		}
		if err := right.fault(); err != nil && len(r.problems) == before {
			r.report(value.line(), parent, err)
		}
		rights = append(rights, right)
	})
	return rights
}

// readList has each map of a list read, as key[0] and so on.
func (r *fileReader) readList(list node, key string, read func(parent string, element node)) {
	if !list.isList() {
		r.report(list.line(), key, &valueError{text: fmt.Sprintf("%s has to be a list, [] for none, not %s", key, list.kind())})
		return
	}
	for i, element := range list.elements() {
		parent := fmt.Sprintf("%s[%d]", key, i)
		switch {
		case r.full():
			return
		case element.isMap():
			read(parent, element)
		default:
			r.report(element.line(), parent, &valueError{text: fmt.Sprintf("%s has to be a map of keys, not %s", parent, element.kind())})
		}
	}
}

// readKey sets one key of t. More are names that are known besides.
func readKey[T any](r *fileReader, keys []key[T], t *T, parent string, name keyName, value node, more ...string) {
	if k := find(keys, name.text); k != nil {
		readValue(r, k, t, parent, value)
		return
	}
	e := &valueError{text: fmt.Sprintf("unknown key %q", name.text), hint: nearest(name.text, append(names(keys), more...))}
	r.report(name.line, parent+name.text, e)
}
