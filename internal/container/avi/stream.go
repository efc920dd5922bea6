package avi

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/pcm"
)

// videoRate is the clock rate of video in RTP.
const videoRate = 90000

var errCodec = errors.New("codec not supported")

// A stream is one stream of the file.
type stream struct {
	track  *container.Track // nil if it cannot be played
	build  *container.Builder
	cutter *pcm.Cutter // of audio
	step   int         // ticks that a picture lasts
	count  int64       // pictures so far
	super  []byte      // entries of the index of indexes that are left
	reach  int64       // where the last index that was read ends
	length int64       // pictures that the file says there are
}

// Bounds of a frame rate, which is rate/scale.
const (
	maxUnits = 1 << 30
	minFPS   = 1.0 / 3600
	maxFPS   = 1000
)

// parseStream reads a strl list. The error says why the stream cannot be played.
func parseStream(b []byte, number int, r io.ReaderAt, frameRate float64) (*stream, error) {
	var head, format []byte
	s := &stream{}
	for id, v := range chunks(b) {
		switch id {
		case "strh":
			head = v
		case "strf":
			format = v
		case "indx":
			s.super = superIndex(v)
		}
	}
	if len(head) < 36 {
		return s, fmt.Errorf("stream header: %w", io.ErrUnexpectedEOF)
	}
	switch kind := string(head[:4]); kind {
	case "vids":
		return s, s.video(format, head, frameRate)
	case "auds":
		return s, s.audio(format, head, r)
	default:
		return s, fmt.Errorf("%q: %w", kind, errCodec)
	}
}

// field is the number at an offset of a stream header: the scale, rate, start and length of it are at 20 to 32.
func field(head []byte, at int) int64 { return int64(binary.LittleEndian.Uint32(head[at:])) }

// video reads a BITMAPINFOHEADER.
func (s *stream) video(format, head []byte, frameRate float64) error {
	if len(format) < 20 {
		return fmt.Errorf("video format: %w", io.ErrUnexpectedEOF)
	}
	codec, scale, rate, start := string(format[16:20]), field(head, 20), field(head, 24), field(head, 28)
	if strings.ToUpper(codec) != "MJPG" && strings.ToUpper(string(head[4:8])) != "MJPG" {
		return fmt.Errorf("%q: %w", codec, errCodec)
	}
	if fps := float64(rate) / max(float64(scale), 1); scale == 0 || fps < minFPS || fps > maxFPS || max(rate, scale) > maxUnits {
		scale, rate = videoRate, int64(frameRate*videoRate)
	}
	width, height := int32(binary.LittleEndian.Uint32(format[4:])), int32(binary.LittleEndian.Uint32(format[8:]))
	s.track = &container.Track{
		Codec: container.MJPEG, Video: true, Timescale: int(rate), ClockRate: videoRate,
		Width: int(max(width, 0)), Height: int(max(height, -height, 0)), // lines from the bottom, or from the top
	}
	s.step, s.count, s.length = int(scale), min(start, maxUnits), min(start+field(head, 32), maxUnits)
	return nil
}

// audio reads a WAVEFORMATEX.
func (s *stream) audio(format, head []byte, r io.ReaderAt) error {
	f, err := pcm.ParseWave(format)
	if err != nil {
		return err
	}
	s.track = f.Track(0, r)
	s.cutter = &pcm.Cutter{Format: f, Even: true}
	scale, rate, start := field(head, 20), field(head, 24), field(head, 28)
	if rate > 0 && scale <= maxUnits/int64(f.Rate) && start <= maxUnits {
		s.cutter.Time = start * scale * int64(f.Rate) / rate
	}
	return nil
}

// add adds what is in a chunk. Where a picture is to be shown again, its chunk is empty.
func (s *stream) add(at, size int64) {
	if s.cutter != nil {
		s.cutter.Add(at, size, int(size))
		return
	}
	dts := s.count * int64(s.step)
	s.count++
	if size <= container.MaxSample {
		s.build.Add(container.Sample{Offset: at, Size: int(size), DTS: dts, PTS: dts, Duration: s.step, Key: true})
	}
}
