package sdp

import (
	"errors"
	"strconv"
	"strings"
)

// parseOrigin reads the text after "o=", whose fields cameras leave out, misspell or fill with
// what is no number ("o=- 1109", "o=-0 0 IN IP4 …"). What it returns can be written.
func parseOrigin(text string) Origin {
	list := fields(text, 16)
	names, address := list, ""
	for i, field := range list {
		if strings.EqualFold(field, "IN") {
			names, address = list[:i], list[len(list)-1]
			break
		}
	}
	o := Origin{Username: "-", NetType: "IN"}
	o.Address, o.AddrType = parseHost(address)
	if len(names) > 0 {
		o.Username, names = names[0], names[1:]
	}
	for len(names) > 2 { // a user name with spaces in it
		o.Username += "_" + names[0]
		names = names[1:]
	}
	if len(names) > 0 {
		o.ID = parseNumber(names[0])
	}
	if len(names) > 1 {
		o.Version = parseNumber(names[1])
	}
	return o
}

// parseNumber reads a decimal or 0x number of any length and sign; what is neither counts as 0.
func parseNumber(text string) uint64 {
	text = strings.TrimPrefix(text, "-")
	base := 10
	if hex, ok := strings.CutPrefix(strings.ToLower(text), "0x"); ok {
		text, base = hex, 16
	}
	n, err := strconv.ParseUint(text, base, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	return n // the largest number if out of range
}

// parseTiming returns the text after "t=" when it is two NTP times or zeros (RFC 8866 §5.9),
// else "".
func parseTiming(text string) string {
	list := fields(text, 3)
	if len(list) != 2 || !isTime(list[0]) || !isTime(list[1]) {
		return ""
	}
	if list[0] == "0" && list[1] == "0" {
		return unboundedTiming
	}
	return list[0] + " " + list[1]
}

func isTime(text string) bool {
	return text == "0" || len(text) >= 10 && len(text) <= 20 && isDigits(text) && text[0] != '0'
}
