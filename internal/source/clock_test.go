package source_test

import (
	"bytes"
	"context"
	"image/jpeg"
	"testing"
	"testing/synctest"
	"time"

	"github.com/baton-rtsp/baton/internal/clock"
	"github.com/baton-rtsp/baton/internal/payload"
	"github.com/baton-rtsp/baton/internal/source"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
	"github.com/baton-rtsp/baton/timeline"
)

// run draws a clock for a while, in virtual time, and returns its packets.
func run(t *testing.T, c source.Clock, d time.Duration) (*rtspserver.Live, []rtp.Packet) {
	t.Helper()
	live := rtspserver.NewLive(c.Describe(), &rtspserver.LiveConfig{Timeline: timeline.Config{Window: 64 << 20}})
	cursor := live.Timeline().Cursor(1)
	cursor.Join()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	c.Run(ctx, live)
	var all []rtp.Packet
	for {
		b, err := cursor.Next()
		if err != nil {
			t.Fatal(err)
		}
		if len(b.Packets) == 0 {
			return live, all
		}
		for i := range b.Packets {
			all = append(all, b.RTP(i))
		}
		cursor.Advance(len(b.Packets))
	}
}

// RTP-15: a picture comes at once and then every 40 ms, in packets of at most 1400 bytes; its timestamp is
// that of the time that it shows, and Run ends with its context.
func TestClockTicks(t *testing.T) {
	for _, c := range []source.Clock{{}, {JPEG: true}, {GOP: 5}} {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Now()
			_, packets := run(t, c, 999*time.Millisecond)
			if took := time.Since(begin); took != 999*time.Millisecond {
				t.Errorf("%+v: ran %v", c, took)
			}
			pictures := 0
			for _, p := range packets {
				if want := packets[0].Timestamp() + uint32(pictures)*3600; p.Timestamp() != want || len(p) > 1400 {
					t.Errorf("%+v: picture %d: timestamp %d, want %d; %d bytes", c, pictures, p.Timestamp(), want, len(p))
				}
				if p.Marker() {
					pictures++
				}
			}
			if pictures != 25 {
				t.Errorf("%+v: %d pictures in a second", c, pictures)
			}
		})
	}
}

// RTP-06: by the clock's reports the time that a picture shows is the time of its timestamp, to the
// millisecond: latency can be measured by it.
func TestTimestampsAreTheTimeShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		live, packets := run(t, source.Clock{}, 2*time.Second)
		for i, p := range packets {
			at, ok := live.Timeline().Time(0, p.Timestamp())
			want := begin.Add(time.Duration(p.Timestamp()-packets[0].Timestamp()) * time.Second / 90000)
			if !ok || at.Sub(want).Abs() > time.Millisecond {
				t.Fatalf("packet %d is of %v, shown as %v", i, at, want)
			}
		}
	})
}

// PLD-08: the motion JPEG clock is what RFC 2435 can say, and its first picture shows the time at which it was drawn.
func TestJPEGClockShowsTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		img, err := clock.NewJPEG(0).Next(time.Now(), 0)
		if err != nil {
			t.Fatal(err)
		}
		var scan []byte
		var packetizer payload.JPEGPacketizer
		err = packetizer.Packetize(img, 1388, func(b []byte, _ uint32, _ bool) { scan = append(scan, b[8:]...) })
		if err != nil {
			t.Fatal(err)
		}
		_, packets := run(t, source.Clock{JPEG: true}, time.Millisecond)
		var sent []byte
		for _, p := range packets {
			sent = append(sent, p.Payload()[8:]...)
		}
		if !bytes.Equal(sent, scan) {
			t.Errorf("%d bytes, want the %d of this moment", len(sent), len(scan))
		}
		picture, err := jpeg.Decode(bytes.NewReader(img))
		if err != nil {
			t.Fatal(err)
		}
		if r, err := clock.Read(picture); err != nil || time.Since(r.Time).Abs() > time.Second {
			t.Errorf("reads %v, %v", r, err)
		}
	})
}

// PLD-01, PLD-04, SDP-01: what the clock says of itself is complete: readers need nothing from the stream.
func TestClockIsDescribed(t *testing.T) {
	h264 := source.Clock{}.Describe()
	params := h264.Media[0].FormatList()[0].Params
	if params.Get("packetization-mode") != "1" || params.Get("sprop-parameter-sets") == "" || params.Get("profile-level-id") == "" {
		t.Errorf("fmtp %s", params)
	}
	for _, c := range []source.Clock{{}, {JPEG: true}} {
		if _, err := sdp.Parse(c.Describe().Append(nil)); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
