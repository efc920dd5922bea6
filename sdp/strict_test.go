package sdp

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// checkRewrite asserts that s is written strictly, and that reading it back gives s.
func checkRewrite(t *testing.T, s *Session) {
	t.Helper()
	out := s.Append(nil)
	if err := checkStrict(out); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	if len(out) > MaxSize {
		return // the CRLFs and mandatory lines that were added took it over the limit
	}
	again, err := Parse(out)
	if err != nil {
		t.Fatalf("%v from\n%s", err, out)
	}
	if !reflect.DeepEqual(s, again) {
		t.Fatalf("changed by rewriting:\n%s\nthen\n%s", out, again.Append(nil))
	}
}

const token = "[!#$%&'*+\\-.0-9A-Z^_`a-z{|}~]+"

// grammar holds what RFC 8866 §9 allows after each type of line that Baton writes. Addresses are
// looked at separately.
var grammar = map[byte]*regexp.Regexp{
	'v': regexp.MustCompile(`^0$`),
	'o': regexp.MustCompile(`^[^\s]+ \d+ \d+ IN IP[46] [^\s]+$`),
	's': regexp.MustCompile(`^[^\r\n\x00]+$`),
	'i': regexp.MustCompile(`^[^\r\n\x00]+$`),
	'c': regexp.MustCompile(`^IN IP[46] [^\s]+$`),
	'b': regexp.MustCompile(`^` + token + `:\d+$`),
	't': regexp.MustCompile(`^(0|[1-9]\d{9,}) (0|[1-9]\d{9,})$`),
	'a': regexp.MustCompile(`(?s)^` + token + `(:[^\r\n\x00]+)?$`),
	'm': regexp.MustCompile(`^` + token + ` \d+(/[1-9]\d*)? ` + token + `(/` + token + `)*( ` + token + `)+$`),
}

var (
	formatAttribute = regexp.MustCompile(`(?i)^(rtpmap|fmtp)(:|$)`)
	rtpmapGrammar   = regexp.MustCompile(`(?i)^rtpmap:\d{1,3} ` + token + `/[1-9]\d*(/.+)?$`)
	fmtpGrammar     = regexp.MustCompile(`(?i)^fmtp:\d{1,3} .+$`)
)

// checkStrict tells where b is not what RFC 8866 asks for: grammar, order, mandatory lines.
func checkStrict(b []byte) error {
	text, ok := strings.CutSuffix(string(b), "\r\n")
	if !ok {
		return errors.New("no CRLF at the end")
	}
	const sessionOrder, mediaOrder = "vosicbta", "micba"
	order, at := sessionOrder, 0
	seen := ""
	var sections []string
	for line := range strings.SplitSeq(text, "\r\n") {
		if err := checkLine(line); err != nil {
			return err
		}
		key := line[0]
		if key == 'm' {
			sections = append(sections, seen)
			order, at, seen = mediaOrder, 0, ""
		}
		next := strings.IndexByte(order[at:], key)
		if next < 0 {
			return fmt.Errorf("line %q out of order", line)
		}
		if at += next; strings.IndexByte("vosict", key) >= 0 && strings.IndexByte(seen, key) >= 0 {
			return fmt.Errorf("line %q repeated", line)
		}
		seen += string(key)
	}
	return checkSections(append(sections, seen))
}

func checkLine(line string) error {
	if len(line) < 3 || line[1] != '=' {
		return fmt.Errorf("line %q", line)
	}
	rule, value := grammar[line[0]], line[2:]
	if rule == nil || !rule.MatchString(value) {
		return fmt.Errorf("line %q against the grammar", line)
	}
	switch line[0] {
	case 'o':
		return checkAddress(strings.Fields(value)[4], strings.Fields(value)[5], false)
	case 'c':
		return checkAddress(strings.Fields(value)[1], strings.Fields(value)[2], true)
	case 'm':
		return checkFormats(strings.Fields(value))
	case 'a':
		if formatAttribute.MatchString(value) && !rtpmapGrammar.MatchString(value) && !fmtpGrammar.MatchString(value) {
			return fmt.Errorf("line %q", line)
		}
	}
	return nil
}

// checkAddress holds RFC 8866 §5.7 to an address: a TTL for IPv4 groups and nowhere else.
func checkAddress(addrType, text string, groups bool) error {
	host, scope, scoped := strings.Cut(text, "/")
	addr, err := netip.ParseAddr(host)
	if err != nil {
		if !isHostname(host) || scoped {
			return fmt.Errorf("address %q", text)
		}
		return nil
	}
	if addr.Is4() != (addrType == "IP4") || addr.Zone() != "" {
		return fmt.Errorf("address %q as %s", text, addrType)
	}
	if !groups {
		return nil
	}
	want := map[bool]string{true: `^\d{1,3}(/[1-9]\d*)?$`, false: `^([1-9]\d*)?$`}[addr.Is4()]
	if !addr.IsMulticast() {
		want = `^$`
	}
	if !regexp.MustCompile(want).MatchString(scope) || scoped == (scope == "") {
		return fmt.Errorf("scope of address %q", text)
	}
	return nil
}

func checkFormats(fields []string) error {
	for _, format := range fields[3:] {
		if _, ok := payloadType(format); !ok && strings.HasPrefix(fields[2], "RTP/") {
			return fmt.Errorf("format %q of %s", format, fields[2])
		}
	}
	return nil
}

// checkSections looks at which lines each section has: the session first.
func checkSections(sections []string) error {
	session, media := sections[0], sections[1:]
	for _, key := range "vost" {
		if !strings.ContainsRune(session, key) {
			return fmt.Errorf("no %c= line", key)
		}
	}
	for _, lines := range media {
		if !strings.Contains(session+lines, "c") {
			return errors.New("a medium without c= line")
		}
	}
	return nil
}
