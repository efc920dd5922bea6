package sdp

import "strings"

// A Param is one parameter of a=fmtp; a parameter without "=" has an empty Value.
type Param struct{ Name, Value string }

// Params are the parameters of a format in the order they were written. Names are compared
// without case: Hikvision writes "SizeLength" where RFC 3640 has "sizeLength" (PLD-13).
type Params []Param

// Get returns the value of the first parameter called name, "" when there is none.
func (p Params) Get(name string) string {
	for _, param := range p {
		if strings.EqualFold(param.Name, name) {
			return param.Value
		}
	}
	return ""
}

// Has tells whether there is a parameter called name, with or without a value.
func (p Params) Has(name string) bool {
	for _, param := range p {
		if strings.EqualFold(param.Name, name) {
			return true
		}
	}
	return false
}

// Set gives the parameter called name the value, in its place or at the end.
func (p *Params) Set(name, value string) {
	for i, param := range *p {
		if strings.EqualFold(param.Name, name) {
			(*p)[i].Value = value
			return
		}
	}
	*p = append(*p, Param{name, value})
}

// String returns the parameters as a=fmtp carries them: "name=value;name=value".
func (p Params) String() string {
	var text strings.Builder
	for i, param := range p {
		if i > 0 {
			text.WriteByte(';')
		}
		text.WriteString(param.Name)
		if param.Value != "" {
			text.WriteByte('=')
			text.WriteString(param.Value)
		}
	}
	return text.String()
}

// parseParams appends the parameters in text to p. They stand between semicolons, or, as some
// encoders write them, between spaces; quotes around a value are taken off.
func parseParams(p Params, text string) Params {
	for part := range strings.SplitSeq(text, ";") {
		part = strings.TrimSpace(part)
		if !spaceSeparated(part) {
			p = appendParam(p, part)
			continue
		}
		for field := range strings.FieldsSeq(part) {
			p = appendParam(p, field)
		}
	}
	return p
}

func appendParam(p Params, text string) Params {
	name, value, _ := strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	if name == "" || len(p) == maxParams {
		return p
	}
	return append(p, Param{name, unquote(value)})
}

// spaceSeparated tells whether text is "a=1 b=2": several words, each one a parameter.
func spaceSeparated(text string) bool {
	words := 0
	for word := range strings.FieldsSeq(text) {
		if i := strings.IndexByte(word, '='); i <= 0 || i == len(word)-1 && words == 0 {
			return false
		}
		words++
	}
	return words > 1
}
