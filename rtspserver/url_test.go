package rtspserver_test

import (
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/sdp"
)

// URL-02, URL-03, URL-06, URL-09: where the tracks are. Clients that append the control to the base and
// clients that resolve it get to the same track; behind a query the control is absolute.
func TestControlsLeadToTheTracks(t *testing.T) {
	for url, want := range map[string]struct{ base, aggregate, control string }{
		"rtsp://192.0.2.1/av":         {"rtsp://192.0.2.1/av/", "*", "trackID=1"},
		"rtsp://192.0.2.1/av/":        {"rtsp://192.0.2.1/av/", "*", "trackID=1"},
		"rtsp://example.com:8554/av":  {"rtsp://example.com:8554/av/", "*", "trackID=1"},
		"rtsp://192.0.2.1/av?x=1&y=2": {"rtsp://192.0.2.1/av/", "rtsp://192.0.2.1/av?x=1&y=2", "rtsp://192.0.2.1/av/trackID=1?x=1&y=2"},
		"rtsp://192.0.2.1/a%76":       {"rtsp://192.0.2.1/a%76/", "*", "trackID=1"},
		"/av":                         {"rtsp://192.0.2.1:554/av/", "*", "trackID=1"},
	} {
		t.Run(url, func(t *testing.T) {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				w.Handler.Live("av", servertest.VideoAudio)
				c := w.Dial()
				defer c.Close()
				c.Send(request("DESCRIBE", url, 1))
				r := c.Response()
				desc, err := sdp.Parse(r.Body)
				if err != nil {
					t.Fatal(err)
				}
				base := r.Header.Get("Content-Base")
				if got := desc.Control(); base != want.base || got != want.aggregate || desc.Media[1].Control() != want.control {
					t.Errorf("base %q, control %q, track %q", base, got, desc.Media[1].Control())
				}
				for _, join := range []func(base, control string) string{rtsp.ResolveControl, rtsp.JoinControl} {
					c.Session = ""
					track := join(base, desc.Media[1].Control())
					if r := c.Do("SETUP", track, "Transport: RTP/AVP/TCP;unicast"); r.Status != rtsp.StatusOK {
						t.Errorf("SETUP %s: %d", track, r.Status)
					}
				}
			})
		})
	}
}

// URL-03, URL-04: however a client joins the track to a URL with a query, SETUP finds it.
func TestSetupTakesEveryFormOfTrackURL(t *testing.T) {
	for _, tail := range []string{
		"av/trackID=1", "av/trackID=1?x=1", "av?x=1/trackID=1", "av/?x=1/trackID=1", "//av//trackID=1", "av?x=1&y=a/b/trackID=1",
	} {
		for _, slash := range []string{"", "/"} {
			t.Run(tail+slash, func(t *testing.T) {
				servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
					live := w.Handler.Live("av", servertest.VideoAudio)
					c := w.Dial()
					defer c.Close()
					lane := c.Setup(w.URL+"/"+strings.TrimPrefix(tail, "/")+slash, "tcp")
					if got, want := lane.Transport.SSRC[0], live.Timeline().SSRC(1); got != want {
						t.Errorf("SSRC %08x, want that of track 1, %08x", got, want)
					}
				})
			})
		}
	}
}

// URL-05: what acts on the whole session takes its URL with and without a slash and a query.
func TestAggregateURLs(t *testing.T) {
	for _, url := range []string{"av", "av/", "av?x=1", "av/?x=1"} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			w.Handler.Live("av", servertest.VideoAudio)
			c := w.Dial()
			defer c.Close()
			c.Setup("av/trackID=0", "tcp")
			c.Setup("av/trackID=1", "tcp")
			for _, method := range []string{"PLAY", "GET_PARAMETER", "PAUSE", "PLAY", "TEARDOWN"} {
				if r := c.Do(method, url); r.Status != rtsp.StatusOK {
					t.Errorf("%s %s: %d", method, url, r.Status)
				}
			}
		})
	}
}

// URL-06: of a presentation with one track SETUP may name the presentation.
func TestSetupOfTheOnlyTrack(t *testing.T) {
	tcp := "Transport: RTP/AVP/TCP;unicast"
	runDialogues(t, []dialogue{
		{name: "one track", raw: request("SETUP", "URL/p", 1, tcp), want: []string{"200 1"}},
		{name: "one track with a slash", raw: request("SETUP", "URL/p/", 1, tcp), want: []string{"200 1"}},
		{name: "two tracks", raw: request("SETUP", "URL/av", 1, tcp), want: []string{"459 1"}},
	})
}
