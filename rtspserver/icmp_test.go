//go:build linux

package rtspserver_test

import (
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
)

// RTP-19: a reader over UDP whose RTP port is closed is ended by the ICMP errors that media meets there,
// long before it would time out.
func TestReaderWhosePortIsClosedIsEnded(t *testing.T) {
	for _, portable := range []bool{false, true} {
		servertest.OnLoopback(t, portable, nil, func(t *testing.T, w *servertest.World) {
			live, src := w.Handler.Live("cam", servertest.Audio), servertest.Source{}
			c, good := w.Dial(), w.Dial()
			defer c.Close()
			defer good.Close()
			lane, other := c.Watch("cam", "udp", 1)[0], good.Watch("cam", "udp", 1)[0]
			lane.Close()
			begin := time.Now()
			ended := w.Until(5*time.Second, func() bool {
				servertest.Write(live, 0, src.Packet(true, 1))
				return live.Readers() == 1
			})
			if !ended || time.Since(begin) < 500*time.Millisecond {
				t.Errorf("ended %v after %v", ended, time.Since(begin))
			}
			if !c.Closed() {
				t.Error("its connection stays open")
			}
			if other.RTP(time.Second) == nil || live.Readers() != 1 {
				t.Error("the other reader is gone too")
			}
		})
	}
}

// RTP-19: a closed RTCP port alone ends nobody: some players have none.
func TestReaderWithoutAnRTCPPortStays(t *testing.T) {
	for _, portable := range []bool{false, true} {
		servertest.OnLoopback(t, portable, nil, func(t *testing.T, w *servertest.World) {
			live, src := w.Handler.Live("cam", servertest.Audio), servertest.Source{}
			c := w.Dial()
			defer c.Close()
			lane := c.Watch("cam", "udp", 1)[0]
			lane.CloseRTCP()
			for range 15 {
				servertest.Write(live, 0, src.Packet(true, 1))
				if lane.RTP(time.Second) == nil {
					t.Fatal("no media")
				}
				c.Do("PLAY", "cam") // brings a sender report, to the closed port
				w.Wait(100 * time.Millisecond)
			}
			if live.Readers() != 1 {
				t.Error("the reader was ended")
			}
		})
	}
}

// RTP-19: errors of less than a second end nobody: a player may be opening its ports again.
func TestShortErrorsEndNobody(t *testing.T) {
	servertest.OnLoopback(t, false, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("cam", servertest.Audio), servertest.Source{}
		c := w.Dial()
		defer c.Close()
		c.Watch("cam", "udp", 1)[0].Close()
		for range 5 {
			servertest.Write(live, 0, src.Packet(true, 1))
			w.Wait(20 * time.Millisecond)
		}
		w.Wait(1500 * time.Millisecond) // no media, so no errors
		if live.Readers() != 1 {
			t.Error("the reader was ended")
		}
	})
}
