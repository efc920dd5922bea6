package rtsp

import "strings"

// cut splits s at the first sep that is not inside double quotes and trims blanks around both halves. Within quotes a
// backslash takes the next byte literally; a quote that is never closed reaches to the end.
func cut(s string, sep byte) (head, tail string, found bool) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == sep && !quoted:
			return trim(s[:i]), trim(s[i+1:]), true
		}
	}
	return trim(s), "", false
}

// appendList appends the non-empty elements of the comma list s.
func appendList(list []string, s string) []string {
	for more := true; more; {
		var element string
		element, s, more = cut(s, ',')
		if element != "" {
			list = append(list, element)
		}
	}
	return list
}

// trim removes the blanks that may surround any token, RFC 2326 §15.1 LWS.
func trim(s string) string { return strings.Trim(s, " \t") }

// unquote returns the text of a quoted string, or s itself when it is not quoted.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	s = s[1 : len(s)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

// isToken reports whether s is a token of RFC 2326 §15.1: not empty, no blanks, controls, separators or bytes over 126.
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isTokenByte(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '@', ',', ';', ':', '\\', '"', '/', '[', ']', '?', '=', '{', '}':
		return false
	}
	return c > ' ' && c < 0x7f
}

func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
