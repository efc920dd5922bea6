package rtsp

import (
	"errors"
	"net/netip"
	"strconv"
	"strings"
)

// The default ports of the URL schemes (RFC 2326 §3.2, RFC 7826 §4.2).
const (
	DefaultPort    = 554 // rtsp, rtspu
	DefaultTLSPort = 322 // rtsps
)

// A URL is a parsed RTSP URL (RFC 2326 §3.2).
type URL struct {
	Scheme   string // lower case: "rtsp", "rtsps", "rtspu"; "" for an absolute path alone
	User     string // percent-decoded
	Password string // percent-decoded
	HasUser  bool   // there was user information, perhaps empty
	Host     string // host[:port] as sent, an IPv6 address in brackets; "" for an absolute path alone
	Path     string // percent-decoded once, begins with "/", without "." and empty segments and trailing "/"
	RawPath  string // as sent, blanks escaped; may be ""
	RawQuery string // as sent, blanks escaped; without "?"
}

// ParseURL parses the URL of a request, a Content-Base, a Location, a configuration. A fragment is dropped, the query is
// opaque. An absolute path alone ("/p") is accepted, and so are three defects of cameras: the scheme twice
// ("rtsp://rtsp://h/p"), no scheme ("h:554/p"), an IPv6 address without brackets.
//
// The error is a *[SyntaxError]; when the decoded path has a ".." segment or a NUL byte, a *[StatusError] 403 around one.
func ParseURL(s string) (*URL, error) {
	text := trim(s)
	if text == "" || hasControl(text) {
		return nil, urlError(s, nil)
	}
	u := new(URL)
	rest := text
	if !strings.HasPrefix(text, "/") {
		var err error
		if rest, err = u.parseAuthority(text); err != nil {
			return nil, urlError(s, err)
		}
	}
	rest, _, _ = strings.Cut(rest, "#")
	path, query, _ := strings.Cut(rest, "?")
	u.RawPath, u.RawQuery = escapeBlanks(path), escapeBlanks(query)
	decoded, ok := unescape(path)
	if !ok {
		return nil, urlError(s, errors.New("bad percent escape"))
	}
	if climbs(decoded) {
		return nil, &StatusError{Code: StatusForbidden, Err: urlError(s, errors.New("path leads outside"))}
	}
	if hasControl(decoded) {
		return nil, urlError(s, errors.New("control byte in path"))
	}
	u.Path = cleanPath(decoded)
	return u, nil
}

func urlError(s string, cause error) error {
	return &SyntaxError{Field: "URL", Value: s, Err: cause}
}

// parseAuthority parses all that comes before the path and returns what is left.
func (u *URL) parseAuthority(s string) (rest string, err error) {
	u.Scheme = "rtsp"
	for {
		scheme, after, ok := cutScheme(s)
		if !ok {
			break
		}
		u.Scheme, s = scheme, after
	}
	end := authorityEnd(s)
	if i := strings.Index(s, "://"); i >= 0 && i+1 == end {
		return "", errors.New("unknown scheme")
	}
	host, rest := s[:end], s[end:]
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		user, password, _ := strings.Cut(host[:i], ":")
		u.HasUser, u.User, u.Password = true, unescapeLenient(user), unescapeLenient(password)
		host = host[i+1:]
	}
	u.Host, err = checkHost(host)
	return rest, err
}

func authorityEnd(s string) int {
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		return i
	}
	return len(s)
}

// cutScheme takes one "rtsp://" of any case off s.
func cutScheme(s string) (scheme, rest string, ok bool) {
	before, after, found := strings.Cut(s, "://")
	if !found {
		return "", s, false
	}
	switch before = strings.ToLower(before); before {
	case "rtsp", "rtsps", "rtspu":
		return before, after, true
	}
	return "", s, false
}

