package rtspserver

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/baton-rtsp/baton/rtsp"
)

// trackPrefix begins the last element of a track's URL, as DESCRIBE gives it.
const trackPrefix = "trackID="

// A target is what a request URL names: a presentation, and perhaps one track of it. Clients build track
// URLs by different rules where there is a query (URL-03, URL-04), so the track can stand at the end of
// the path or of the query.
type target struct {
	path  string // decoded, without slashes at its ends
	query string // raw, without the track
	track int    // -1: the presentation
	named bool   // a track is named, even if track is no number
}

func newTarget(u *rtsp.URL) target {
	t := target{path: strings.Trim(u.Path, "/"), query: strings.TrimRight(u.RawQuery, "/"), track: -1}
	if rest, n, ok := cutTrack(t.path); ok {
		t.path, t.track, t.named = rest, n, true
	} else if rest, n, ok := cutTrack(t.query); ok {
		t.query, t.track, t.named = rest, n, true
	}
	return t
}

// cutTrack takes "/trackID=n" off the end.
func cutTrack(s string) (rest string, track int, ok bool) {
	i := strings.LastIndexByte(s, '/')
	last, found := strings.CutPrefix(s[i+1:], trackPrefix)
	if !found {
		return s, -1, false
	}
	n, err := strconv.ParseUint(last, 10, 16)
	if err != nil {
		n = 1 << 16 // no presentation has it
	}
	return strings.Trim(s[:max(i, 0)], "/"), int(n), true
}

// trackURL is the absolute URL of a track: the query stays behind it, where it reaches the server
// whichever rule the client follows.
func trackURL(base string, query string, track int) string {
	u := base + trackPrefix + strconv.Itoa(track)
	if query != "" {
		u += "?" + query
	}
	return u
}

// baseURL is the presentation's URL as the client wrote it, with a slash at the end and without user
// info and query (URL-02, URL-09, URL-10).
func (x *exchange) baseURL() string {
	path := strings.Trim(x.url.RawPath, "/")
	base := x.url.Scheme + "://" + x.url.Host + "/"
	if path != "" {
		base += path + "/"
	}
	return base
}

// controlURL is the request's URL as the client wrote it, to the byte, but never with a password.
func (x *exchange) controlURL() string {
	if x.url.HasUser {
		return x.url.String()
	}
	return strings.Clone(x.req.URI) // what it is cut from is the whole head of the request
}

// aggregateURL is the presentation's URL as the client wrote it. The session is locked.
func (s *Session) aggregateURL() string {
	for _, track := range s.order {
		t := s.transports[track]
		u, err := rtsp.ParseURL(t.uri)
		if err != nil || u.Host == "" {
			continue
		}
		return u.Scheme + "://" + u.Host + "/" + escapePath(s.path)
	}
	return s.conn.scheme() + "://" + s.conn.local.String() + "/" + escapePath(s.path)
}

// escapePath writes a decoded path as a URL has it.
func escapePath(path string) string { return (&url.URL{Path: path}).EscapedPath() }
