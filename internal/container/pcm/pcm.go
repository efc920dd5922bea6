// Package pcm is sampled audio as several containers hold it: it cuts runs of samples into blocks that fit a packet's
// time and turns them into what RTP carries (RFC 3551 §4.5): G.711 as it is, linear audio as L16 in network byte order.
// The demuxers of WAV, AVI and Matroska use it.
package pcm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/baton-rtsp/baton/internal/container"
)

// ErrUnsupported says that audio is in a form that cannot be turned into one that RTP carries.
var ErrUnsupported = errors.New("audio format not supported")

// Bounds of a format.
const (
	MaxRate     = 768_000
	MaxChannels = 64
)

// A Format is how audio is stored.
type Format struct {
	Codec    container.Codec // PCMU, PCMA or L16
	Rate     int             // samples a second of each channel
	Channels int
	Width    int  // bytes of a value in the file; one byte of L16 is unsigned, more are signed
	Big      bool // the first byte of a value is the most significant
}

// Check returns ErrUnsupported if f is beyond the bounds.
func (f Format) Check() error {
	if f.Rate < 1 || f.Rate > MaxRate || f.Channels < 1 || f.Channels > MaxChannels || f.Width < 1 || f.Width > 4 {
		return fmt.Errorf("%w: %d Hz, %d channels of %d bytes", ErrUnsupported, f.Rate, f.Channels, f.Width)
	}
	return nil
}

// Frame is the length of one sample of all channels in the file.
func (f Format) Frame() int { return f.Channels * f.Width }

// Track describes a track of that format. Its index is still to be set.
func (f Format) Track(id int, r io.ReaderAt) *container.Track {
	return &container.Track{
		ID: id, Codec: f.Codec, Timescale: f.Rate, ClockRate: f.Rate, Channels: f.Channels, SampleRate: f.Rate,
		Reader: f.reader(r),
	}
}

// A Cutter adds runs of samples to an index, in blocks of at most 20 ms. Times count from where it begins.
type Cutter struct {
	Format Format
	Build  *container.Builder
	Even   bool  // short runs are cut evenly, so that no packet has but a few samples
	Time   int64 // ticks, of what comes next
}

// Add adds the size bytes at an offset, or as many of them as make that number of blocks, and returns how many bytes that
// was. Less than a sample is left at the end.
func (c *Cutter) Add(offset, size int64, blocks int) (done int64) {
	frame := int64(c.Format.Frame())
	block := c.block(size / frame)
	for ; blocks > 0 && size-done >= frame; blocks-- {
		n := min(block, (size-done)/frame)
		c.Build.Add(container.Sample{
			Offset: offset + done, Size: int(n * frame), DTS: c.Time, PTS: c.Time, Duration: int(n), Key: true,
		})
		done += n * frame
		c.Time += n
	}
	return done
}

// shortRun is how many blocks a run has at most that is cut evenly.
const shortRun = 8

// block is how many samples a block of a run has.
func (c *Cutter) block(samples int64) int64 {
	block := max(int64(c.Format.Rate)/50, 1)
	if count := (samples + block - 1) / block; c.Even && count > 0 && count <= shortRun {
		return (samples + count - 1) / count
	}
	return block
}

// Tags of WAVEFORMATEX.
const (
	tagPCM        = 1
	tagALaw       = 6
	tagMuLaw      = 7
	tagExtensible = 0xFFFE
)

// ParseWave reads a WAVEFORMATEX, as WAV and AVI have it, or the PCMWAVEFORMAT that it extends. The error is
// ErrUnsupported, or io.ErrUnexpectedEOF when b is too short.
func ParseWave(b []byte) (Format, error) {
	if len(b) < 16 {
		return Format{}, io.ErrUnexpectedEOF
	}
	tag, align, bits := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[12:]), binary.LittleEndian.Uint16(b[14:])
	if tag == tagExtensible && len(b) >= 26 {
		tag = binary.LittleEndian.Uint16(b[24:]) // the first two bytes of the GUID
	}
	f := Format{
		Codec:    container.L16,
		Rate:     int(min(binary.LittleEndian.Uint32(b[4:]), MaxRate+1)),
		Channels: int(binary.LittleEndian.Uint16(b[2:])),
	}
	if f.Channels > 0 {
		f.Width = int(align) / f.Channels // at least bits; what is narrower stands in the upper ones
	}
	if f.Frame() != int(align) || f.Width < (int(bits)+7)/8 {
		return Format{}, fmt.Errorf("%w: %d bits of %d channels in %d bytes", ErrUnsupported, bits, f.Channels, align)
	}
	switch {
	case tag == tagALaw && f.Width == 1:
		f.Codec = container.PCMA
	case tag == tagMuLaw && f.Width == 1:
		f.Codec = container.PCMU
	case tag != tagPCM:
		return Format{}, fmt.Errorf("%w: tag %#04x", ErrUnsupported, tag)
	}
	return f, f.Check()
}
