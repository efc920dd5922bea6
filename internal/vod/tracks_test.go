package vod_test

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/demo"
	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/internal/vod"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
)

// withDemo runs body with a server that has the demo film, pictures and sound, at "demo".
func withDemo(t *testing.T, cfg vod.FilmConfig, body func(t *testing.T, w *servertest.World, c *servertest.Client, video, audio *servertest.Lane)) {
	t.Helper()
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		r := demo.Open()
		film, err := vod.OpenFilm(r, r.Size(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		w.Handler.Put("demo", film)
		c := w.Dial()
		defer c.Close()
		video := c.Setup("demo/trackID=0", "tcp")
		body(t, w, c, video, c.Setup("demo/trackID=1", "tcp"))
	})
}

// isKey tells whether a packet of H.264 begins a random access point: a STAP-A with parameter sets, or an
// IDR picture.
func isKey(b []byte) bool {
	body := rtp.Packet(b).Payload()
	kind := body[0] & 0x1F
	return kind == 24 && body[3]&0x1F == 7 || kind == 7 || kind == 5 || kind == 28 && body[1]&0x9F == 0x85
}

// since is the packet with a sequence number, or a later one; what came before it was of another range.
func since(l *servertest.Lane, seq uint16) rtp.Packet {
	for {
		p := rtp.Packet(l.RTP(time.Second))
		if p == nil || rtp.SeqDiff(p.Sequence(), seq) >= 0 {
			return p
		}
	}
}

