package paths_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
)

// clocks is how many clocks are being drawn.
func clocks() int {
	buf := make([]byte, 4<<20)
	return strings.Count(string(buf[:runtime.Stack(buf, true)]), "source.Clock.Run(")
}

// RTP-16: the clock runs while somebody watches, once for all, and not longer; a description does not
// start it.
func TestClockRunsOnlyWhileWatched(t *testing.T) {
	for path, rounds := range map[string]int{"clock": 2, "clock.mjpeg": 1} {
		serve(t, nil, nil, func(t *testing.T, w *servertest.World) {
			c := w.DialAs(other)
			defer c.Close()
			step := func(what string, want int) {
				t.Helper()
				if w.Settle(); clocks() != want {
					t.Errorf("%s: %s: %d clocks run, want %d", path, what, clocks(), want)
				}
			}
			step("before", 0)
			status(c, path)
			step("described", 0)
			for round := range rounds {
				a, b := w.Dial(), w.Dial()
				lanes := []*servertest.Lane{a.Watch(path, "tcp", 1)[0], b.Watch(path, "udp", 1)[0]}
				step("watched by two", 1)
				for i, lane := range lanes {
					if lane.RTP(time.Second) == nil {
						t.Errorf("%s: round %d: nothing for reader %d", path, round, i)
					}
				}
				a.Close()
				w.Wait(3500 * time.Millisecond)
				step("watched by one", 1)
				b.Do("TEARDOWN", path)
				b.Close()
				w.Wait(3500 * time.Millisecond)
				step("watched by nobody", 0)
			}
		})
	}
}

// RTP-16: `?gop=` says how far key pictures are apart, in seconds; what makes no sense is 400.
func TestDistanceOfKeyPictures(t *testing.T) {
	for query, want := range map[string]int{"": 50, "?gop=0.4": 10, "?gop=0.2": 5, "?gop=0.001": 1} {
		serve(t, nil, nil, func(t *testing.T, w *servertest.World) {
			c := w.Dial()
			defer c.Close()
			lane := c.Setup("clock/trackID=0"+query, "tcp")
			c.Do("PLAY", "clock"+query)
			pictures, first := 0, -1
			var last uint32
			for range 4000 {
				p := rtp.Packet(lane.RTP(time.Second))
				if p == nil {
					t.Fatalf("%q: the clock stopped", query)
				}
				if pictures == 0 || p.Timestamp() != last {
					pictures, last = pictures+1, p.Timestamp()
				}
				if key(p.Payload()) {
					if first >= 0 && pictures > first {
						if got := pictures - first; got != want {
							t.Errorf("%q: %d pictures between key pictures, want %d", query, got, want)
						}
						return
					}
					first = pictures
				}
			}
			t.Errorf("%q: no second key picture", query)
		})
	}
	serve(t, nil, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		for _, bad := range []string{"0", "-1", "61", "x", "", "NaN", "Inf", "1e400"} {
			if got := status(c, "clock?gop="+bad); got != rtsp.StatusBadRequest {
				t.Errorf("gop=%s: %d", bad, got)
			}
		}
	})
}

// key tells whether an H.264 payload begins an IDR picture.
func key(payload []byte) bool {
	kind := payload[0] & 0x1f
	return kind == 5 || kind == 24 && strings.Contains(string(payload), "\x67") || kind == 28 && payload[1] == 0x85
}

// ERR-503: the number of clocks is bounded, and those that nobody watches make room.
func TestNumberOfClocksIsBounded(t *testing.T) {
	serve(t, nil, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		count := map[rtsp.StatusCode]int{}
		for i := range 100 {
			r := c.Do("DESCRIBE", fmt.Sprintf("clock?gop=%d.%02d", 1+i/25, i%25*4))
			count[r.Status]++
			if r.Status == 503 && r.Header.Get("Retry-After") == "" {
				t.Fatalf("%s", r.Raw)
			}
		}
		if count[200] != 64 || count[503] != 36 {
			t.Errorf("%v", count)
		}
		if got := status(c, "clock?gop=1"); got != rtsp.StatusOK {
			t.Errorf("one that is there: %d", got)
		}
		w.Wait(10 * time.Second)
		if got := status(c, "clock?gop=59"); got != rtsp.StatusOK {
			t.Errorf("after a while: %d", got)
		}
	})
}

// RTP-15, SDP-01: both clocks are described, and send packets of at most 1400 bytes, 25 pictures a second.
func TestClockIsPlayable(t *testing.T) {
	for path, encoding := range map[string]string{"clock": "H264/90000", "clock.mjpeg": "JPEG/90000"} {
		serve(t, nil, nil, func(t *testing.T, w *servertest.World) {
			c := w.Dial()
			defer c.Close()
			if r := c.Do("DESCRIBE", path); !strings.Contains(string(r.Body), encoding) || strings.Count(string(r.Body), "m=") != 1 {
				t.Errorf("%s", r.Body)
			}
			lane := c.Watch(path, "udp", 1)[0]
			var ends []uint32
			for len(ends) < 30 {
				p := rtp.Packet(lane.RTP(time.Second))
				if p == nil || len(p) > 1400 {
					t.Fatalf("%s: packet of %d bytes", path, len(p))
				}
				if p.Marker() {
					ends = append(ends, p.Timestamp())
				}
			}
			for i := range ends[1:] {
				if ends[i+1]-ends[i] != 3600 {
					t.Errorf("%s: picture %d comes %d ticks after the one before", path, i+1, ends[i+1]-ends[i])
				}
			}
		})
	}
}

// A reader may say where it begins, and nothing else there.
func TestStartInTheURL(t *testing.T) {
	serve(t, nil, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		for name, want := range map[string]rtsp.StatusCode{
			"clock?start=live": 200, "clock?start=keyframe": 200, "clock?gop=10&start=instant": 200, "clock?start=": 400, "clock?start=now": 400,
		} {
			if got := status(c, name); got != want {
				t.Errorf("%s: %d, want %d", name, got, want)
			}
		}
	})
}
