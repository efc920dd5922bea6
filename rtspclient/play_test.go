package rtspclient_test

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/internal/simnet"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtsptest"
)

var lowers = []rtspclient.Lower{rtspclient.UDP, rtspclient.TCP}

// feed has the camera send a packet of its first track every 10 ms until the test ends.
func (w *world) feed() (stop func()) {
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() { // ends with stop
		defer close(ended)
		for seq := uint16(1); ; seq++ {
			select {
			case <-done:
				return
			case <-time.After(10 * time.Millisecond):
				w.cam.Send(0, false, packet(seq))
			}
		}
	}()
	return func() { close(done); <-ended }
}

// What the camera sends comes, of all tracks, with reports of both sides, over each lower transport.
func TestPlay(t *testing.T) {
	for _, lower := range lowers {
		t.Run(lower.String(), func(t *testing.T) {
			with(t, &rtsptest.Camera{Description: rtsptest.VideoAudio}, func(t *testing.T, w *world) {
				stop := w.feed()
				c, err := rtspclient.Play(t.Context(), url, w.over(lower))
				if err != nil {
					t.Fatal(err)
				}
				wait(time.Second)
				sr := rtp.AppendSenderReport(nil, rtp.SenderReport{SSRC: 7, NTP: rtp.NTPTime(time.Now()), RTPTime: 100 * 900})
				w.cam.Send(0, true, rtp.AppendCNAME(sr, 7, "cam"))
				w.cam.Send(1, false, packet(9))
				seqs, rtcp := w.came()
				if len(seqs) < 90 || rtcp != 1 || seqs[len(seqs)-1] != 9 {
					t.Errorf("%d packets, %d of RTCP", len(seqs), rtcp)
				}
				tracks := c.Tracks()
				if len(tracks) != 2 || tracks[0].Lower() != lower || tracks[1].Stats().Packets != 1 || tracks[0].Stats().Lost != 0 {
					t.Errorf("tracks: %v", tracks)
				}
				if at, exact := tracks[0].Time(100 * 900); !exact || time.Since(at).Abs() > time.Minute {
					t.Errorf("time %v, exact %v", at, exact)
				}
				stop()
				c.Close()
				if err := c.Err(); !errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
				wait(time.Second)
				if w.cam.Count(rtsp.MethodTeardown) != 1 {
					t.Error("no TEARDOWN")
				}
			})
		})
	}
}

// RTP-01: datagrams that overtake each other are put in order, and a gap holds up nothing for longer than the delay.
func TestDatagramsArePutInOrder(t *testing.T) {
	with(t, &rtsptest.Camera{}, func(t *testing.T, w *world) {
		stop := w.feed()
		c, err := rtspclient.Play(t.Context(), url, w.over(rtspclient.UDP))
		stop()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		before, _ := w.came()
		n := before[len(before)-1]
		for _, seq := range []uint16{1, 3, 2, 4, 4, 6} {
			w.cam.Send(0, false, packet(n+seq))
		}
		seqs, _ := w.came()
		wait(rtspclient.DefaultReorder)
		late, _ := w.came()
		if got := append(seqs, late...); !slices.Equal(got, []uint16{n + 1, n + 2, n + 3, n + 4, n + 6}) || len(late) != 1 {
			t.Errorf("%d at once, %d after the delay", seqs, late)
		}
	})
}

// ERR-461, NAT-04, DSC-10, TRN-02: what does not work over UDP is done over TCP, described anew: where it is refused, where
// nothing comes, and where the server answers with the other transport.
func TestFallsBackToTCP(t *testing.T) {
	for name, cam := range map[string]*rtsptest.Camera{
		"refused": {ListenPair: func() (rtsptest.PacketConn, rtsptest.PacketConn, error) { return nil, nil, errors.New("none") },
			Answer: func(req *rtsp.Request, resp *rtsp.Response) {
				if resp.Status == rtsp.StatusServiceUnavailable {
					resp.Status = rtsp.StatusUnsupportedTransport
				}
			}},
		"nothing comes": {NoMedia: true},
		"answered with TCP": {Answer: func(req *rtsp.Request, resp *rtsp.Response) {
			if req.Method == rtsp.MethodSetup {
				resp.Header.Set("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, cam, func(t *testing.T, w *world) {
				cfg := w.cfg
				var told []string
				cfg.FellBack = func(from, to rtspclient.Lower, why error) {
					told = append(told, fmt.Sprint(from, " ", to, " ", errors.Is(why, rtspclient.ErrSilence)))
				}
				c, err := rtspclient.Play(t.Context(), url, &cfg)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if got := c.Tracks()[0].Lower(); got != rtspclient.TCP {
					t.Error(got)
				}
				if want := fmt.Sprint("UDP TCP ", cam.NoMedia); !slices.Equal(told, []string{want}) {
					t.Errorf("told %q, want %q", told, want)
				}
				if n := w.cam.Count(rtsp.MethodDescribe); n != 2 {
					t.Errorf("described %d times", n)
				}
			})
		})
	}
}