// checkHost checks host[:port] and returns it with brackets around an IPv6 address that lacks them.
func checkHost(s string) (string, error) {
	if strings.HasPrefix(s, "[") {
		address, port, found := strings.Cut(s[1:], "]")
		if !found || !isIPv6(address) || port != "" && !isPort(port) {
			return "", errors.New("bad IPv6 host")
		}
		return s, nil
	}
	if strings.Count(s, ":") > 1 {
		if isIPv6(s) {
			return "[" + s + "]", nil
		}
		i := strings.LastIndexByte(s, ':')
		if !isIPv6(s[:i]) || !isPort(s[i:]) {
			return "", errors.New("bad IPv6 host")
		}
		return "[" + s[:i] + "]" + s[i:], nil
	}
	name, _, found := strings.Cut(s, ":")
	if name == "" || !isHostname(name) || found && !isPort(s[len(name):]) {
		return "", errors.New("bad host")
	}
	return s, nil
}

func isIPv6(s string) bool {
	a, err := netip.ParseAddr(strings.Replace(s, "%25", "%", 1)) // a zone is escaped in a URL
	return err == nil && a.Is6() && isZone(a.Zone())
}

// isZone keeps a zone to what can stand in a header and a URL.
func isZone(s string) bool {
	return s == "" || isHostname(s)
}

// isPort checks ":port". No digits mean the default, RFC 3986 §3.2.3.
func isPort(s string) bool {
	if !strings.HasPrefix(s, ":") {
		return false
	}
	if s == ":" {
		return true
	}
	n, ok := parseDigits(s[1:])
	return ok && n > 0 && n < 1<<16
}

// isHostname is generous to names inside a LAN: any letters, also of other scripts, "-", "_", ".".
func isHostname(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c >= 0x80:
		case c == '-', c == '_', c == '.', c == '~':
		default:
			return false
		}
	}
	return s != ""
}

// String returns the URL without user information, fit for Content-Base, RTP-Info and logs. ParseURL of it gives the same URL.
func (u *URL) String() string {
	var b strings.Builder
	if u.Host != "" {
		scheme := u.Scheme
		if scheme == "" {
			scheme = "rtsp"
		}
		b.WriteString(scheme + "://" + u.Host)
	}
	switch {
	case u.RawPath != "":
		b.WriteString(u.RawPath)
	case u.Path != "" && u.Path != "/":
		b.WriteString(escapePath(u.Path))
	case u.Host == "":
		b.WriteByte('/')
	}
	if u.RawQuery != "" {
		b.WriteString("?" + u.RawQuery)
	}
	return b.String()
}

// Hostname returns the host without port and brackets, in lower case.
func (u *URL) Hostname() string {
	host, _ := u.splitHost()
	return strings.ToLower(host)
}

// Port returns the port, by default that of the scheme: 322 for rtsps, else 554.
func (u *URL) Port() uint16 {
	_, port := u.splitHost()
	if n, err := strconv.ParseUint(port, 10, 16); err == nil && n > 0 {
		return uint16(n)
	}
	if u.Scheme == "rtsps" {
		return DefaultTLSPort
	}
	return DefaultPort
}

func (u *URL) splitHost() (host, port string) {
	if s, ok := strings.CutPrefix(u.Host, "["); ok {
		host, port, _ = strings.Cut(s, "]")
		return strings.Replace(host, "%25", "%", 1), strings.TrimPrefix(port, ":")
	}
	host, port, _ = strings.Cut(u.Host, ":")
	return host, port
}

// WithoutUser is a URL without user and password, for requests, which must not have them (URL-10). Of what is no URL it is the text.
func WithoutUser(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	if at := strings.LastIndexByte(rest[:end], '@'); at >= 0 {
		rest = rest[at+1:]
	}
	return scheme + "://" + rest
}

// Redacted is a URL as logs may have it: also without its query, in which some cameras want their passwords.
func Redacted(url string) string {
	url, _, _ = strings.Cut(WithoutUser(url), "?")
	return url
}
