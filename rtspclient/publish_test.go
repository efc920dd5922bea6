package rtspclient_test

import (
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtsptest"
	"github.com/baton-rtsp/baton/sdp"
)

// ANN-01: what is announced is set up for recording, and packets and sender reports follow.
func TestPublish(t *testing.T) {
	for _, lower := range lowers {
		t.Run(lower.String(), func(t *testing.T) {
			with(t, &rtsptest.Camera{}, func(t *testing.T, w *world) {
				desc, err := sdp.Parse([]byte("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\nm=audio 0 RTP/AVP 8\r\n"))
				if err != nil {
					t.Fatal(err)
				}
				var sent [2]int
				w.cfg.Trace = func(tr rtspclient.Trace) {
					if tr.Sent && !tr.Message && !tr.RTCP {
						sent[0]++
					} else if tr.Sent && !tr.Message {
						sent[1]++
					}
				}
				c, err := rtspclient.Publish(t.Context(), url, desc, w.over(lower))
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				for i := range 11 {
					if err := c.Tracks()[i%2].WriteRTP(packet(uint16(i))); err != nil {
						t.Fatal(err)
					}
					wait(time.Second)
				}
				if sent != [2]int{11, 2 + 4} {
					t.Errorf("sent %d", sent)
				}
				setups := w.all(rtsp.MethodSetup, "Transport")
				specs, err := rtsp.ParseTransports(setups[:1])
				if err != nil || len(setups) != 2 || !specs[0].HasMode("RECORD") {
					t.Errorf("%q", setups)
				}
				if err := c.Tracks()[0].WriteRTP([]byte{1}); err == nil {
					t.Error("no RTP packet, and it is sent")
				}
			})
		})
	}
}
