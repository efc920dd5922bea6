package rtspclient

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"github.com/baton-rtsp/baton/rtsp"
)

const (
	streamBuffer = rtsp.FrameHeaderSize + rtsp.MaxFramePayload // bytes: a frame is looked at where it was read
	maxJunk      = 64 << 10                                    // bytes that are stepped over between two items
	maxWord      = 24                                          // letters of a method; the longest that there is has 13
	minRTCP      = 8                                           // bytes of the shortest packet
)

var errJunk = errors.New("rtspclient: what the server sends is neither message nor frame")

// A stream is what comes from the server, cut into items. Frames are cut here, [rtsp.Reader] gets the messages only: some
// cameras put garbage between frames, over which the client steps (FRM-14), and a Trace is to have messages as they came.
// Not safe for concurrent use.
type stream struct {
	br       *bufio.Reader
	messages *rtsp.Reader
	known    func(channel uint8) bool // media is awaited on it
	media    func() bool              // on any channel

	keep bool   // raw is wanted
	raw  []byte // the message that was read last, as it came

	channel uint8
	payload []byte // of the frame that was read last, until the next item
}

func newStream(r io.Reader, l *rtsp.Limits, keep bool) *stream {
	s := &stream{br: bufio.NewReaderSize(r, streamBuffer), keep: keep}
	s.messages = rtsp.NewReader(letters{s}, l)
	return s
}

// next reads one item, over line ends and a bounded amount of garbage.
func (s *stream) next() (rtsp.Kind, error) {
	for junk := 0; junk <= maxJunk; {
		b, err := s.br.Peek(1)
		if err != nil {
			return 0, err
		}
		if c := b[0]; c == '\r' || c == '\n' {
			s.br.Discard(1)
			continue
		}
		kind, err := s.begins(b[0], junk > 0)
		switch {
		case err != nil:
			return 0, truncated(err)
		case kind == rtsp.KindFrame:
			return kind, s.frame()
		case kind != 0:
			return s.message()
		}
		s.br.Discard(1)
		junk++
	}
	return 0, errJunk
}

// begins tells what begins with the byte c, 0 for nothing. Behind garbage, which is lost, less is believed. Where no media is
// awaited there is no garbage: what is no RTSP at all is an error at once.
func (s *stream) begins(c byte, lost bool) (rtsp.Kind, error) {
	if c == '$' {
		b, err := s.br.Peek(rtsp.FrameHeaderSize)
		if err != nil {
			return 0, err
		}
		if ok, err := s.plausible(b[1], int(b[2])<<8|int(b[3]), lost); ok || err != nil {
			return rtsp.KindFrame, err
		}
	}
	if !s.media() {
		return rtsp.KindResponse, nil
	}
	word, err := s.word()
	switch {
	case err != nil:
		return 0, err
	case strings.EqualFold(word, "RTSP/"):
		return rtsp.KindResponse, nil
	case lost || !strings.HasSuffix(word, " "):
		return 0, nil
	}
	b, err := s.br.Peek(len(word) + 1)
	if err != nil || strings.IndexByte("*/rR ", b[len(word)]) < 0 { // no URL
		return 0, err
	}
	return rtsp.KindRequest, nil
}

// plausible tells whether a frame header may be one: its channel is known, or a packet of RTP or RTCP follows.
func (s *stream) plausible(channel uint8, size int, lost bool) (bool, error) {
	known := s.known(channel)
	if !lost && (known || size == 0) {
		return true, nil
	}
	if lost && (!known || size < minRTCP) {
		return false, nil
	}
	b, err := s.br.Peek(rtsp.FrameHeaderSize + 1)
	return err == nil && b[rtsp.FrameHeaderSize]>>6 == 2, err
}

// word is what a message begins with, with the "/" or " " behind it; "" when no message does. No more is waited for than a
// message has.
func (s *stream) word() (string, error) {
	for n := 1; n <= maxWord; n++ {
		b, err := s.br.Peek(n)
		if err != nil {
			return "", err
		}
		switch c := b[n-1]; {
		case c == '/' || c == ' ':
			return string(b), nil
		case c != '_' && (c|0x20 < 'a' || c|0x20 > 'z'):
			return "", nil
		}
	}
	return "", nil
}

// frame reads a frame without copying it.
//
// hot: 0 allocs.
func (s *stream) frame() error {
	b, _ := s.br.Peek(rtsp.FrameHeaderSize) // it is there
	size := rtsp.FrameHeaderSize + int(b[2])<<8 + int(b[3])
	b, err := s.br.Peek(size)
	if err != nil {
		return truncated(err)
	}
	s.channel, s.payload = b[1], b[rtsp.FrameHeaderSize:]
	s.br.Discard(size) // b stays until more is read
	return nil
}

// frameBuffered tells that a whole frame comes next and is here already.
func (s *stream) frameBuffered() bool {
	n := s.br.Buffered()
	if n < rtsp.FrameHeaderSize {
		return false
	}
	b, _ := s.br.Peek(rtsp.FrameHeaderSize)
	return b[0] == '$' && n >= rtsp.FrameHeaderSize+int(b[2])<<8+int(b[3])
}

func (s *stream) message() (rtsp.Kind, error) {
	s.raw = s.raw[:0]
	kind, err := s.messages.Next()
	if s.keep && err == nil && s.br.Buffered() > 0 && s.raw[len(s.raw)-1] == '\r' { // a CR ends a line at once
		if b, _ := s.br.Peek(1); b[0] == '\n' {
			s.raw = append(s.raw, '\n')
		}
	}
	return kind, err
}

// truncated is err for a stream that ends in the middle of something.
func truncated(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// letters gives the bytes of a stream one by one, so that a reader of messages has taken none of what follows one.
type letters struct{ *stream }

func (l letters) Read(b []byte) (int, error) {
	c, err := l.br.ReadByte()
	if err != nil {
		return 0, err
	}
	b[0] = c
	if l.keep {
		l.raw = append(l.raw, c)
	}
	return 1, nil
}
