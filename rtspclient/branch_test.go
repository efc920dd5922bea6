package rtspclient_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtsptest"
)

// twoHosts has its sound on another host.
const twoHosts = rtsptest.Video + "m=audio 0 RTP/AVP 0\r\na=control:rtsp://" + otherHost + "/sound/trackID=1\r\n"

// URL-07: a track on another host is a session there, which plays, pauses and ends with the rest; the password stays where
// it belongs.
func TestTracksOnTwoHosts(t *testing.T) {
	for _, lower := range lowers {
		t.Run(lower.String(), func(t *testing.T) {
			cam := &rtsptest.Camera{Description: twoHosts, User: "ad@min", Password: "p@ss"}
			with(t, cam, func(t *testing.T, w *world) {
				other := &rtsptest.Camera{ListenPair: cam.ListenPair}
				defer other.Close()
				dialled := w.second(other)
				defer w.feed()()
				c, err := rtspclient.Play(t.Context(), urlWithUser, w.over(lower))
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if !slices.Equal(*dialled, []string{"rtsp " + cameraHost, "rtsp " + otherHost}) || len(c.Tracks()) != 2 {
					t.Errorf("dialled %q, %d tracks", *dialled, len(c.Tracks()))
				}
				if lower == rtspclient.TCP { // the sockets of both are at one host here
					other.Send(1, false, packet(9))
					synctest.Wait()
					if n := c.Tracks()[1].Stats().Packets; n != 1 {
						t.Errorf("%d packets of the other host", n)
					}
				}
				if err := c.Pause(t.Context()); err != nil || cam.Playing() != 0 || other.Playing() != 0 {
					t.Errorf("%d and %d play, %v", cam.Playing(), other.Playing(), err)
				}
				wait(time.Minute)
				c.Close()
				wait(time.Second)
				for _, r := range other.Requests() {
					if r.Header.Has("Authorization") || !strings.HasPrefix(r.URI, "rtsp://"+otherHost+"/sound/trackID=1") {
						t.Errorf("%s %s %v", r.Method, r.URI, r.Header)
					}
				}
				for _, m := range []rtsp.Method{rtsp.MethodSetup, rtsp.MethodPlay, rtsp.MethodTeardown} {
					if cam.Count(m) < 1 || other.Count(m) != 1 {
						t.Errorf("%s: %d and %d", m, cam.Count(m), other.Count(m))
					}
				}
				if other.Count(rtsp.MethodOptions) < 1 {
					t.Error("the other session is not kept alive")
				}
			})
		})
	}
}

// The session ends with each of its hosts.
func TestAHostThatGoesAway(t *testing.T) {
	for _, first := range []bool{false, true} {
		with(t, &rtsptest.Camera{Description: twoHosts}, func(t *testing.T, w *world) {
			other := &rtsptest.Camera{}
			defer other.Close()
			w.second(other)
			c := w.play()
			defer c.Close()
			if first {
				w.cam.Drop()
			} else {
				other.Write([]byte("REDIRECT * RTSP/1.0\r\nCSeq: 1\r\nLocation: rtsp://" + cameraHost + "/\r\n\r\n"))
			}
			synctest.Wait()
			var redirected *rtspclient.RedirectError
			if c.Err() == nil || errors.As(c.Err(), &redirected) {
				t.Errorf("first %v: %v", first, c.Err())
			}
		})
	}
}

// Cameras behind a NAT name the address that they have there: nobody else is dialled.
func TestAddressesBehindANAT(t *testing.T) {
	desc := strings.Replace(rtsptest.Video, "a=control:trackID=0", "a=control:rtsp://10.0.0.8/stream/trackID=0", 1)
	for _, d := range []string{desc, desc + "m=audio 0 RTP/AVP 0\r\na=control:rtsp://10.0.0.8/stream/trackID=1\r\n"} {
		with(t, &rtsptest.Camera{Description: d}, func(t *testing.T, w *world) {
			c := w.play()
			defer c.Close()
			if n := w.cam.Count(rtsp.MethodSetup); n != len(c.Tracks()) {
				t.Errorf("%d set up here", n)
			}
		})
	}
}

// A host that is not there is an error, and nothing is left.
func TestAHostThatIsNotThere(t *testing.T) {
	with(t, &rtsptest.Camera{Description: twoHosts}, func(t *testing.T, w *world) {
		if c, err := rtspclient.Play(t.Context(), url, w.over(rtspclient.TCP)); err == nil {
			c.Close()
			t.Error("it plays")
		}
	})
}
