package rtspserver_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/timeline"
)

// FRM-02, FRM-03, FRM-06, FRM-07: a frame begins at a message boundary and nowhere else, may come at any
// of them, and costs nobody anything while there is nothing to do with it.
func TestFramesBetweenMessages(t *testing.T) {
	frame := func(channel uint8, n int) string {
		return string(rtsp.AppendFrame(nil, channel, bytes.Repeat([]byte("OPTIONS * RTSP/1.0\r\n"), n/20+1)[:n]))
	}
	body := "\r\n$\x00\x00\x04abcd\r\n"
	runDialogues(t, []dialogue{
		{name: "in a body", raw: request("SET_PARAMETER", "*", 1, fmt.Sprintf("Content-Length: %d", len(body))) + body + options(2), want: []string{"400 1", "200 2"}},
		{name: "in a header", raw: options(1, "X: a", "$: b", " $\x01\x01\x01") + options(2), want: []string{"200 1", "200 2"}},
		{name: "around a request", raw: frame(1, 20) + request("GET_PARAMETER", "*", 1) + frame(1, 20), want: []string{"200 1"}},
		{name: "before SETUP", raw: frame(0, 500) + frame(255, 3) + options(1), want: []string{"200 1"}},
		{name: "of nothing", raw: frame(0, 0) + options(1) + frame(7, 0) + frame(7, 0) + options(2), want: []string{"200 1", "200 2"}},
		{name: "of 65535 bytes", raw: frame(0, 65535) + options(1) + frame(1, 65535) + options(2), want: []string{"200 1", "200 2"}},
		{name: "behind a blank line", raw: "\r\n" + frame(0, 10) + "\r\n" + options(1), want: []string{"200 1"}},
	})
}

// FRM-05, SEC-04: what is inside a frame is never a request, whatever the channel is.
func TestFramesCannotSmuggleRequests(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("p", servertest.Video), servertest.Source{PayloadType: 96}
		c, other := w.Dial(), w.Dial()
		defer c.Close()
		defer other.Close()
		lane := c.Watch("p", "tcp", 1)[0]
		teardown := request("TEARDOWN", w.URL+"/p", 9, "Session: "+c.Session)
		for channel := range 256 {
			c.Send(string(rtsp.AppendFrame(nil, uint8(channel), []byte(teardown))))
			other.Send(string(rtsp.AppendFrame(nil, uint8(channel), []byte(teardown))))
		}
		for _, x := range []*servertest.Client{c, other} {
			if r := x.Do("OPTIONS", "*"); r.Status != 200 || r.Header.Get("CSeq") == "9" {
				t.Errorf("answer %d to CSeq %s", r.Status, r.Header.Get("CSeq"))
			}
		}
		servertest.Write(live, 0, src.Key(1))
		if lane.RTP(time.Second) == nil {
			t.Error("the session is gone")
		}
	})
}

// FRM-06: frames behind PAUSE are dropped, those of a publisher too.
func TestFramesBehindPauseAreDropped(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		c := w.Dial()
		defer c.Close()
		lane, src := c.Publish("cam", servertest.Audio, "tcp")[0], servertest.Source{}
		lane.SendRTP(src.Packet(false, 1))
		if r := c.Do("PAUSE", "cam"); r.Status != rtsp.StatusOK {
			t.Fatalf("PAUSE: %d", r.Status)
		}
		lane.SendRTP(src.Packet(false, 2))
		if r := c.Do("OPTIONS", "*"); r.Status != rtsp.StatusOK {
			t.Fatalf("OPTIONS: %d", r.Status)
		}
		if n := w.Handler.Get("cam").(*rtspserver.Live).Timeline().Packets(); n != 1 {
			t.Errorf("%d packets were taken, want that before PAUSE", n)
		}
	})
}

// FRM-08: however much media there is, the answer to PLAY is there first.
func TestTheAnswerToPlayComesFirst(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("p", servertest.Video), servertest.Source{PayloadType: 96}
		servertest.Write(live, 0, src.Key(1))
		for range 20 {
			c := w.Dial()
			c.Setup("p", "tcp")
			before := len(c.Received())
			c.Request("PLAY", "p")
			servertest.Write(live, 0, src.Delta(2), src.Delta(3))
			if r := c.Response(); r.Status != rtsp.StatusOK || !strings.HasPrefix(c.Received()[before:], "RTSP/1.0 200") {
				t.Errorf("after PLAY came %.20q", c.Received()[before:])
			}
			if _, ok := c.Frame(time.Second); !ok {
				t.Error("no media behind it")
			}
			c.Close()
		}
	})
}

