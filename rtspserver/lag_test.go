package rtspserver_test

import (
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/timeline"
)

// A broadcast has 25 pictures a second, one of ten a key picture. Each has its number in it.
type broadcast struct {
	live *rtspserver.Live
	src  servertest.Source
	next int
}

func newBroadcast(t *testing.T, w *servertest.World, lag rtspserver.Lag) *broadcast {
	t.Helper()
	b := &broadcast{src: servertest.Source{PayloadType: 96, SSRC: 1}}
	b.live = rtspserver.NewLive(servertest.Parse(servertest.Video), &rtspserver.LiveConfig{Lag: lag, Timeline: timeline.Config{Window: 64 << 20}})
	w.Handler.Put("cam", b.live)
	return b
}

// run sends for some time.
func (b *broadcast) run(w *servertest.World, d time.Duration) {
	payload := make([]byte, 1200)
	for end := time.Now().Add(d); time.Now().Before(end); b.next++ {
		payload[0], payload[1] = 0x41, 0x9a
		if b.next%10 == 0 {
			payload[0], payload[1] = 0x65, 0x88
		}
		payload[2], payload[3] = byte(b.next>>8), byte(b.next)
		b.src.Timestamp += 3600
		for range 10 {
			servertest.Write(b.live, 0, b.src.Packet(false, payload...))
		}
		w.Wait(40 * time.Millisecond)
	}
}

// numbers returns those of the pictures that come until none comes for a while.
func numbers(lane *servertest.Lane) (list []int, kinds []byte) {
	for p := rtp.Packet(lane.RTP(20 * time.Millisecond)); p != nil; p = lane.RTP(20 * time.Millisecond) {
		if b := p.Payload(); b[0]&31 <= 5 {
			if n := int(b[2])<<8 | int(b[3]); len(list) == 0 || list[len(list)-1] != n {
				list, kinds = append(list, n), append(kinds, b[0])
			}
		}
	}
	return list, kinds
}

// RTP-16: a reader that stops reading goes on at the newest key picture when it reads again: when it is further behind than it
// may be, although the window has all of it. What is skipped is skipped whole, and counted.
func TestSlowReaderSkips(t *testing.T) {
	for name, test := range map[string]struct {
		lag   rtspserver.Lag
		skips bool
	}{
		"as far as the window goes": {rtspserver.Lag{}, false},
		"two seconds":               {rtspserver.Lag{Jump: 2 * time.Second}, true},
	} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			b := newBroadcast(t, w, test.lag)
			b.run(w, time.Second)
			c := w.Dial()
			defer c.Close()
			lane := c.Watch("cam", "tcp", 1)[0]
			b.run(w, 30*time.Second) // nobody reads
			missed := b.next
			list, _ := numbers(lane) // what had come into the connection, and what follows it
			b.run(w, time.Second)
			more, _ := numbers(lane)
			list = append(list, more...)
			gaps, last := 0, list[0]
			for _, n := range list[1:] {
				if n != last+1 {
					gaps++
					if n%10 != 0 || n < missed-10 {
						t.Errorf("%s: goes on with picture %d behind %d, of %d", name, n, last, missed)
					}
				}
				last = n
			}
			if stats := b.live.Stats(); (gaps == 1) != test.skips || (stats.Jumps > 0) != test.skips || last != b.next-1 {
				t.Errorf("%s: %d gaps, %d jumps, the last picture is %d of %d", name, gaps, stats.Jumps, last, b.next)
			}
		})
	}
}

// A reader that takes nothing for longer than it may is sent away, connection and all; one that reads slowly is not.
func TestReaderThatTakesNothingIsSentAway(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		b := newBroadcast(t, w, rtspserver.Lag{CloseAfter: 10 * time.Second})
		b.run(w, time.Second)
		stuck, slow := w.Dial(), w.DialAs("192.0.2.11")
		defer stuck.Close()
		defer slow.Close()
		stuck.Watch("cam", "tcp", 1)
		lane := slow.Watch("cam", "tcp", 1)[0]
		for range 5 {
			b.run(w, 4*time.Second)
			numbers(lane)
		}
		if stats := b.live.Stats(); stats.Lagged != 1 || stats.Readers != 1 || w.Server.Stats().Sessions != 1 {
			t.Errorf("%+v, %d sessions", stats, w.Server.Stats().Sessions)
		}
		if !alive(w, slow.Session) {
			t.Error("the slow reader is gone")
		}
		w.Wait(30 * time.Second) // the source is silent: nobody can be blamed for taking nothing
		b.run(w, time.Second)
		if list, _ := numbers(lane); len(list) == 0 || b.live.Stats().Lagged != 1 {
			t.Errorf("after a silence %d pictures come; %+v", len(list), b.live.Stats())
		}
	})
}
