package rtsp

import "strings"

// unescape decodes percent escapes once; false if one is malformed.
func unescape(s string) (string, bool) {
	if strings.IndexByte(s, '%') < 0 {
		return s, true
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b = append(b, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		high, low := fromHex(s[i+1]), fromHex(s[i+2])
		if high < 0 || low < 0 {
			return "", false
		}
		b = append(b, byte(high<<4|low))
		i += 2
	}
	return string(b), true
}

// unescapeLenient takes text that is not well escaped as it is: passwords are often pasted into URLs raw.
func unescapeLenient(s string) string {
	if d, ok := unescape(s); ok {
		return d
	}
	return s
}

func fromHex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// climbs reports whether a decoded path has a ".." segment or a NUL byte. A backslash separates too: it does on Windows.
func climbs(path string) bool {
	for segment := range strings.FieldsFuncSeq(path, isSeparator) {
		if segment == ".." {
			return true
		}
	}
	return strings.IndexByte(path, 0) >= 0
}

func isSeparator(c rune) bool { return c == '/' || c == '\\' }

// cleanPath drops empty and "." segments and the trailing slash.
func cleanPath(path string) string {
	var b strings.Builder
	for segment := range strings.SplitSeq(path, "/") {
		if segment != "" && segment != "." {
			b.WriteByte('/')
			b.WriteString(segment)
		}
	}
	if b.Len() == 0 {
		return "/"
	}
	return b.String()
}

func escapeBlanks(s string) string {
	if strings.IndexByte(s, ' ') < 0 {
		return s
	}
	return strings.ReplaceAll(s, " ", "%20")
}

// escapePath escapes what a path segment may not hold, RFC 3986 §3.3.
func escapePath(s string) string {
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~!$&'()*+,;=:@/", c) >= 0:
			b = append(b, c)
		default:
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}