// The other way round, when TCP is to be first.
func TestFallsBackToUDP(t *testing.T) {
	with(t, &rtsptest.Camera{Answer: func(req *rtsp.Request, resp *rtsp.Response) {
		if req.Method == rtsp.MethodSetup && req.Header.Get("Transport") == "RTP/AVP/TCP;unicast;interleaved=0-1" {
			resp.Status = rtsp.StatusUnsupportedTransport
		}
	}}, func(t *testing.T, w *world) {
		defer w.feed()()
		cfg := w.cfg
		cfg.Lowers = []rtspclient.Lower{rtspclient.TCP, rtspclient.UDP}
		c, err := rtspclient.Play(t.Context(), url, &cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if got := c.Tracks()[0].Lower(); got != rtspclient.UDP {
			t.Error(got)
		}
	})
}

// A peer that sends nothing any more is noticed after the time that was asked for.
func TestSilenceEndsAClient(t *testing.T) {
	with(t, &rtsptest.Camera{}, func(t *testing.T, w *world) {
		w.cfg.Silence = 5 * time.Second
		c := w.play()
		defer c.Close()
		wait(3 * time.Second)
		w.cam.Send(0, false, packet(1))
		wait(4900 * time.Millisecond)
		if c.Err() != nil {
			t.Fatalf("too early: %v", c.Err())
		}
		wait(200 * time.Millisecond)
		if !errors.Is(c.Err(), rtspclient.ErrSilence) {
			t.Error(c.Err())
		}
	})
}

// NAT-03: ways through a NAT are opened from both ports before PLAY and kept open.
func TestWaysThroughANATAreOpened(t *testing.T) {
	with(t, &rtsptest.Camera{}, func(t *testing.T, w *world) {
		if _, err := w.net.AddNAT("198.51.100.1", &simnet.NATOptions{}, clientHost); err != nil {
			t.Fatal(err)
		}
		w.cfg.Patience = time.Second
		if _, err := rtspclient.Play(t.Context(), url, w.over(rtspclient.UDP)); !errors.Is(err, rtspclient.ErrSilence) {
			t.Fatalf("%v: this camera sends to the port that it was told", err)
		}
		if n := w.net.Stats().Sent; n < 2 {
			t.Errorf("%d datagrams were sent", n)
		}
	})
}

// RTI-08, RNG-11: a seek leaves out what comes late of before it; without RTP-Info nothing is left out.
func TestSeekLeavesOutWhatWasBefore(t *testing.T) {
	for name, test := range map[string]struct {
		info string
		want []uint16
	}{
		"told":     {"url=rtsp://192.0.2.1/stream/trackID=0;seq=500;rtptime=1", []uint16{500, 501}},
		"by name":  {"url=trackID=0;seq=500", []uint16{500, 501}},
		"not told": {"", []uint16{498, 499, 500, 501}},
		"nonsense": {"url=;;seq=x", []uint16{498, 499, 500, 501}},
	} {
		t.Run(name, func(t *testing.T) {
			plays := 0
			with(t, &rtsptest.Camera{Answer: func(req *rtsp.Request, resp *rtsp.Response) {
				if req.Method == rtsp.MethodPlay {
					if plays++; plays > 1 && test.info != "" {
						resp.Header.Set("RTP-Info", test.info)
					}
					resp.Header.Set("Range", "npt=30-60")
				}
			}}, func(t *testing.T, w *world) {
				c := w.play()
				defer c.Close()
				if r := w.all(rtsp.MethodPlay, "Range"); !slices.Equal(r, []string{"npt=0-"}) {
					t.Errorf("Range %q", r)
				}
				rng, err := rtsp.ParseRange("npt=30-")
				if err != nil {
					t.Fatal(err)
				}
				res, err := c.Play(t.Context(), &rtspclient.PlayRequest{Range: &rng, Scale: 2})
				if err != nil || res.Range == nil || res.Range.String() != "npt=30.000-60.000" {
					t.Fatalf("%+v, %v", res, err)
				}
				for _, seq := range []uint16{498, 499, 500, 501} {
					w.cam.Send(0, false, packet(seq))
				}
				got, _ := w.came()
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Error(diff)
				}
				if s := w.all(rtsp.MethodPlay, "Scale"); !slices.Equal(s, []string{"", "2.0"}) {
					t.Errorf("Scale %q", s)
				}
			})
		})
	}
}

// CAP-19: a PAUSE that is listed and then refused is no reason to end.
func TestRefusedPauseDoesNoHarm(t *testing.T) {
	with(t, &rtsptest.Camera{Answer: func(req *rtsp.Request, resp *rtsp.Response) {
		if req.Method == rtsp.MethodPause {
			resp.Status = rtsp.StatusOptionNotSupported
		}
	}}, func(t *testing.T, w *world) {
		c := w.play()
		defer c.Close()
		var refused *rtsp.StatusError
		if err := c.Pause(t.Context()); !errors.As(err, &refused) || refused.Code != rtsp.StatusOptionNotSupported {
			t.Error(err)
		}
		w.cam.Send(0, false, packet(3))
		if seqs, _ := w.came(); len(seqs) != 1 || c.Err() != nil {
			t.Errorf("%d, %v", seqs, c.Err())
		}
	})
}

