package rtsp

import (
	"errors"
	"strings"
)

// fields is what a header block says, good and bad. Framing depends on it, so it goes on to the end after an error.
type fields struct {
	header Header
	cseq   string // the first that could be read
	err    error  // the first line that could not

	sawCSeq   bool
	cseqErr   error
	sawLength bool
	length    int64
	lengthErr error
}

// parseFields parses a header block; count is the number of its lines. Folded lines are joined by one blank.
func parseFields(s string, count int, l Limits) fields {
	f := fields{header: make(Header, 0, min(count, l.Headers))}
	if s != "" && isBlank(s[0]) {
		f.fail(s, errors.New("nothing to continue"))
	}
	for s != "" {
		var line string
		line, s = cutLine(s)
		if s != "" && isBlank(s[0]) {
			line, s = unfold(line, s)
		}
		f.add(line, l)
	}
	return f
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// unfold appends to line the continuation lines at the front of rest.
func unfold(line, rest string) (string, string) {
	var b strings.Builder
	b.WriteString(strings.TrimRight(line, " \t"))
	for rest != "" && isBlank(rest[0]) {
		var more string
		more, rest = cutLine(rest)
		if more = trim(more); more != "" {
			b.WriteByte(' ')
			b.WriteString(more)
		}
	}
	return b.String(), rest
}

func (f *fields) add(line string, l Limits) {
	name, value, found := strings.Cut(line, ":")
	name, value = trim(name), trim(value)
	if !found || !isToken(name) {
		f.fail(line, nil)
		return
	}
	switch { // before any refusal: framing and the answer need these two
	case strings.EqualFold(name, "CSeq"):
		f.addCSeq(value)
	case strings.EqualFold(name, "Content-Length"):
		f.addLength(value)
	}
	switch {
	case len(line) > l.HeaderLine:
		f.fail(name, errors.New("too long"))
	case strings.IndexByte(value, 0) >= 0:
		f.fail(line, errors.New("NUL byte"))
	case len(f.header) >= l.Headers:
		f.fail(name, errors.New("too many"))
	default:
		f.header = append(f.header, Field{Name: name, Value: value})
	}
}

func (f *fields) fail(line string, cause error) {
	if f.err == nil {
		f.err = &SyntaxError{Field: "header", Value: line, Err: cause}
	}
}

func (f *fields) addCSeq(value string) {
	cseq, err := ParseCSeq(value)
	switch {
	case err != nil:
		f.cseqErr = err
	case f.cseq == "":
		f.cseq = cseq
	case f.cseq != cseq:
		f.cseqErr = &SyntaxError{Field: "CSeq", Value: value, Err: errors.New("two different values")}
	}
	f.sawCSeq = true
}

func (f *fields) addLength(value string) {
	n, ok := parseDigits(value)
	switch {
	case !ok:
		f.lengthErr = &SyntaxError{Field: "Content-Length", Value: value}
	case f.sawLength && n != f.length:
		f.lengthErr = &SyntaxError{Field: "Content-Length", Value: value, Err: errors.New("two different values")}
	}
	f.sawLength, f.length = true, n
}

// parseDigits parses a decimal number without sign that fits an int64.
func parseDigits(s string) (n int64, ok bool) {
	if !isDigits(s) {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		d := int64(s[i] - '0')
		if n > (1<<63-1-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}
