package mpegts

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/containertest"
)

// A mux writes a transport stream, with mistakes where tests want them.
type mux struct {
	b       []byte
	counter map[uint16]uint8
}

// An option changes a packet before it is written.
type option func(p []byte)

func damage(p []byte)   { p[1] |= 0x80 }
func scramble(p []byte) { p[3] |= 0x80 }

// packet writes up to 184 bytes in one packet, with stuffing in front.
func (m *mux) packet(pid uint16, begins bool, payload []byte, options ...option) {
	if m.counter == nil {
		m.counter = make(map[uint16]uint8)
	}
	p := make([]byte, 4, packetSize)
	p[0], p[1], p[2], p[3] = syncByte, byte(pid>>8), byte(pid), 0x10|m.counter[pid]&0xF
	m.counter[pid]++
	if begins {
		p[1] |= 0x40
	}
	if space := packetSize - 4 - len(payload); space > 0 {
		p[3] |= 0x20
		p = append(p, byte(space-1))
		if space > 1 {
			p = append(append(p, 0), bytes.Repeat([]byte{0xFF}, space-2)...)
		}
	}
	p = append(p, payload...)
	for _, o := range options {
		o(p)
	}
	m.b = append(m.b, p...)
}

// table writes a section in packets of at most size bytes of it.
func (m *mux) table(pid uint16, id byte, number int, body []byte, size int) {
	s := binary.BigEndian.AppendUint16([]byte{id, 0xB0 | byte((len(body)+9)>>8), byte(len(body) + 9)}, uint16(number))
	s = append(append(s, 0xC1, 0, 0), body...)
	s = binary.BigEndian.AppendUint32(s, checksum(s))
	s = append([]byte{0}, s...)
	for first := true; len(s) > 0; first = false {
		n := min(size, len(s))
		m.packet(pid, first, s[:n])
		s = s[n:]
	}
}

// element describes a stream in a program map.
type element struct {
	kind        byte
	pid         uint16
	descriptors []byte
}

const mapPID = 0x1000

func programMap(list ...element) []byte {
	body := []byte{0xE1, 0x00, 0xF0, 0}
	for _, e := range list {
		body = append(body, e.kind, 0xE0|byte(e.pid>>8), byte(e.pid), 0xF0|byte(len(e.descriptors)>>8), byte(len(e.descriptors)))
		body = append(body, e.descriptors...)
	}
	return body
}

// tables writes one program.
func (m *mux) tables(list ...element) {
	m.table(patPID, 0, 1, []byte{0, 1, 0xE0 | mapPID>>8, mapPID & 0xFF}, 184)
	m.table(mapPID, 2, 1, programMap(list...), 184)
}

func appendTime(b []byte, mark byte, t int64) []byte {
	t &= 1<<33 - 1
	return append(b, mark<<4|byte(t>>29)&0xE|1, byte(t>>22), byte(t>>14)|1, byte(t>>7), byte(t<<1)|1)
}

// header is that of a PES packet; a DTS equal to the PTS is left out, and a negative PTS too.
func header(id byte, pts, dts int64, stuffing int) []byte {
	var times []byte
	flags := byte(0)
	switch {
	case pts < 0:
	case pts == dts:
		flags, times = 0x80, appendTime(nil, 2, pts)
	default:
		flags, times = 0xC0, appendTime(appendTime(nil, 3, pts), 1, dts)
	}
	times = append(times, bytes.Repeat([]byte{0xFF}, stuffing)...)
	return append([]byte{0, 0, 1, id, 0, 0, 0x80, flags, byte(len(times))}, times...)
}

// pes writes a PES packet.
func (m *mux) pes(pid uint16, id byte, pts, dts int64, data []byte) {
	m.pieces(pid, append(header(id, pts, dts, 0), data...), 184)
}

// pieces writes a PES packet in transport packets of at most size bytes of it.
func (m *mux) pieces(pid uint16, b []byte, size int) {
	for first := true; len(b) > 0; first = false {
		n := min(size, len(b))
		m.packet(pid, first, b[:n])
		b = b[n:]
	}
}

// Streams of the tests.
const (
	videoPID, audioPID = 0x100, 0x101
	videoID, audioID   = 0xE0, 0xC0
)

var (
	avcElement = element{kind: 0x1B, pid: videoPID}
	aacElement = element{kind: 0x0F, pid: audioPID}
	mp3Element = element{kind: 0x03, pid: audioPID}
	ac3Element = element{kind: 0x81, pid: audioPID}
)

// Parameter sets of pictures of 640 by 352.
var (
	testSPS = []byte{0x67, 66, 0, 30, 0xF5, 0x02, 0x80, 0xB6, 0x40}
	testPPS = []byte{0x68, 0xCE, 0x38, 0x80}
)

// access is an access unit of H.264 with a delimiter; n makes it different from others.
func access(key bool, n byte, size int) []byte {
	b := []byte{0, 0, 0, 1, 9, 0xF0}
	if key {
		b = append(append(append(b, 0, 0, 0, 1), testSPS...), 0, 0, 1)
		b = append(append(b, testPPS...), 0, 0, 1, 0x65, 0x88, 0x84, n|1)
	} else {
		b = append(b, 0, 0, 1, 0x41, 0x9A, 0x20, n|1)
	}
	return append(b, bytes.Repeat([]byte{n | 1}, size)...)
}

// adts is a frame of AAC at 48 kHz.
func adts(n byte, size int) []byte {
	whole := size + 7
	head := []byte{0xFF, 0xF1, 0x4C, 0x80 | byte(whole>>11), byte(whole >> 3), byte(whole<<5) | 0x1F, 0xFC}
	return append(head, bytes.Repeat([]byte{n}, size)...)
}

// opened opens and scans what was written.
func (m *mux) opened(t testing.TB) *container.File {
	t.Helper()
	return openBytes(t, m.b)
}

func openBytes(t testing.TB, b []byte) *container.File {
	t.Helper()
	f, err := Open(bytes.NewReader(b), int64(len(b)), container.Options{})
	if err == nil {
		err = containertest.Scan(f)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func cat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// small returns the streams in testdata.
func small(t testing.TB) map[string][]byte {
	t.Helper()
	list, err := filepath.Glob("testdata/*.ts")
	if err != nil || len(list) == 0 {
		t.Fatal("no streams", err)
	}
	m := make(map[string][]byte)
	for _, path := range list {
		if m[filepath.Base(path)], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return m
}
