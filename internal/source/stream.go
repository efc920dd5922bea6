package source

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts/codecs"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/annexb"
	"github.com/baton-rtsp/baton/internal/payload"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/sdp"
)

const (
	streamClock = 90000 // of MPEG-TS, in Hz
	maxAhead    = 4096  // units that may be read before they are due, or before it is known what they are
	leap        = time.Second
)

// errStream means that nothing can be made of what comes.
var errStream = errors.New("there is no H.264, H.265 or AAC in the stream")

// A Stream is what comes from another program, in real time or faster: MPEG-TS with H.264, H.265 and AAC, or a byte stream of H.264 or H.265.
type Stream struct {
	tracks []*streamTrack
	units  chan unit // closed at the end of what comes
	early  []unit
	err    error // why the end has come; set before units is closed
}

// A streamTrack is one of its elementary streams.
type streamTrack struct {
	encoding string
	rate     int
	channels int
	config   [][]byte // nil: it has not come yet

	packets     payload.Packetizer
	payloadType uint8
	ssrc        uint32
	seq         uint16
}

// A unit is one sample, and when it is due, by the clock of the stream.
type unit struct {
	track  *streamTrack
	pts    int64
	sample []byte
}

// OpenStream reads until it is known what comes. rate is how many pictures a second a byte stream has that does not say so itself.
func OpenStream(ctx context.Context, r io.Reader, rate float64) (*Stream, error) {
	s := &Stream{units: make(chan unit, maxAhead)}
	in := bufio.NewReaderSize(r, 64<<10)
	first, _ := in.Peek(len(startCode))
	var err error
	if bytes.Equal(first, startCode) {
		err = s.bytes(ctx, in, rate)
	} else {
		err = s.transport(ctx, in)
	}
	if err != nil {
		return nil, err
	}
	return s, s.settle(ctx)
}

// startCode begins a byte stream: MPEG-TS begins with 0x47.
var startCode = []byte{0, 0} // read only

// transport reads MPEG-TS.
func (s *Stream) transport(ctx context.Context, r io.Reader) error {
	reader := &mpegts.Reader{R: r}
	if err := reader.Initialize(); err != nil {
		return fmt.Errorf("this is neither MPEG-TS nor a byte stream of H.264 or H.265: %w", err)
	}
	for _, t := range reader.Tracks() {
		s.take(ctx, reader, t)
	}
	if len(s.tracks) == 0 {
		return errStream
	}
	go func() { // ends when the input does: nothing else wakes a reader of it
		defer close(s.units)
		for s.err == nil {
			s.err = reader.Read()
		}
	}()
	return nil
}

// bytes reads a byte stream.
func (s *Stream) bytes(ctx context.Context, r io.Reader, rate float64) error {
	pipe, err := annexb.OpenPipe(r, rate)
	if err != nil {
		return err
	}
	t := newStreamTrack("H264")
	if pipe.Codec == container.H265 {
		t.encoding = "H265"
	}
	t.config = pipe.Config
	s.add(t)
	go func() { // ends when the input does
		defer close(s.units)
		s.err = pipe.Run(func(pts int64, data []byte) error {
			return s.put(ctx, unit{t, pts, append([]byte(nil), data...)})
		})
	}()
	return nil
}

func newStreamTrack(encoding string) *streamTrack {
	return &streamTrack{encoding: encoding, rate: streamClock, ssrc: rand.Uint32(), seq: uint16(rand.Uint32())}
}

func (s *Stream) add(t *streamTrack) {
	t.payloadType = uint8(96 + len(s.tracks))
	s.tracks = append(s.tracks, t)
}

// take has the units of an elementary stream come, when it is of a known kind.
func (s *Stream) take(ctx context.Context, r *mpegts.Reader, from *mpegts.Track) {
	t := newStreamTrack("")
	video := func(pts, _ int64, au [][]byte) error { return s.picture(ctx, t, pts, au) }
	switch c := from.Codec.(type) {
	case *codecs.H264:
		t.encoding = "H264"
		r.OnDataH264(from, video)
	case *codecs.H265:
		t.encoding = "H265"
		r.OnDataH265(from, video)
	case *codecs.MPEG4Audio:
		config, err := c.Config.Marshal()
		if err != nil {
			return
		}
		t.encoding, t.rate, t.channels, t.config = "mpeg4-generic", c.Config.SampleRate, channels(c.Config.ChannelConfig), [][]byte{config}
		r.OnDataMPEG4Audio(from, func(pts int64, aus [][]byte) error {
			for i, au := range aus {
				at := pts + int64(i)*mpeg4audio.SamplesPerAccessUnit*streamClock/int64(t.rate)
				if err := s.put(ctx, unit{t, at, append([]byte(nil), au...)}); err != nil {
					return err
				}
			}
			return nil
		})
	default:
		return
	}
	s.add(t)
}

