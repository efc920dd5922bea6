package rtspserver_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
)

// DSC-01, DSC-07, SDP-01, SDP-03: the answer to DESCRIBE has a type, a base, its length in bytes, and a
// description that is strictly formed and says all that a player needs.
func TestDescribeOfLiveMedia(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		w.Handler.Live("cam", strings.Replace(servertest.VideoAudio, "s=test", "s=Кам", 1))
		c := w.Dial()
		defer c.Close()
		resp := wantOK(t, c, "DESCRIBE", "cam", "Accept: application/sdp")
		_, body, _ := strings.Cut(c.Received(), "\r\n\r\n")
		h := resp.Header
		if n := h.Get("Content-Length"); h.Get("Content-Type") != "application/sdp" || h.Get("Content-Base") != w.URL+"/cam/" || n == "" || body != string(resp.Body) {
			t.Errorf("header %q", h)
		}
		if h.Get("Cache-Control") != "no-cache" || h.Has("Last-Modified") {
			t.Errorf("live media may be cached: %q", h)
		}
		for _, line := range []string{"v=0", "s=Кам", "c=IN IP4 0.0.0.0", "t=0 0", "a=control:*", "a=range:npt=now-", "m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=control:trackID=0", "m=audio 0 RTP/AVP 0", "a=control:trackID=1"} {
			if !strings.Contains("\r\n"+body, "\r\n"+line+"\r\n") {
				t.Errorf("no line %q in\n%s", line, body)
			}
		}
		if strings.Contains(strings.ReplaceAll(body, "\r\n", ""), "\n") || strings.Contains(body, "a=sendonly") || strings.Contains(body, "streamid") {
			t.Errorf("description\n%s", body)
		}
	})
}

// DSC-03, ERR-503: a source that takes its time is waited for; one that takes too long is 503 with the
// time to come again, and others are served meanwhile.
func TestDescribeWaitsForTheSource(t *testing.T) {
	for wait, want := range map[time.Duration]rtsp.StatusCode{8 * time.Second: rtsp.StatusOK, time.Minute: rtsp.StatusServiceUnavailable} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			w.Handler.Live("cam", servertest.Video)
			w.Handler.OnOpen = func(ctx context.Context, r *rtspserver.Request) (rtspserver.Presentation, error) {
				if r.Query != "slow" {
					return nil, nil
				}
				timer := time.NewTimer(wait)
				defer timer.Stop()
				select {
				case <-timer.C:
					return nil, nil
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			}
			slow, other, began := w.Dial(), w.Dial(), time.Now()
			defer slow.Close()
			defer other.Close()
			slow.Request("DESCRIBE", "cam?slow")
			if got := other.Do("DESCRIBE", "cam").Status; got != rtsp.StatusOK || time.Since(began) != 0 {
				t.Errorf("another client: %d after %v", got, time.Since(began))
			}
			w.Wait(min(wait, 10*time.Second))
			if resp := slow.Response(); resp.Status != want || (want != rtsp.StatusOK) != resp.Header.Has("Retry-After") {
				t.Errorf("%v: %d after %v", wait, resp.Status, time.Since(began))
			}
		})
	}
}

// A stored presentation is described only.
type stored struct {
	rtspserver.Presentation
	desc rtspserver.Description
}

func (s *stored) Describe() *rtspserver.Description { return &s.desc }

func newStored(t *testing.T) *stored {
	t.Helper()
	desc, err := sdp.Parse([]byte(servertest.VideoAudio))
	if err != nil {
		t.Fatal(err)
	}
	return &stored{desc: rtspserver.Description{SDP: desc}}
}

// RNG-10: the description of stored media has its length, to the millisecond; that of live media and of
// media of unknown length has no end, and never one of zero.
func TestDescribedRange(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		s, c := newStored(t), w.Dial()
		defer c.Close()
		w.Handler.Put("film", s)
		for d, want := range map[time.Duration]string{
			0: "npt=0.000-", 1234567 * time.Microsecond: "npt=0.000-1.235", 5 * time.Hour: "npt=0.000-18000.000",
		} {
			s.desc.Duration = d
			desc, err := sdp.Parse(c.Do("DESCRIBE", "film").Body)
			if got, _ := desc.Attr("range"); err != nil || got != want {
				t.Errorf("%v: range %q, want %q; %v", d, got, want, err)
			}
		}
	})
}

// DSC-04, ERR-304, SYN-13: what has not changed is not described again, and the answer has no body; a date
// that cannot be read counts for nothing.
func TestDescribeIfModifiedSince(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		s, c := newStored(t), w.Dial()
		defer c.Close()
		s.desc.Modified = time.Date(1999, 6, 1, 12, 0, 0, 7, time.UTC)
		w.Handler.Put("film", s)
		w.Handler.Live("cam", servertest.Video)
		for _, r := range []struct {
			path, since string
			want        rtsp.StatusCode
		}{
			{"film", "Tue, 01 Jun 1999 12:00:00 GMT", rtsp.StatusNotModified},
			{"film", "Sun, 01 Jan 2040 12:00:00 GMT", rtsp.StatusNotModified},
			{"film", "Tue, 01 Jun 1999 11:59:59 GMT", rtsp.StatusOK},
			{"film", "0", rtsp.StatusOK},
			{"cam", "Sun, 01 Jan 2040 12:00:00 GMT", rtsp.StatusOK},
		} {
			resp := c.Do("DESCRIBE", r.path, "If-Modified-Since: "+r.since)
			if resp.Status != r.want || (len(resp.Body) > 0) != (r.want == rtsp.StatusOK) {
				t.Errorf("%s since %s: %d with %d bytes", r.path, r.since, resp.Status, len(resp.Body))
			}
		}
	})
}

// STA-01: DESCRIBE in the middle of playing, of this and of other presentations, disturbs nothing.
func TestDescribeWhilePlaying(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			s, c := newShow(w), w.Dial()
			defer c.Close()
			lane := c.Watch("cam", lower, 1)
			for _, path := range []string{"cam", "cam/trackID=0", "cam?x=1", "nothing"} {
				c.Do("DESCRIBE", path, "Session: "+c.Session)
				s.wantMedia(t, "DESCRIBE "+path, lane, true)
			}
		})
	}
}
