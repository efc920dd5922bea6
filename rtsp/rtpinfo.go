package rtsp

import (
	"errors"
	"strconv"
	"strings"
)

const maxRTPInfo = 256 // entries of one RTP-Info

// An RTPInfo is one entry of an RTP-Info header: where a track starts after PLAY (RFC 2326 §12.33).
type RTPInfo struct {
	URL        string // byte for byte the URL of the SETUP
	Seq        uint16 // of the first packet
	RTPTime    uint32 // RTP timestamp that belongs to the start of the Range
	HasSeq     bool
	HasRTPTime bool
}

// FormatRTPInfo returns the value of an RTP-Info header, entries in the given order. An entry without both numbers is left
// out: live555 needs both, and a guess is worse than nothing. If none is left the value is "" and the header is not sent.
func FormatRTPInfo(infos []RTPInfo) string {
	var b []byte
	for _, info := range infos {
		if !info.HasSeq || !info.HasRTPTime {
			continue
		}
		if len(b) > 0 {
			b = append(b, ',')
		}
		b = append(b, "url="...)
		b = append(b, info.URL...)
		b = append(b, ";seq="...)
		b = strconv.AppendUint(b, uint64(info.Seq), 10)
		b = append(b, ";rtptime="...)
		b = strconv.AppendUint(b, uint64(info.RTPTime), 10)
	}
	return string(b)
}

// ParseRTPInfo parses the values of all RTP-Info lines. A number that is missing or makes no sense is taken as absent. URLs
// are not quoted in RTSP 1.0, yet may hold "," and ";": an entry ends only where the next "url=" begins, a URL only where a
// known parameter does. The error is a *[SyntaxError].
func ParseRTPInfo(values []string) ([]RTPInfo, error) {
	var infos []RTPInfo
	for _, value := range values {
		rest := trim(value)
		for rest != "" {
			var entry string
			entry, rest = cutEntry(rest)
			info, err := parseRTPInfo(entry)
			if err == nil && len(infos) == maxRTPInfo {
				err = errors.New("too many entries")
			}
			if err != nil {
				return nil, &SyntaxError{Field: "RTP-Info", Value: value, Err: err}
			}
			infos = append(infos, info)
		}
	}
	return infos, nil
}

// cutEntry splits s at the first comma that "url=" or nothing follows.
func cutEntry(s string) (entry, rest string) {
	for i := 0; i < len(s); i++ {
		if s[i] != ',' {
			continue
		}
		after := strings.TrimLeft(s[i+1:], " \t,")
		if _, ok := cutURLKey(after); ok || after == "" {
			return trim(s[:i]), after
		}
		i = len(s) - len(after) - 1 // what was trimmed needs no second look
	}
	return s, ""
}

// cutURLKey takes "url=" off s.
func cutURLKey(s string) (string, bool) {
	if len(s) < 4 || !strings.EqualFold(s[:3], "url") {
		return s, false
	}
	return strings.CutPrefix(strings.TrimLeft(s[3:], " \t"), "=")
}

func parseRTPInfo(entry string) (RTPInfo, error) {
	rest, ok := cutURLKey(entry)
	if !ok {
		return RTPInfo{}, errors.New("no url")
	}
	var info RTPInfo
	for !info.HasSeq || !info.HasRTPTime { // from the end: what is left in front is the URL
		i := strings.LastIndexByte(rest, ';')
		if i < 0 || !info.set(rest[i+1:]) {
			break
		}
		rest = rest[:i]
	}
	info.URL = strings.Trim(rest, "\" \t")
	if info.URL == "" {
		return RTPInfo{}, errors.New("empty url")
	}
	return info, nil
}

// set reads one parameter; false if it is none of those that are known here.
func (info *RTPInfo) set(param string) bool {
	name, value, _ := strings.Cut(param, "=")
	value = trim(value)
	switch strings.ToLower(trim(name)) {
	case "seq":
		if n, err := strconv.ParseUint(value, 10, 16); err == nil {
			info.Seq, info.HasSeq = uint16(n), true
		}
	case "rtptime":
		if n, err := strconv.ParseUint(value, 10, 32); err == nil {
			info.RTPTime, info.HasRTPTime = uint32(n), true
		}
	case "ssrc", "": // some servers add them
	default:
		return false
	}
	return true
}