// info is the RTP-Info of a response, by track.
func info(t *testing.T, resp *servertest.Response) []rtsp.RTPInfo {
	t.Helper()
	list, err := rtsp.ParseRTPInfo(resp.Header.Values("RTP-Info"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// RNG-07, RNG-17, RTI-01, RTI-05: a seek lands on the key picture before, and says so; both tracks begin there, with
// the numbers that RTP-Info tells, and timestamps never go back.
func TestSeeksOfPicturesAndSound(t *testing.T) {
	withDemo(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World, c *servertest.Client, video, audio *servertest.Lane) {
		random := rand.New(rand.NewPCG(1, 2))
		var lastVideo, lastAudio uint32
		for i := range 20 {
			at := random.Float64() * 19
			resp := c.Do("PLAY", "demo", "Range: npt="+strconv.FormatFloat(at, 'f', 3, 64)+"-")
			if resp.Status != rtsp.StatusOK {
				t.Fatalf("PLAY: %d", resp.Status)
			}
			r, err := rtsp.ParseRange(resp.Header.Get("Range"))
			if want := time.Duration(int(at)/2*2) * time.Second; err != nil || r.Start.Offset != want {
				t.Errorf("npt=%.3f: answered %s, want from %v", at, resp.Header.Get("Range"), want)
			}
			told := info(t, resp)
			v, a := since(video, told[0].Seq), since(audio, told[1].Seq)
			if v == nil || a == nil || !isKey(v) {
				t.Fatalf("npt=%.3f: no key picture, or no sound", at)
			}
			if v.Sequence() != told[0].Seq || v.Timestamp() != told[0].RTPTime || a.Sequence() != told[1].Seq {
				t.Errorf("npt=%.3f: RTP-Info %+v, packets have %d, %d, %d", at, told, v.Sequence(), v.Timestamp(), a.Sequence())
			}
			if late := int32(a.Timestamp() - told[1].RTPTime); late < 0 || late > 48000/20 {
				t.Errorf("npt=%.3f: sound begins %d ticks behind the range", at, late)
			}
			if i > 0 && (int32(v.Timestamp()-lastVideo) <= 0 || int32(a.Timestamp()-lastAudio) <= 0) {
				t.Errorf("npt=%.3f: timestamps go back", at)
			}
			lastVideo, lastAudio = v.Timestamp(), a.Timestamp()
			for until := time.Now().Add(300 * time.Millisecond); time.Now().Before(until); {
				if p := rtp.Packet(video.RTP(20 * time.Millisecond)); p != nil && int32(p.Timestamp()-lastVideo) > 0 {
					lastVideo = p.Timestamp()
				}
				if p := rtp.Packet(audio.RTP(20 * time.Millisecond)); p != nil {
					lastAudio = p.Timestamp()
				}
			}
		}
	})
}

// STA-06, RTI-05: PAUSE and PLAY lose nothing of either track.
func TestPauseOfPicturesAndSound(t *testing.T) {
	withDemo(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World, c *servertest.Client, video, audio *servertest.Lane) {
		c.Do("PLAY", "demo", "Range: npt=0-")
		var seqs [2][]uint16
		take := func(d time.Duration) {
			for i, lane := range []*servertest.Lane{video, audio} {
				for p := lane.RTP(d); p != nil; p = lane.RTP(time.Millisecond) {
					seqs[i] = append(seqs[i], rtp.Packet(p).Sequence())
				}
			}
		}
		for range 5 {
			w.Wait(510 * time.Millisecond)
			if resp := c.Do("PAUSE", "demo"); resp.Status != rtsp.StatusOK {
				t.Fatalf("PAUSE: %d", resp.Status)
			}
			take(time.Millisecond)
			w.Wait(3 * time.Second)
			if video.RTP(time.Millisecond) != nil {
				t.Error("a packet came while paused")
			}
			c.Do("PLAY", "demo")
		}
		for i, list := range seqs {
			if len(list) < 50 {
				t.Errorf("track %d: only %d packets", i, len(list))
			}
			for j := 1; j < len(list); j++ {
				if list[j] != list[j-1]+1 {
					t.Errorf("track %d: sequence %d behind %d", i, list[j], list[j-1])
				}
			}
		}
	})
}

// RNG-13, RTI-06: above Scale 2 there are key pictures only, and sound is silent at any Scale but 1.
func TestFastForwardIsByKeyPictures(t *testing.T) {
	withDemo(t, vod.FilmConfig{}, func(t *testing.T, w *servertest.World, c *servertest.Client, video, audio *servertest.Lane) {
		resp := c.Do("PLAY", "demo", "Range: npt=0-", "Scale: 4")
		if got := resp.Header.Get("Scale"); got != "4.0" {
			t.Errorf("Scale %q", got)
		}
		begin, stamps := time.Now(), map[uint32]bool{}
		for p := video.RTP(time.Second); p != nil; p = video.RTP(time.Second) {
			if ts := rtp.Packet(p).Timestamp(); !stamps[ts] {
				stamps[ts] = true
				if !isKey(p) {
					t.Errorf("picture %d does not begin with a key picture", len(stamps))
				}
			}
		}
		if len(stamps) != 10 || audio.RTP(time.Millisecond) != nil {
			t.Errorf("%d pictures, want the 10 key pictures and no sound", len(stamps))
		}
		if d := time.Since(begin); d < 5*time.Second || d > 7*time.Second {
			t.Errorf("20 s at Scale 4 took %v", d)
		}
	})
}

// A film that loops goes on at its end without a break.
func TestLoopHasNoBreak(t *testing.T) {
	withDemo(t, vod.FilmConfig{Loop: true}, func(t *testing.T, w *servertest.World, c *servertest.Client, video, audio *servertest.Lane) {
		c.Do("PLAY", "demo", "Range: npt=18-")
		var last rtp.Packet
		seen := map[uint32]bool{}
		for until := time.Now().Add(5 * time.Second); time.Now().Before(until); {
			p := rtp.Packet(video.RTP(time.Second))
			if p == nil {
				t.Fatal("the film has ended")
			}
			if last != nil && p.Sequence() != last.Sequence()+1 {
				t.Errorf("sequence %d behind %d", p.Sequence(), last.Sequence())
			}
			last, seen[p.Timestamp()] = p, true
		}
		if len(seen) < 120 || len(seen) > 130 {
			t.Errorf("%d pictures in 5 s", len(seen))
		}
	})
}