// FRM-01, FRM-10: a frame is one RTP packet or one compound RTCP packet, on the channels of the answer.
func TestFramesAreOnTheChannelsThatWereAgreed(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		live, src := w.Handler.Live("p", servertest.Video), servertest.Source{PayloadType: 96}
		servertest.Write(live, 0, src.Key(1), src.Delta(2))
		for want, spec := range map[rtsp.ChannelPair]string{
			{RTP: 4, RTCP: 5, Set: true}: "interleaved=4-5", {RTP: 9, RTCP: 3, Set: true}: "interleaved=9-3",
			{RTP: 0, RTCP: 1, Set: true}: "mode=play", {RTP: 254, RTCP: 255, Set: true}: "interleaved=254-255",
		} {
			c := w.Dial()
			lane := c.SetupAs("p", "RTP/AVP/TCP;unicast;"+spec)
			c.Do("PLAY", "p")
			if got := lane.Transport.Interleaved; got != want {
				t.Errorf("%s: %v", spec, got)
			}
			for range 4 { // parameter sets, two pictures, a sender report
				f, ok := c.Frame(time.Second)
				switch {
				case ok && f.Channel == want.RTP && rtp.Packet(f.Payload).Validate() == nil:
				case ok && f.Channel == want.RTCP && rtp.ValidateCompound(f.Payload) == nil:
				default:
					t.Errorf("%s: frame on channel %d: % x", spec, f.Channel, f.Payload)
				}
			}
			c.Close()
		}
	})
}

// FRM-04: over a long stream to a client whose window is tiny, with a keep-alive now and then, every frame
// and every response is whole.
func TestTornWritesAreFinished(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		if w.Net != nil { // an hour, in virtual time
			watchThroughANarrowWindow(t, w, 300, 3600, 10, time.Second)
		} else { // more at once than the system takes
			watchThroughANarrowWindow(t, w, 64<<10, 2, 30000, 0)
		}
	})
}

// watchThroughANarrowWindow has a number of packets sent at a time, and read only then.
func watchThroughANarrowWindow(t *testing.T, w *servertest.World, window, bursts, packets int, pause time.Duration) {
	live := rtspserver.NewLive(servertest.Parse(servertest.Audio), &rtspserver.LiveConfig{Timeline: timeline.Config{Window: 64 << 20}})
	w.Handler.Put("p", live)
	src := servertest.Source{}
	c := w.Dial()
	defer c.Close()
	c.Mute()
	c.Narrow(window)
	c.Watch("p", "tcp", 1)
	count := 0
	for burst := range bursts {
		for i := range packets {
			n := burst*packets + i
			servertest.Write(live, 0, src.Packet(false, bytes.Repeat([]byte{byte(n)}, n*7%900)...))
		}
		w.Wait(pause)
		if packets > 1000 || burst%20 == 19 { // the answer waits behind what is torn
			if r := c.Do("GET_PARAMETER", "p"); r.Status != rtsp.StatusOK {
				t.Fatalf("keep-alive: %d", r.Status)
			}
		}
		for got := 0; got < packets; {
			f, ok := c.Frame(time.Second)
			if !ok {
				t.Fatalf("burst %d: frame %d did not come", burst, got)
			}
			if f.Channel == 1 && rtp.ValidateCompound(f.Payload) == nil {
				continue
			}
			p := rtp.Packet(f.Payload)
			if f.Channel != 0 || p.Validate() != nil || !bytes.Equal(p.Payload(), bytes.Repeat([]byte{byte(count)}, count*7%900)) {
				t.Fatalf("packet %d: channel %d, % x", count, f.Channel, f.Payload)
			}
			got++
			count++
		}
	}
}

// FRM-09: behind the answers to PAUSE and TEARDOWN comes no frame of that session, on this connection or
// on the next, however often sessions come and go.
func TestNothingFollowsTheEndOfASession(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		var lives [2]*rtspserver.Live
		var sources [2]servertest.Source
		write := func() {
			for i, live := range lives {
				servertest.Write(live, 0, sources[i].Packet(false, 1), sources[i].Packet(false, 2))
			}
		}
		for i := range lives {
			lives[i] = w.Handler.Live(fmt.Sprint("p", i), servertest.Audio)
		}
		c := w.Dial()
		for n := range 1000 {
			if n%10 == 9 { // die without a word: the next client may get the same descriptor
				c.Setup("p0", "tcp")
				c.Do("PLAY", "p0")
				write()
				c.Close()
				c = w.Dial()
			}
			path := fmt.Sprint("p", n%2)
			lane := c.SetupAs(path, fmt.Sprintf("RTP/AVP/TCP;unicast;interleaved=%d-%d", 2*(n%50), 2*(n%50)+1))
			c.Do("PLAY", path)
			write()
			p := rtp.Packet(lane.RTP(time.Second))
			if p == nil || p.SSRC() != lives[n%2].Timeline().SSRC(0) {
				t.Fatalf("round %d: packet % x", n, p)
			}
			for _, method := range []string{"PAUSE", "TEARDOWN"} {
				c.Request(method, path)
				write()
				if r := c.Response(); r.Status != rtsp.StatusOK {
					t.Fatalf("round %d: %s: %d", n, method, r.Status)
				}
				c.Drop()
				write()
				if method == "TEARDOWN" {
					c.Session = ""
				}
				c.Do("OPTIONS", "*")
				if k := c.Drop(); k > 0 {
					t.Fatalf("round %d: %d frames behind %s", n, k, method)
				}
			}
		}
		c.Close()
	})
}