// picture takes an access unit of video. Its parameter sets describe the track when they come for the first time.
func (s *Stream) picture(ctx context.Context, t *streamTrack, pts int64, au [][]byte) error {
	b, err := h264.AVCC(au).Marshal()
	if err != nil {
		return nil // an empty one
	}
	return s.put(ctx, unit{t, pts, b})
}

func (s *Stream) put(ctx context.Context, u unit) error {
	select {
	case s.units <- u:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// settle reads until the parameter sets of all video have come.
func (s *Stream) settle(ctx context.Context) error {
	for !s.known() {
		select {
		case u, ok := <-s.units:
			if !ok {
				return fmt.Errorf("the stream ends before it is known what it is: %w", s.err)
			}
			if s.early = append(s.early, u); len(s.early) > maxAhead {
				return errStream
			}
			if sets := parameterSets(u.track.encoding, u.sample); sets != nil && u.track.config == nil {
				u.track.config = sets
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	for _, t := range s.tracks {
		p, err := payload.NewPacketizer(t.described())
		if err != nil {
			return err
		}
		t.packets = p
	}
	return nil
}

func (s *Stream) known() bool {
	for _, t := range s.tracks {
		if t.config == nil {
			return false
		}
	}
	return true
}

// parameterSets are those of an access unit that has a whole set of them.
func parameterSets(encoding string, sample []byte) (sets [][]byte) {
	var au h264.AVCC
	if au.Unmarshal(sample) != nil {
		return nil
	}
	want := 2
	for _, n := range au {
		switch {
		case encoding == "H264" && (n[0]&31 == 7 || n[0]&31 == 8):
			sets = append(sets, n)
		case encoding == "H265" && n[0]>>1&63 >= 32 && n[0]>>1&63 <= 34:
			sets, want = append(sets, n), 3
		}
	}
	if len(sets) < want {
		return nil
	}
	return sets
}

func (t *streamTrack) described() *payload.Track {
	return &payload.Track{Encoding: t.encoding, ClockRate: t.rate, Channels: t.channels, Config: t.config}
}

// Describe is what comes.
func (s *Stream) Describe() *sdp.Session {
	desc := &sdp.Session{Name: "stream", Timing: "0 0"}
	for _, t := range s.tracks {
		desc.Media = append(desc.Media, payload.DescribeTrack(t.described(), t.payloadType))
	}
	return desc
}

// Run sends what comes into a sink when it is due, until the stream ends, which is io.EOF, the sink fails, or ctx ends. A leap
// of its clock is not waited for.
func (s *Stream) Run(ctx context.Context, to Sink) error {
	var origin time.Time // when the first unit was due
	var first int64
	for {
		u, err := s.next(ctx)
		if err != nil {
			return err
		}
		due := origin.Add(time.Duration(u.pts-first) * time.Second / streamClock)
		if wait := time.Until(due); origin.IsZero() || wait > leap || wait < -leap {
			origin, first = time.Now(), u.pts
		} else {
			sleep(ctx, wait)
		}
		if err := s.send(u, to); err != nil {
			return err
		}
		to.Flush()
	}
}

// next is the next unit; what came first is sent first.
func (s *Stream) next(ctx context.Context) (unit, error) {
	if len(s.early) > 0 {
		u := s.early[0]
		s.early = s.early[1:]
		return u, nil
	}
	select {
	case u, ok := <-s.units:
		if !ok {
			return u, s.err
		}
		return u, nil
	case <-ctx.Done():
		return unit{}, context.Cause(ctx)
	}
}

// send packetizes one unit. What makes no sense is left out.
func (s *Stream) send(u unit, to Sink) (err error) {
	t, now := u.track, time.Now()
	index := int(t.payloadType - 96)
	timestamp := uint32(u.pts * int64(t.rate) / streamClock)
	t.packets.Packetize(u.sample, clockPayload, func(b []byte, delta uint32, marker bool) {
		p := rtp.AppendHeader(nil, rtp.Header{Marker: marker, PayloadType: t.payloadType, Sequence: t.seq, Timestamp: timestamp + delta, SSRC: t.ssrc})
		t.seq++
		if err == nil {
			err = to.Write(index, append(p, b...), now)
		}
	})
	return err
}

// channels is how many a channel configuration of AAC has (ISO/IEC 14496-3 table 1.19).
func channels(config uint8) int {
	if config == 7 {
		return 8
	}
	return int(config)
}
