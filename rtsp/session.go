package rtsp

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// DefaultSessionTimeout is how long a session lives without a sign of its client when the server named no timeout
// (RFC 2326 §12.37).
const DefaultSessionTimeout = 60 * time.Second

const (
	maxSessionID      = 256        // bytes
	maxSessionTimeout = 86400 * 30 // seconds; more is no promise a client can hold a server to
)

// ParseSession parses a Session header (RFC 2326 §12.37). The id is opaque. A timeout that is absent, zero or no number is
// [DefaultSessionTimeout]; it only means something in a response, yet some clients send it back. The error is a
// *[SyntaxError]; a server answers it with 454 like any id it does not know.
func ParseSession(s string) (id string, timeout time.Duration, err error) {
	id, params, _ := cut(s, ';')
	if err := checkSessionID(id); err != nil {
		return "", 0, &SyntaxError{Field: "Session", Value: s, Err: err}
	}
	timeout = DefaultSessionTimeout
	for params != "" {
		var param string
		param, params, _ = cut(params, ';')
		name, value, _ := strings.Cut(param, "=")
		if !strings.EqualFold(trim(name), "timeout") {
			continue
		}
		if n, ok := parseDigits(unquote(trim(value))); ok && n > 0 {
			timeout = time.Duration(min(n, maxSessionTimeout)) * time.Second
		}
	}
	return id, timeout, nil
}

func checkSessionID(id string) error {
	if id == "" {
		return errors.New("no id")
	}
	if len(id) > maxSessionID {
		return errors.New("id too long")
	}
	for i := 0; i < len(id); i++ {
		if c := id[i]; c <= ' ' || c >= 0x7f || c == '"' || c == ',' {
			return errors.New("bad byte in id")
		}
	}
	return nil
}

// FormatSession returns the value of a Session header. The timeout is in whole seconds, at least one; 0 leaves it out, as
// a client does. There is no blank after ";": FFmpeg looks for ";timeout=" literally.
func FormatSession(id string, timeout time.Duration) string {
	if timeout <= 0 {
		return id
	}
	return id + ";timeout=" + strconv.FormatInt(int64(max(timeout/time.Second, 1)), 10)
}
