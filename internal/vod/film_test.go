package vod_test

import (
	"bytes"
	"errors"
	"image/jpeg"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/clock"
	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/mjpeg"
	demo "github.com/baton-rtsp/baton/internal/container/mjpeg/film"
	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/internal/vod"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
)

// DSC-01, RNG-10, PLD-08, SDP-01: the description of a film has its length, so that players show a seek
// bar, and all that a decoder needs.
func TestDescriptionOfAFilm(t *testing.T) {
	inMemory(t, vod.FilmConfig{Name: "waves", FrameRate: 20}, func(t *testing.T, w *servertest.World) {
		resp := w.Dial().Do("DESCRIBE", "film")
		s, err := sdp.Parse(resp.Body)
		if err != nil || len(s.Media) != 1 {
			t.Fatalf("%v in %q", err, resp.Body)
		}
		if r, _ := s.Attr("range"); r != "npt=0.000-22.500" || s.Name != "waves" {
			t.Errorf("range %q, name %q", r, s.Name)
		}
		m := s.Media[0]
		if f := m.FormatList(); m.Type != "video" || m.Proto != "RTP/AVP" || f[0].PayloadType != 26 || !f[0].Is("JPEG") || f[0].ClockRate != 90000 {
			t.Errorf("media %+v", m)
		}
		for key, want := range map[string]string{"framerate": "20", "x-dimensions": "320,184", "framesize": "26 320-184"} {
			if got, _ := m.Attr(key); got != want {
				t.Errorf("%s: %q, want %q", key, got, want)
			}
		}
	})
}

// PLD-08, PLD-10: what comes can be decoded: the tables of the first packet and the data of the scan are
// those of the file, and the picture shows its number.
func TestPicturesDecode(t *testing.T) {
	p, now := playing(t, 0)
	img := images(t, 1)[0]
	for n := range 30 {
		scan := slices.Clone(img[:scanOf(img)])
		for i, pkt := range next(t, p, &now) {
			if i == 0 && !bytes.Equal(pkt.Payload()[12:12+64], quantization(img)) { // RFC 2435 §3.1.8
				t.Fatalf("frame %d: other tables", n)
			}
			_, data := jpegData(pkt.Payload())
			scan = append(scan, data...)
		}
		picture, err := jpeg.Decode(bytes.NewReader(append(scan, 0xFF, 0xD9)))
		if err != nil {
			t.Fatal(err)
		}
		if blocks, err := clock.Read(picture); err != nil || int(blocks.Frame) != n {
			t.Errorf("frame %d shows %d; %v", n, blocks.Frame, err)
		}
	}
}

// quantization is the first table of an image, 8 bits an entry.
func quantization(img []byte) []byte {
	dqt := bytes.Index(img, []byte{0xFF, 0xDB})
	return img[dqt+5 : dqt+5+64]
}

// DSC-04, ERR-304: a film that has not changed since is not described again.
func TestUnchangedFilmIsNotDescribedAgain(t *testing.T) {
	modified := time.Date(1999, 6, 1, 12, 0, 0, 5e8, time.UTC)
	inMemory(t, vod.FilmConfig{Modified: modified}, func(t *testing.T, w *servertest.World) {
		for since, status := range map[string]rtsp.StatusCode{
			"Tue, 01 Jun 1999 12:00:00 GMT": rtsp.StatusNotModified,
			"Sat, 01 Jan 2000 12:00:00 GMT": rtsp.StatusNotModified,
			"Tue, 01 Jun 1999 11:59:59 GMT": rtsp.StatusOK,
			"yesterday":                     rtsp.StatusOK,
		} {
			resp := w.Dial().Do("DESCRIBE", "film", "If-Modified-Since: "+since)
			if resp.Status != status || (status == rtsp.StatusOK) != (len(resp.Body) > 0) {
				t.Errorf("%s: %d with %d bytes, want %d", since, resp.Status, len(resp.Body), status)
			}
			if got := resp.Header.Get("Last-Modified"); status == rtsp.StatusOK && got != "Tue, 01 Jun 1999 12:00:00 GMT" {
				t.Errorf("Last-Modified %q", got)
			}
		}
	})
}

