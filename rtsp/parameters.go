package rtsp

import (
	"errors"
	"strings"
)

const maxParameters = 256 // of one body

// A Parameter is one line of a text/parameters body (RFC 2326 §10.8, §10.9): a name that is asked for, or a name and its value.
type Parameter struct{ Name, Value string }

// ParseParameters parses the body of GET_PARAMETER ("name" lines) or SET_PARAMETER ("name: value" lines). Any line end
// will do, blank lines are skipped. The error is a *[SyntaxError].
func ParseParameters(body []byte) ([]Parameter, error) {
	var params []Parameter
	for s := string(body); s != ""; {
		var line string
		line, s = cutLine(s)
		if trim(line) == "" {
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		p := Parameter{Name: trim(name), Value: trim(value)}
		switch {
		case p.Name == "" || hasControl(p.Name) || strings.IndexByte(p.Value, 0) >= 0:
			return nil, &SyntaxError{Field: "parameter", Value: line}
		case len(params) == maxParameters:
			return nil, &SyntaxError{Field: "parameter", Value: line, Err: errors.New("too many")}
		}
		params = append(params, p)
	}
	return params, nil
}

// AppendParameters appends a text/parameters body: "name: value" lines, and the name alone where the value is empty, as the
// body of a 451 lists what was not understood.
func AppendParameters(b []byte, params []Parameter) []byte {
	for _, p := range params {
		b = appendClean(b, p.Name)
		if p.Value != "" {
			b = append(b, ':', ' ')
			b = appendClean(b, p.Value)
		}
		b = append(b, '\r', '\n')
	}
	return b
}
