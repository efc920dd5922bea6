package probe

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
)

// oddities are what a server does that clients stumble over.
type oddities struct {
	mu      sync.Mutex
	found   []string
	timeout int // seconds of the session, 0: not said
}

func (o *oddities) add(format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if s := fmt.Sprintf(format, args...); !slices.Contains(o.found, s) {
		o.found = append(o.found, s)
	}
}

func (o *oddities) list() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.found)
}

// trace looks at the server's answers.
func (o *oddities) trace(t rtspclient.Trace) {
	if !t.Message || t.Sent {
		return
	}
	r := rtsp.NewReader(bytes.NewReader(t.Data), nil)
	kind, err := r.Next()
	switch {
	case err != nil:
	case kind == rtsp.KindRequest:
		o.add("it makes requests: %s", r.Request().Method)
	case kind == rtsp.KindResponse:
		o.response(r.Response())
	}
}

func (o *oddities) response(resp *rtsp.Response) {
	if !resp.Header.Has("CSeq") {
		o.add("answers have no CSeq")
	}
	if base := resp.Header.Get("Content-Base"); strings.Count(base, "://") > 1 {
		o.add("Content-Base is %q", base)
	} else if base != "" && !strings.Contains(base, "://") {
		o.add("Content-Base has no scheme: %q", base)
	}
	if resp.Header.Get("Content-Type") == "application/sdp" && !resp.Header.Has("Content-Base") {
		o.add("descriptions have no Content-Base")
	}
	if s := resp.Header.Get("Session"); s != "" {
		o.session(s)
	}
	for _, ch := range rtsp.ParseChallenges(resp.Header.Values("WWW-Authenticate")) {
		if strings.EqualFold(ch.Scheme, "Basic") {
			o.add("passwords are asked for in clear text (Basic)")
		}
	}
}

func (o *oddities) session(s string) {
	_, timeout, err := rtsp.ParseSession(s)
	if err != nil {
		o.add("Session is %q", s)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if strings.Contains(s, "timeout") {
		o.timeout = int(timeout.Seconds())
	}
}

// track looks at what was settled for a track.
func (o *oddities) track(t *rtspclient.Track, ssrc uint32) {
	got := t.Transport()
	if t.Lower() == rtspclient.UDP && !got.ServerPort.Set {
		o.add("SETUP names no server_port")
	}
	if len(got.SSRC) > 0 && ssrc != 0 && !slices.Contains(got.SSRC, ssrc) {
		o.add("packets come with another SSRC than SETUP says")
	}
	if got.Unsupported {
		o.add("SETUP answers with a profile that is not known")
	}
}
