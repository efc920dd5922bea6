package sdp

import (
	"slices"
	"strings"
)

// An Attribute is one a= line (RFC 8866 §5.13): "a=key:value", or a flag "a=key" whose Value is
// empty.
type Attribute struct{ Key, Value string }

func attr(list []Attribute, key string) (string, bool) {
	for _, a := range list {
		if strings.EqualFold(a.Key, key) {
			return a.Value, true
		}
	}
	return "", false
}

func attrAll(list []Attribute, key string) []string {
	var values []string
	for _, a := range list {
		if strings.EqualFold(a.Key, key) {
			values = append(values, a.Value)
		}
	}
	return values
}

func setAttr(list []Attribute, key, value string) []Attribute {
	i := slices.IndexFunc(list, func(a Attribute) bool { return strings.EqualFold(a.Key, key) })
	if i < 0 {
		return append(list, Attribute{key, value})
	}
	list[i] = Attribute{key, value}
	return append(list[:i+1], delAttr(list[i+1:], key)...)
}

func delAttr(list []Attribute, key string) []Attribute {
	return slices.DeleteFunc(list, func(a Attribute) bool { return strings.EqualFold(a.Key, key) })
}

func control(list []Attribute) string {
	value, _ := attr(list, "control")
	return unquote(value)
}

// unquote takes the spaces and one pair of double quotes from around s.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	return s
}

// parseAttribute reads the text after "a=". It accepts a space instead of the colon ("a=control
// trackID=1") and spaces around it, and reports false for a name that cannot be written again.
func parseAttribute(text string) (Attribute, bool) {
	n := tokenLen(text)
	if n == 0 {
		return Attribute{}, false
	}
	key, rest := text[:n], text[n:]
	if rest != "" && !strings.ContainsRune(": \t", rune(rest[0])) {
		return Attribute{}, false
	}
	rest = strings.TrimPrefix(strings.TrimSpace(rest), ":")
	return Attribute{key, strings.TrimSpace(rest)}, true
}