// ONV-08, DSC-11, URL-11: back channels are not asked for, unless a camera calls everything one; tracks of one URL are one.
func TestTracksThatAreSetUp(t *testing.T) {
	const audio = "m=audio 0 RTP/AVP 0\r\na=control:trackID=1\r\n"
	for name, test := range map[string]struct {
		sdp  string
		want int
	}{
		"back channel":    {rtsptest.Video + audio + "a=sendonly\r\n", 1},
		"all back":        {rtsptest.Video + "a=sendonly\r\n" + audio + "a=sendonly\r\n", 2},
		"same URL":        {rtsptest.Video + "m=audio 0 RTP/AVP 0\r\na=control:trackID=0\r\n", 1},
		"broken sections": {"v=0\r\ns=a\r\ns=b\r\nc=IN\r\nm=video 0 RTP/AVP 96\r\na=control:trackID=0\r\n\x00\x00", 1},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, &rtsptest.Camera{Description: test.sdp}, func(t *testing.T, w *world) {
				c := w.play()
				defer c.Close()
				if n := len(c.Tracks()); n != test.want {
					t.Errorf("%d tracks", n)
				}
			})
		})
	}
}

// SES-16: receiver reports come at most five seconds apart while media comes, over each lower transport.
func TestReportsAreNeverFarApart(t *testing.T) {
	for _, lower := range lowers {
		t.Run(lower.String(), func(t *testing.T) {
			var mu sync.Mutex
			var at []time.Time
			cam := &rtsptest.Camera{Received: func(track int, rtcp bool, b []byte) {
				mu.Lock()
				defer mu.Unlock()
				if !rtp.IsPunch(b) {
					at = append(at, time.Now())
				}
			}}
			with(t, cam, func(t *testing.T, w *world) {
				defer w.feed()()
				c, err := rtspclient.Play(t.Context(), url, w.over(lower))
				if err != nil {
					t.Fatal(err)
				}
				last := time.Now()
				wait(time.Minute)
				c.Close()
				if len(at) < 12 {
					t.Errorf("%d reports", len(at))
				}
				for _, when := range at {
					if d := when.Sub(last); d > 5*time.Second {
						t.Errorf("%v apart", d)
					}
					last = when
				}
			})
		})
	}
}

// RED-06: a server that is busy for a while is asked again when it says, and not when that is long.
func TestRetryAfter(t *testing.T) {
	in := func(d time.Duration) string { return rtsp.FormatDate(time.Now().Add(d)) }
	for name, test := range map[string]struct {
		value func() string
		after time.Duration // 0: not at all
	}{
		"nothing":  {func() string { return "" }, 500 * time.Millisecond},
		"seconds":  {func() string { return " 7" }, 7 * time.Second},
		"a date":   {func() string { return in(20 * time.Second) }, 20 * time.Second},
		"past":     {func() string { return in(-time.Hour) }, 500 * time.Millisecond},
		"nonsense": {func() string { return "-1" }, 500 * time.Millisecond},
		"an hour":  {func() string { return "3600" }, 0},
		"too much": {func() string { return "99999999999999999999" }, 500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			refused := false
			with(t, &rtsptest.Camera{Answer: on(rtsp.MethodSetup, func(_ *rtsp.Request, resp *rtsp.Response) {
				if !refused {
					refused, resp.Status = true, rtsp.StatusServiceUnavailable
					resp.Header.Set("Retry-After", test.value())
				}
			})}, func(t *testing.T, w *world) {
				begun := time.Now()
				c, err := rtspclient.Play(t.Context(), url, w.over(rtspclient.TCP))
				if d := time.Since(begun); (err == nil) != (test.after > 0) || d != test.after {
					t.Errorf("after %v: %v", d, err)
				}
				if err == nil {
					c.Close()
				}
			})
		})
	}
}

// DSC-06: a description expires when the server says so, and what is no date has expired already.
func TestExpires(t *testing.T) {
	date := time.Date(2036, 12, 1, 16, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Time{"": {}, "0": time.Unix(0, 0), "soon": time.Unix(0, 0), rtsp.FormatDate(date): date} {
		t.Run(value, func(t *testing.T) {
			with(t, &rtsptest.Camera{Answer: on(rtsp.MethodDescribe, func(_ *rtsp.Request, resp *rtsp.Response) {
				if value != "" {
					resp.Header.Set("Expires", value)
				}
			})}, func(t *testing.T, w *world) {
				c := w.play()
				defer c.Close()
				if at, ok := c.Expires(); ok != (value != "") || !at.Equal(want) {
					t.Errorf("%v, %v", at, ok)
				}
			})
		})
	}
}