// images are the first n images of the demo film.
func images(t *testing.T, n int) [][]byte {
	t.Helper()
	r := demo.Open()
	f, err := mjpeg.Open(r, r.Size(), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	list, samples := make([][]byte, n), f.Tracks[0].Index.Cursor(0)
	for i := range list {
		s, _ := samples.Next()
		if list[i], err = f.Tracks[0].Reader.ReadSample(s, nil); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// progressive makes an image one that RFC 2435 cannot carry.
func progressive(img []byte) []byte {
	return bytes.Replace(img, []byte{0xFF, 0xC0}, []byte{0xFF, 0xC2}, 1)
}

// PLD-10: a frame that cannot be sent is left out; the others keep their time, and the log has one line.
func TestBrokenImagesAreLeftOut(t *testing.T) {
	list := images(t, 12)
	for _, broken := range []int{0, 4, 5, 11} {
		list[broken] = progressive(list[broken])
	}
	file, log := bytes.Join(list, nil), &servertest.Log{}
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		film, err := vod.OpenFilm(bytes.NewReader(file), int64(len(file)), vod.FilmConfig{Logger: slog.New(slog.NewTextHandler(log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		w.Handler.Put("film", film)
		v := watch(t, w, "tcp")
		v.play()
		got := v.rest()
		if n := frames(got); !slices.Equal(n, []int{1, 2, 3, 6, 7, 8, 9, 10}) {
			t.Errorf("got frames %v", n)
		}
		wantClock(t, got)
		if lines := strings.Count(log.String(), "\n"); lines != 1 || !v.bye(time.Second) {
			t.Errorf("%d lines in the log, or no BYE", lines)
		}
	})
}

// A torn reader fails from some offset on, once it is told to.
type torn struct {
	io.ReaderAt
	from int64
}

func (r *torn) ReadAt(b []byte, off int64) (int, error) {
	if r.from > 0 && off >= r.from {
		return 0, errors.New("input/output error")
	}
	return r.ReaderAt.ReadAt(b, off)
}

// STA-12: a file that cannot be read any more leaves frames out; the session lives to the end of the range.
func TestUnreadableFileEndsInOrder(t *testing.T) {
	r := demo.Open()
	file := &torn{ReaderAt: r}
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		film, err := vod.OpenFilm(file, r.Size(), vod.FilmConfig{})
		if err != nil {
			t.Fatal(err)
		}
		w.Handler.Put("film", film)
		v := watch(t, w, "tcp")
		file.from = r.Size() / 2
		v.play("Range: npt=0-17")
		got := v.rest()
		wantFrames(t, got, 0, len(got))
		if len(got) == 0 || len(got) > 400 || !v.bye(20*time.Second) {
			t.Errorf("%d frames, or no BYE", len(got))
		}
		v.play("Range: npt=0-0.2")
		wantFrames(t, v.rest(), 0, 5)
	})
}

// RTI-05: sequence numbers wrap, and no timestamp moves backwards, over hours of playing in a circle.
func TestSequenceNumbersWrap(t *testing.T) {
	p, now := playing(t, 0)
	seq, ts, packets := uint16(0), uint32(0), 0
	for range 120 * demo.Frames {
		for _, pkt := range next(t, p, &now) {
			if packets > 0 && pkt.Sequence() != seq+1 || rtp.TimestampDiff(pkt.Timestamp(), ts) < 0 && packets > 0 {
				t.Fatalf("packet %d: sequence %d after %d, timestamp %d after %d", packets, pkt.Sequence(), seq, pkt.Timestamp(), ts)
			}
			seq, ts, packets = pkt.Sequence(), pkt.Timestamp(), packets+1
		}
	}
	if packets < 2<<16 {
		t.Errorf("only %d packets", packets)
	}
}

// playing is a playback of the demo film that has begun at a made-up time.
func playing(t testing.TB, maxPacket int) (rtspserver.Playback, time.Time) {
	t.Helper()
	p, err := demoFilm(t, vod.FilmConfig{MaxPacket: maxPacket}).Open()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1e9, 0)
	if _, err := p.Play(now, &rtspserver.PlayRequest{}); err != nil {
		t.Fatal(err)
	}
	return p, now
}

// next are the packets of the next frame; at the end of the film it begins anew.
func next(t testing.TB, p rtspserver.Playback, now *time.Time) (list []rtp.Packet) {
	t.Helper()
	for {
		b, wait, err := p.Next(*now)
		switch {
		case errors.Is(err, io.EOF):
			if _, err := p.Play(*now, &rtspserver.PlayRequest{}); err != nil {
				t.Fatal(err)
			}
		case err != nil:
			t.Fatal(err)
		case len(b.Packets) == 0:
			*now = wait
		default:
			for i := range b.Packets {
				list = append(list, rtp.Packet(b.RTP(i)))
			}
			p.Advance(len(b.Packets))
			return list
		}
	}
}

// FRM-13, RTI-05: a pause while the connection is full cuts a frame; what is left of it comes first when
// playing goes on, and is forgotten, its numbers too, when another range is asked for.
func TestPauseInTheMiddleOfAFrame(t *testing.T) {
	for _, seek := range []bool{false, true} {
		p, now := playing(t, 300)
		b, _, _ := p.Next(now)
		cut := rtp.Packet(b.RTP(2)).Sequence()
		p.Advance(2)
		if _, stopped, err := p.Pause(now, nil); !stopped || err != nil {
			t.Fatalf("stopped %t, %v", stopped, err)
		}
		ask := &rtspserver.PlayRequest{}
		if seek {
			ask.Range = &rtsp.Range{Start: rtsp.Position{Kind: rtsp.PositionOffset, Offset: 12 * time.Second}}
		}
		now = now.Add(5 * time.Second)
		result, err := p.Play(now, ask)
		if err != nil || result.Tracks[0].Seq != cut {
			t.Fatalf("begins at %+v, want sequence %d; %v", result.Tracks, cut, err)
		}
		pkt := next(t, p, &now)[0]
		if offset, _ := jpegData(pkt.Payload()); pkt.Sequence() != cut || (offset == 0) != seek {
			t.Errorf("seek %t: goes on with sequence %d, want %d, byte %d of a frame", seek, pkt.Sequence(), cut, offset)
		}
	}
}

// TRN-24: no packet exceeds what the film is configured for.
func TestPacketsFitTheLimit(t *testing.T) {
	for _, limit := range []int{0, 400, 1400} {
		p, now := playing(t, limit)
		for range 50 {
			list := next(t, p, &now)
			for i, pkt := range list {
				if size := len(pkt); size > 1400 || limit > 0 && size > limit {
					t.Errorf("limit %d: %d bytes", limit, size)
				}
				if pkt.Marker() != (i == len(list)-1) || pkt.Validate() != nil || pkt.PayloadType() != 26 {
					t.Errorf("limit %d: packet %d of %d is % x", limit, i, len(list), pkt[:12])
				}
			}
		}
	}
}
