package rtsp

import (
	"strconv"
	"strings"
)

// MediaType returns the media type of a Content-Type or of one element of Accept, in lower case and without parameters:
// "application/sdp" for "Application/SDP; charset=utf-8".
func MediaType(value string) string {
	t, _, _ := cut(value, ';')
	return strings.ToLower(t)
}

// Accepts reports whether the Accept header of a request allows mediaType, by itself or by a wildcard, and not with q=0
// (RFC 2326 §12.1). The most specific element counts; without an Accept everything is allowed.
func Accepts(h Header, mediaType string) bool {
	ranges := h.List("Accept")
	if len(ranges) == 0 {
		return true
	}
	mediaType = strings.ToLower(mediaType)
	group, _, _ := strings.Cut(mediaType, "/")
	best, accepted := 0, false
	for _, r := range ranges {
		rank := 0
		switch MediaType(r) {
		case mediaType:
			rank = 3
		case group + "/*":
			rank = 2
		case "*/*", "*":
			rank = 1
		}
		if rank > 0 && rank >= best {
			ok := !zeroQuality(r)
			accepted = ok || rank == best && accepted
			best = rank
		}
	}
	return accepted
}

func zeroQuality(element string) bool {
	_, params, _ := cut(element, ';')
	for params != "" {
		var param string
		param, params, _ = cut(params, ';')
		name, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(trim(name), "q") {
			q, err := strconv.ParseFloat(trim(value), 64)
			return err == nil && q == 0
		}
	}
	return false
}
