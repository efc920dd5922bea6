package record_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/hostile"
	"github.com/baton-rtsp/baton/internal/record"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/sdp"
)

// FuzzHostileCamera records whatever a camera may send, of every payload format, into every kind of file. SEC-01: nothing panics, and
// the file and the memory that was taken to write it are no more than a few times what came.
func FuzzHostileCamera(f *testing.F) {
	all := hostile.Recordings(f)
	endings := []string{".mp4", ".mjpeg", ".rtpdump"}
	for i, r := range all {
		f.Add(uint8(i), uint8(0), r.Script(8))
		f.Add(uint8(i), uint8(i), r.Script(1000))
	}
	for i, r := range all { // headers of 4095 access units are promised, in a packet that has none (RFC 3640 §3.2.1)
		if r.Name == "aac" {
			f.Add(uint8(i), uint8(0), slices.Concat(r.Script(8), bytes.Repeat([]byte{1, 0, 4, 0xFF, 0xF0, 0, 8}, 32)))
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, which, ending uint8, script []byte) {
		r := &all[int(which)%len(all)]
		name := filepath.Join(dir, "recording"+endings[int(ending)%len(endings)])
		defer os.Remove(name)
		media := r.Media(t)
		w, _, err := record.Create(name, &sdp.Session{Media: []*sdp.Media{media}}, never)
		if err != nil {
			return // of this there is no such file
		}
		in, n := 0, 0
		var packets []rtspclient.Packet
		for at, p := range hostile.Packets(script, media.FormatList()[0].PayloadType) {
			packets = append(packets, rtspclient.Packet{Data: p, At: at})
			in, n = in+len(p), n+1
		}
		cost := hostile.Cost(func() {
			for _, p := range packets {
				sent := slices.Clone(p.Data)
				w.Whole(p)
				if err := w.Packet(p); err != nil {
					t.Error(err)
				}
				if !slices.Equal(p.Data, sent) {
					t.Fatal("the packet was changed")
				}
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
		if bound := uint64(10*in + 2000*n + 256<<10); cost > bound {
			t.Errorf("%d bytes of memory for %d in %d packets: at most %d", cost, in, n, bound)
		}
		if info, err := os.Stat(name); err != nil || info.Size() > int64(2*in+500*n+4096) {
			t.Errorf("a file of %d bytes for %d in %d packets: %v", info.Size(), in, n, err)
		}
	})
}

// SEC-01: a picture that never ends, in parts of no bytes, is given up: it costs no more the longer it lasts.
func TestEndlessUnits(t *testing.T) {
	for name, c := range map[string]struct {
		section     string
		first, more []byte
	}{
		"a.mp4":   {"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n", []byte{0x7C, 0x85}, []byte{0x7C, 0x05}},
		"b.mp4":   {"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\n", []byte{0x62, 1, 0x93}, []byte{0x62, 1, 0x13}},
		"c.mjpeg": {"m=video 0 RTP/AVP 26\r\n", []byte{0, 0, 0, 0, 1, 50, 8, 8, 1}, []byte{0, 0, 0, 1, 1, 50, 8, 8}},
		"d.mp4": {"m=audio 0 RTP/AVP 96\r\na=rtpmap:96 mpeg4-generic/44100/2\r\n" +
			"a=fmtp:96 mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1210\r\n", []byte{0, 16, 1, 0, 1}, []byte{0, 16, 1, 0}},
	} {
		w, _, err := record.Create(filepath.Join(t.TempDir(), name), described(t, c.section), never)
		if err != nil {
			t.Fatal(err)
		}
		before := inUse()
		seq := uint16(0)
		send := func(body []byte) {
			p := rtp.AppendHeader(nil, rtp.Header{PayloadType: 96, Sequence: seq, SSRC: 1})
			seq++
			if err := w.Packet(rtspclient.Packet{Data: append(p, body...)}); err != nil {
				t.Error(err)
			}
		}
		send(c.first)
		for range 400_000 {
			send(c.more)
		}
		if n := inUse() - before; n > 8<<20 {
			t.Errorf("%s: %d bytes are held", name, n)
		}
		w.Close()
	}
}

// inUse is how many bytes live on the heap.
func inUse() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// A picture that is stamped hours away does not end the recording, nor what follows it (mediamtx #6255), nor does a clock that is set.
func TestTimestampsAstray(t *testing.T) {
	var r hostile.Recording
	for _, other := range hostile.Recordings(t) {
		if other.Name == "h264-inband" {
			r = other
		}
	}
	size := func(change func(timestamp uint32, i int) uint32) int64 {
		name := filepath.Join(t.TempDir(), "a.mp4")
		w, _, err := record.Create(name, &sdp.Session{Media: []*sdp.Media{r.Media(t)}}, never)
		if err != nil {
			t.Fatal(err)
		}
		begun := r.Packets[0].Timestamp()
		for i, sent := range r.Packets {
			p := slices.Clone(sent)
			p.SetTimestamp(change(p.Timestamp(), i))
			at := time.Unix(1000, 0).Add(time.Duration(sent.Timestamp()-begun) * time.Second / 90000)
			if err := w.Packet(rtspclient.Packet{Data: p, At: at}); err != nil {
				t.Error(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	whole := size(func(ts uint32, _ int) uint32 { return ts })
	odd := r.Packets[len(r.Packets)/2].Timestamp()
	for name, change := range map[string]func(uint32, int) uint32{
		"9800 s earlier": func(ts uint32, _ int) uint32 {
			if ts == odd {
				return ts - 9800*90000
			}
			return ts
		},
		"6 h later": func(ts uint32, _ int) uint32 {
			if ts == odd {
				return ts + 6*3600*90000
			}
			return ts
		},
		"set": func(ts uint32, i int) uint32 {
			if i > len(r.Packets)/2 {
				return ts + 7000*90000
			}
			return ts
		},
	} {
		if n := size(change); n < whole*9/10 {
			t.Errorf("%s: %d bytes of %d are left", name, n, whole)
		}
	}
}
