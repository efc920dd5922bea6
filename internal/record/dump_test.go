package record_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/record"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/sdp"
)

func described(t *testing.T, sections string) *sdp.Session {
	t.Helper()
	desc, err := sdp.Parse([]byte("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" + sections))
	if err != nil {
		t.Fatal(err)
	}
	return desc
}

func never(int, uint32) time.Time { return time.Time{} }

// A dump has every packet, with the time at which it came, in the format of rtptools.
func TestDumpHasEveryPacket(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.rtpdump")
	w, left, err := record.Create(name, described(t, "m=audio 0 RTP/AVP 0\r\n"), never)
	if err != nil || len(left) > 0 {
		t.Fatal(left, err)
	}
	begun := time.Unix(1000, 5e6)
	sent := []rtspclient.Packet{{Data: []byte("one"), At: begun}, {Data: []byte("report"), RTCP: true, At: begun.Add(20 * time.Millisecond)}}
	for _, p := range sent {
		if err := w.Packet(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	line, rest, _ := bytes.Cut(b, []byte("\n"))
	if string(line) != "#!rtpplay1.0 127.0.0.1/5004" || binary.BigEndian.Uint32(rest) != 1000 || binary.BigEndian.Uint32(rest[4:]) != 5000 {
		t.Fatalf("% x", b)
	}
	rest = rest[16:]
	for i, p := range sent {
		n, length, at := binary.BigEndian.Uint16(rest), binary.BigEndian.Uint16(rest[2:]), binary.BigEndian.Uint32(rest[4:])
		if int(n) != 8+len(p.Data) || p.RTCP != (length == 0) || int(at) != 20*i || !bytes.Equal(rest[8:n], p.Data) {
			t.Errorf("packet %d: % x", i, rest)
		}
		rest = rest[n:]
	}
	if len(rest) > 0 {
		t.Errorf("% x is left", rest)
	}
}

// What cannot be recorded is told before anything is written, and a file that is there stays.
func TestCreateRefuses(t *testing.T) {
	dir := t.TempDir()
	video, audio := "m=video 0 RTP/AVP 26\r\n", "m=audio 0 RTP/AVP 0\r\n"
	for name, sections := range map[string]string{"a.avi": audio, "b.mp4": audio, "c.mjpeg": audio} {
		if _, _, err := record.Create(filepath.Join(dir, name), described(t, sections), never); err == nil {
			t.Errorf("%s is written", name)
		}
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
		t.Errorf("left behind: %v, %v", list, err)
	}
	name := filepath.Join(dir, "d.mjpeg")
	w, left, err := record.Create(name, described(t, video+audio), never)
	if err != nil || len(left) != 1 || !strings.Contains(left[0], "audio") {
		t.Fatal(left, err)
	}
	w.Close()
	if _, _, err := record.Create(name, described(t, video), never); !os.IsExist(err) {
		t.Errorf("a file that is there: %v", err)
	}
}
