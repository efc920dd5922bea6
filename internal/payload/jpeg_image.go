package payload

import (
	"errors"
	"fmt"
)

// Errors about JPEG images, which may be wrapped.
var (
	// ErrMalformed: the bytes are not a JPEG image.
	ErrMalformed = errors.New("malformed JPEG image")
	// ErrUnsupported: RFC 2435 has no way to carry the image. It takes baseline
	// images of three components in one scan, 4:2:2 or 4:2:0, with the Huffman
	// tables of the standard (PLD-10).
	ErrUnsupported = errors.New("JPEG image that RFC 2435 cannot carry")
)

// Markers of JPEG (ITU-T T.81 table B.1), the byte after 0xFF.
const (
	markSOF0 = 0xC0
	markDHT  = 0xC4
	markSOF  = 0xCF // the last of the start of frame markers
	markJPG  = 0xC8
	markDAC  = 0xCC
	markRST0 = 0xD0
	markRST7 = 0xD7
	markSOI  = 0xD8
	markEOI  = 0xD9
	markSOS  = 0xDA
	markDQT  = 0xDB
	markDRI  = 0xDD
	markTEM  = 0x01
)

// jpegImage is what a JPEG image consists of; its slices are parts of the image.
type jpegImage struct {
	width, height int
	kind          uint8 // type of RFC 2435 §4.1: 0 is 4:2:2, 1 is 4:2:0
	quant         [4]jpegTable
	luma, chroma  uint8 // which of quant
	restart       int   // MCUs from one restart marker to the next, 0 if there are none
	huffman       [2][4]jpegHuffman
	parts         [3]jpegComponent
	scan          []byte // entropy-coded data, without EOI
}

// jpegTable is a quantization table in zig-zag order.
type jpegTable struct {
	data []byte // 64, or 128 if wide
	wide bool   // 16 bits an entry
}

// jpegComponent is one component of a frame header.
type jpegComponent struct{ id, sampling, quant uint8 }

// JPEGSize returns the size in pixels of a JPEG image of any kind. The error is
// ErrMalformed.
func JPEGSize(img []byte) (width, height int, err error) {
	s := jpegSegments{rest: img}
	for {
		marker, body, err := s.next()
		if err != nil {
			return 0, 0, err
		}
		if jpegIsSOF(marker) {
			if len(body) < 6 {
				return 0, 0, ErrMalformed
			}
			return int(body[3])<<8 | int(body[4]), int(body[1])<<8 | int(body[2]), nil
		}
	}
}

func jpegIsSOF(marker uint8) bool {
	return marker >= markSOF0 && marker <= markSOF && marker != markDHT && marker != markJPG && marker != markDAC
}

// jpegSegments walks the marker segments of an image up to its first scan.
type jpegSegments struct {
	rest  []byte
	begun bool // SOI was seen
}

// next returns a marker and what its segment holds. Bytes between segments are
// skipped, as decoders do.
func (s *jpegSegments) next() (marker uint8, body []byte, err error) {
	if !s.begun {
		if len(s.rest) < 2 || s.rest[0] != 0xFF || s.rest[1] != markSOI {
			return 0, nil, ErrMalformed
		}
		s.rest, s.begun = s.rest[2:], true
	}
	for len(s.rest) >= 2 {
		if marker = s.rest[1]; s.rest[0] != 0xFF || marker == 0 || marker == 0xFF {
			s.rest = s.rest[1:]
			continue
		}
		s.rest = s.rest[2:]
		switch {
		case marker == markEOI:
			return 0, nil, ErrMalformed
		case marker == markSOI || marker == markTEM || marker >= markRST0 && marker <= markRST7:
			continue
		}
		return s.body(marker)
	}
	return 0, nil, ErrMalformed
}

func (s *jpegSegments) body(marker uint8) (uint8, []byte, error) {
	if len(s.rest) < 2 {
		return 0, nil, ErrMalformed
	}
	size := int(s.rest[0])<<8 | int(s.rest[1])
	if size < 2 || size > len(s.rest) {
		return 0, nil, ErrMalformed
	}
	body := s.rest[2:size]
	s.rest = s.rest[size:]
	return marker, body, nil
}

// parse reads an image and checks that RFC 2435 can carry it.
func (m *jpegImage) parse(img []byte) error {
	*m = jpegImage{}
	s := jpegSegments{rest: img}
	for {
		marker, body, err := s.next()
		if err != nil {
			return err
		}
		switch {
		case marker == markDQT:
			err = m.parseQuant(body)
		case marker == markDHT:
			err = m.parseHuffman(body)
		case marker == markDRI:
			err = m.parseRestart(body)
		case marker == markSOF0:
			err = m.parseFrame(body)
		case jpegIsSOF(marker) || marker == markDAC:
			err = fmt.Errorf("%w: not baseline", ErrUnsupported)
		case marker == markSOS:
			if err = m.parseScan(body); err == nil {
				err = m.cutScan(s.rest)
			}
			return err
		}
		if err != nil {
			return err
		}
	}
}

// parseQuant reads DQT (T.81 §B.2.4.1).
func (m *jpegImage) parseQuant(body []byte) error {
	for len(body) > 0 {
		t := jpegTable{wide: body[0]>>4 == 1}
		size, id := 64, body[0]&0xF
		if t.wide {
			size = 128
		}
		if body[0]>>4 > 1 || id > 3 || len(body) < 1+size {
			return ErrMalformed
		}
		t.data = body[1 : 1+size]
		m.quant[id] = t
		body = body[1+size:]
	}
	return nil
}

func (m *jpegImage) parseRestart(body []byte) error {
	if len(body) < 2 {
		return ErrMalformed
	}
	m.restart = int(body[0])<<8 | int(body[1])
	return nil
}

// parseFrame reads SOF0 (T.81 §B.2.2).
func (m *jpegImage) parseFrame(body []byte) error {
	if len(body) < 6 || len(body) < 6+3*int(body[5]) {
		return ErrMalformed
	}
	if body[0] != 8 || body[5] != 3 {
		return fmt.Errorf("%w: %d bits in %d components", ErrUnsupported, body[0], body[5])
	}
	m.height = int(body[1])<<8 | int(body[2])
	m.width = int(body[3])<<8 | int(body[4])
	if m.width == 0 || m.height == 0 {
		return ErrMalformed
	}
	for i := range m.parts {
		c := body[6+3*i:]
		if c[2] > 3 {
			return ErrMalformed
		}
		m.parts[i] = jpegComponent{id: c[0], sampling: c[1], quant: c[2]}
	}
	return m.checkSampling()
}

func (m *jpegImage) checkSampling() error {
	y, u, v := m.parts[0].sampling, m.parts[1].sampling, m.parts[2].sampling
	switch {
	case u != 0x11 || v != 0x11:
		return fmt.Errorf("%w: sampling %#x %#x %#x", ErrUnsupported, y, u, v)
	case y == 0x21:
		m.kind = 0
	case y == 0x22:
		m.kind = 1
	default:
		return fmt.Errorf("%w: sampling %#x", ErrUnsupported, y)
	}
	return nil
}
