package rtsp

import (
	"slices"
	"strings"
)

// A Field is one header line.
type Field struct{ Name, Value string }

// A Header is the fields of a message in the order they were sent or will be emitted. Names are compared without regard to
// case (RFC 2326 §4.2 by reference to HTTP) and emitted exactly as given. The methods Get, Has, Values and List work on nil.
type Header []Field

// Get returns the value of the first field called name, "" if there is none.
func (h Header) Get(name string) string {
	if i := h.index(name); i >= 0 {
		return h[i].Value
	}
	return ""
}

// Has reports whether there is a field called name.
func (h Header) Has(name string) bool { return h.index(name) >= 0 }

// Values returns the values of all fields called name, in order, each as it was sent.
func (h Header) Values(name string) []string {
	var values []string
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// List returns the elements of a list header such as Require or Public, however they were spread over comma lists and
// repeated lines. Commas inside double quotes do not split; elements keep their quotes; empty elements are dropped.
func (h Header) List(name string) []string {
	var list []string
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			list = appendList(list, f.Value)
		}
	}
	return list
}

// Set makes value the only one of name. The field keeps the place of the first one it replaces, else it comes last.
func (h *Header) Set(name, value string) {
	i := h.index(name)
	if i < 0 {
		h.Add(name, value)
		return
	}
	(*h)[i] = Field{Name: name, Value: value}
	rest := Header(slices.DeleteFunc((*h)[i+1:], func(f Field) bool { return strings.EqualFold(f.Name, name) }))
	*h = (*h)[:i+1+len(rest)]
}

// Add appends a field.
func (h *Header) Add(name, value string) { *h = append(*h, Field{Name: name, Value: value}) }

// Del removes all fields called name.
func (h *Header) Del(name string) {
	*h = slices.DeleteFunc(*h, func(f Field) bool { return strings.EqualFold(f.Name, name) })
}

func (h Header) index(name string) int {
	for i := range h {
		if strings.EqualFold(h[i].Name, name) {
			return i
		}
	}
	return -1
}
