package sdp

import "strings"

// tokenLen returns how many bytes at the start of s are token characters of RFC 8866 §9.
func tokenLen(s string) int {
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return i
		}
	}
	return len(s)
}

func isToken(s string) bool { return s != "" && tokenLen(s) == len(s) }

func isTokenByte(c byte) bool {
	return c > ' ' && c < 0x7f && !strings.ContainsRune(`"(),/:;<=>?@[\]`, rune(c))
}

// fields splits s at white space into at most limit fields; what follows them is not looked at.
func fields(s string, limit int) []string {
	list := make([]string, 0, 8)
	for field := range strings.FieldsSeq(s) {
		if len(list) == limit {
			break
		}
		list = append(list, field)
	}
	return list
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