// FRM-13: a reader that stops for half a minute costs a bounded amount of memory and nobody else a
// packet. When it goes on it loses whole pictures up to a key picture, and no byte.
func TestAStoppedReaderLosesPicturesNotBytes(t *testing.T) {
	servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
		const window = 256 << 10
		desc := servertest.Parse(servertest.Video)
		live := rtspserver.NewLive(desc, &rtspserver.LiveConfig{Timeline: timeline.Config{Window: window}})
		w.Handler.Put("p", live)
		src := servertest.Source{PayloadType: 96}
		stopped, good := w.Dial(), w.Dial()
		defer stopped.Close()
		defer good.Close()
		stopped.Narrow(64 << 10)
		a, b := stopped.Watch("p", "tcp", 1)[0], good.Watch("p", "tcp", 1)[0]
		good.Mute()
		heap := heapInUse()
		for n := range 30*25 + 13 { // the newest key picture is well within the window
			servertest.Write(live, 0, picture(&src, n)...)
			for got := 0; got < 10+btoi(n%25 == 0); got++ {
				if b.RTP(5*time.Second) == nil {
					t.Fatalf("the good reader misses a packet of picture %d", n)
				}
			}
			if w.Net != nil {
				w.Wait(40 * time.Millisecond)
			}
		}
		if grown := heapInUse() - heap; grown > window+1<<20 {
			t.Errorf("a stopped reader costs %d bytes", grown)
		}
		if r := stopped.Do("GET_PARAMETER", "p"); r.Status != rtsp.StatusOK {
			t.Fatalf("keep-alive behind the jam: %d", r.Status)
		}
		wantWholePictures(t, a, 1+btoi(w.Net == nil)*10) // a system's buffers grow: there is room now and then
	})
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func heapInUse() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// picture is picture n in ten packets: a key picture every second.
func picture(src *servertest.Source, n int) [][]byte {
	src.Timestamp += 3600
	kind := byte(1) // a slice
	if n%25 == 0 {
		kind = 5 // of an IDR picture
	}
	var list [][]byte
	for i := range 10 {
		flags := kind
		if i == 0 {
			flags |= 1 << 7
		}
		if i == 9 {
			flags |= 1 << 6
		}
		fragment := append([]byte{0x7c, flags, 0x88, byte(i)}, bytes.Repeat([]byte{byte(n)}, 1000)...)
		list = append(list, src.Packet(i == 9, fragment...))
	}
	return list
}

// wantWholePictures reads to the end: fragments in order, and behind each of a few gaps a key picture with
// its parameter sets.
func wantWholePictures(t *testing.T, lane *servertest.Lane, maxGaps int) {
	t.Helper()
	next, gaps, pictures := 0, 0, 0
	for p := rtp.Packet(lane.RTP(time.Second)); p != nil; p = rtp.Packet(lane.RTP(time.Second)) {
		body := p.Payload()
		if body[0]&31 == 24 { // parameter sets: only what was in the window when the reader stopped may be torn
			gaps += btoi(next != 0)
			next = 0
			continue
		}
		if len(body) != 1004 || int(body[3]) != next {
			t.Fatalf("fragment %d of %d bytes, want %d", body[3], len(body), next)
		}
		if next++; next == 10 {
			next, pictures = 0, pictures+1
		}
	}
	if next != 0 || pictures < 13 || gaps > maxGaps {
		t.Errorf("%d pictures, %d torn, at the end %d fragments", pictures, gaps, next)
	}
}

// FRM-15: packets are taken up to what a frame can hold, and datagrams beyond an Ethernet frame.
func TestLargePacketsOfPublishersAreTakenWhole(t *testing.T) {
	const opaque = "v=0\r\ns=-\r\nm=application 0 RTP/AVP 100\r\na=rtpmap:100 vnd.x/1000\r\na=control:streamid=0\r\n"
	for lower, sizes := range map[string][]int{"tcp": {9000, 65535}, "udp": {9000, 10000}} {
		t.Run(lower, func(t *testing.T) {
			servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
				publisher, reader := w.Dial(), w.Dial()
				defer publisher.Close()
				defer reader.Close()
				in, src := publisher.Publish("cam", opaque, lower)[0], servertest.Source{PayloadType: 100}
				out := reader.Watch("cam", "tcp", 1)[0]
				for _, size := range sizes {
					body := bytes.Repeat([]byte{0xab}, size-rtp.HeaderSize)
					in.SendRTP(src.Packet(true, body...))
					if p := rtp.Packet(out.RTP(2 * time.Second)); p == nil || !bytes.Equal(p.Payload(), body) {
						t.Errorf("of %d bytes %d came", size, len(p))
					}
				}
			}, servertest.NeedOf(lower))
		})
	}
}
