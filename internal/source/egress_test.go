package source

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/egress"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/rtsptest"
	"github.com/baton-rtsp/baton/sdp"
)

// A source leads nowhere that the egress policy denies: not by its own URL, not by a redirection, and not by a track's URL, be it by
// TLS, over WebSocket or by a name.
func TestSourcesObeyTheEgressPolicy(t *testing.T) {
	policy, err := egress.New([]string{"link-local", "127.0.0.2"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var inner string // where the camera leads
	cam := &rtsptest.Camera{Description: rtsptest.VideoAudio, Answer: func(r *rtsp.Request, resp *rtsp.Response) {
		switch {
		case r.Method != rtsp.MethodDescribe:
		case strings.Contains(r.URI, "redirect"):
			resp.Status = rtsp.StatusFound
			resp.Header.Set("Location", inner)
		case strings.Contains(r.URI, "control"):
			resp.Body = bytes.Replace(resp.Body, []byte("control:trackID=1"), []byte("control:"+inner), 1)
		}
	}}
	cam.Serve(ln)
	defer cam.Close()
	here := "rtsp://" + ln.Addr().String()
	for _, inner = range []string{"rtsp://169.254.169.254/latest", "rtsp://[::ffff:169.254.169.254]/latest", "rtsp://127.0.0.2:554/"} {
		for _, url := range []string{
			inner, strings.Replace(inner, "rtsp:", "rtsps:", 1), strings.Replace(inner, "rtsp:", "ws:", 1), here + "/redirect", here + "/control",
		} {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			var why error
			(&Pull{
				URLs: []string{url}, Client: rtspclient.Config{Permit: policy.Check, Lowers: []rtspclient.Lower{rtspclient.TCP}},
				Logger: slog.New(slog.DiscardHandler), Described: func(*sdp.Session) *rtspserver.Live { panic("it plays") },
				Failed: func(err error) {
					why = err
					cancel()
				},
			}).Run(ctx)
			cancel()
			if !errors.As(why, new(*egress.DeniedError)) {
				t.Errorf("%s that leads to %s: %v", url, inner, why)
			}
		}
	}
}
