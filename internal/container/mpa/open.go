package mpa

import (
	"encoding/binary"
	"io"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/frames"
)

// clockRate of MPEG audio in RTP, RFC 3551 §4.5.13.
const clockRate = 90000

// Open opens the first size bytes of r. The error is container.ErrFormat if they are no MPEG audio, or the reader's. The
// File goes on using r.
func Open(r io.ReaderAt, size int64, _ container.Options) (*container.File, error) {
	s, err := frames.Open(r, size, frame)
	if err != nil {
		return nil, err
	}
	b, err := s.Src.Peek(s.At, infoSize)
	if err != nil {
		return nil, err
	}
	h, _ := parse(b)
	count, isInfo := info(h, b)
	if isInfo {
		s.At += int64(h.size)
	}
	seconds := float64(count) * float64(h.samples) / float64(h.rate)
	if count == 0 {
		seconds = float64(size-s.At) * 8 / float64(h.bitrate)
	}
	t := &container.Track{
		ID: 1, Codec: container.MP3, Timescale: h.rate, ClockRate: clockRate, Channels: 2, SampleRate: h.rate,
		Reader: container.NewReader(r),
	}
	if h.mono {
		t.Channels = 1
	}
	return s.File(t, time.Duration(min(seconds, 1e9)*float64(time.Second)))
}

// infoSize is how much of the first frame tells whether it is a frame without sound.
const infoSize = 64

// info tells whether a frame of layer 3 is such a frame, and how many frames it says that there are, 0 if it does not.
func info(h header, b []byte) (count uint32, ok bool) {
	if h.layer != 3 {
		return 0, false
	}
	side := 4 + 17
	switch {
	case h.first && !h.mono:
		side = 4 + 32
	case !h.first && h.mono:
		side = 4 + 9
	}
	const vbri = 4 + 32
	switch {
	case len(b) >= side+12 && (string(b[side:side+4]) == "Xing" || string(b[side:side+4]) == "Info"):
		if b[side+7]&1 != 0 {
			count = binary.BigEndian.Uint32(b[side+8:])
		}
		return count, true
	case len(b) >= vbri+18 && string(b[vbri:vbri+4]) == "VBRI":
		return binary.BigEndian.Uint32(b[vbri+14:]), true
	}
	return 0, false
}
