package container

import (
	"context"
	"io"
	"math/bits"
	"time"
)

// Options say how to open a file where the file itself does not.
type Options struct {
	FrameRate float64 // pictures a second of video that has no times (Annex B, motion JPEG); 0 means 25
}

// A File is an opened media file. What [File.Scan] and [File.Refresh] change are only the indexes, so that all else may
// be used by many goroutines.
type File struct {
	Tracks   []*Track
	Skipped  []string      // tracks that cannot be played, each with the reason, for a log line
	Remarks  []string      // what of the file is played otherwise than it says, for a log line
	Declared time.Duration // how long the file says it lasts, 0 if it does not say

	// Scan fills the indexes; nil when they were complete on opening. It is called once, on a goroutine of the
	// caller's, and returns when the indexes are complete, with an error if the file is damaged or could not be read,
	// or with the cause of ctx.
	Scan func(ctx context.Context) error

	// Refresh adds to the indexes what has come since in a file that another program is writing, and now has size
	// bytes, and tells whether there was any. It is nil for containers that cannot grow so. Calls must not overlap
	// one another, nor Scan.
	Refresh func(size int64) (grew bool, err error)

	Closer io.Closer // closed by Close; nil if there is nothing to close
}

// A Track is one elementary stream of a file.
type Track struct {
	ID        int // the container's number
	Codec     Codec
	Video     bool
	Timescale int // ticks a second of sample times
	ClockRate int // of RTP: 90000 for video and MP3, 48000 for Opus, else the sample rate

	Channels, SampleRate int // of audio
	Width, Height        int // of video, in pixels; 0 if the container does not say

	// Config is what a decoder must know first: the parameter sets as NAL units for H264 (SPS, PPS) and H265 (VPS, SPS,
	// PPS), the sequence header OBU for AV1 (if the container has one), the AudioSpecificConfig for AAC, the headers
	// up to the VOL for MPEG4.
	Config    [][]byte
	NALLength int // bytes of the length in front of each NAL unit of H264 and H265

	Index  *Index
	Reader SampleReader
}

// Close closes what the file was opened from.
func (f *File) Close() error {
	if f.Closer == nil {
		return nil
	}
	return f.Closer.Close()
}

// Duration is when the last sample ends: of those that are known, and at least what the file says of itself as long as
// an index is not complete.
func (f *File) Duration() time.Duration {
	var end time.Duration
	complete := true
	for _, t := range f.Tracks {
		end = max(end, t.Time(t.Index.Duration()))
		complete = complete && t.Index.Complete()
	}
	if !complete {
		end = max(end, f.Declared)
	}
	return end
}

// Time is a number of ticks as time, rounded down. What does not fit is the greatest or least time.
func (t *Track) Time(ticks int64) time.Duration {
	return time.Duration(scale(ticks, int64(time.Second), int64(t.Timescale)))
}

// Ticks is a time as number of ticks, rounded down.
func (t *Track) Ticks(d time.Duration) int64 {
	return scale(int64(d), int64(t.Timescale), int64(time.Second))
}

// scale is v*mul/div, rounded down, with 128 bits in between. What does not fit becomes the greatest or least value; so
// does everything when div is not positive, but for 0.
func scale(v, mul, div int64) int64 {
	const greatest = 1<<63 - 1
	if v == 0 || mul <= 0 {
		return 0
	}
	magnitude := uint64(v)
	if v < 0 {
		magnitude = -magnitude
	}
	hi, lo := bits.Mul64(magnitude, uint64(mul))
	q := uint64(greatest)
	if div > 0 && hi < uint64(div) {
		var rest uint64
		q, rest = bits.Div64(hi, lo, uint64(div))
		if v < 0 && rest > 0 {
			q++
		}
	}
	q = min(q, greatest)
	if v < 0 {
		return -int64(q)
	}
	return int64(q)
}
