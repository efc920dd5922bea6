package mjpeg

import "errors"

// Markers, ITU-T T.81 table B.1.
const (
	markerTEM = 0x01
	markerSOF = 0xC0 // to 0xCF, without DHT, JPG and DAC
	markerDHT = 0xC4
	markerJPG = 0xC8
	markerDAC = 0xCC
	markerRST = 0xD0 // to 0xD7
	markerSOI = 0xD8
	markerEOI = 0xD9
	markerSOS = 0xDA
)

// minImage is the length of the shortest thing that image accepts: SOI, SOF, SOS and EOI with nothing in them.
const minImage = 2 + 4 + 4 + 2

// errImage says that something is not a whole image.
var errImage = errors.New("not a whole image")

// image walks over one image from SOI to EOI, ITU-T T.81 §B.1.1. Segments are stepped over by their length, and so are
// the thumbnails in them. The error is errImage, errEnd or the reader's.
func (s *scanner) image() error {
	for _, want := range [...]byte{0xFF, markerSOI} {
		if b, err := s.byte(); err != nil || b != want {
			return orImage(err)
		}
	}
	frame, scan := false, false
	m, err := s.marker()
	for err == nil && m != markerEOI {
		switch {
		case m == markerSOS && frame:
			scan = true
			m, err = s.scan()
			continue
		case isFrameHeader(m):
			frame = true
			err = s.frameHeader()
		case m == markerSOS || !hasLength(m):
			return errImage
		default:
			err = s.segment()
		}
		if err == nil {
			m, err = s.marker()
		}
	}
	if err == nil && !scan {
		return errImage
	}
	return err
}

func orImage(err error) error {
	if err != nil {
		return err
	}
	return errImage
}

func isFrameHeader(m byte) bool {
	return m&0xF0 == markerSOF && m != markerDHT && m != markerJPG && m != markerDAC
}

func isRestart(m byte) bool { return m >= markerRST && m < markerSOI }

// hasLength tells whether a marker begins a segment; the other ones stand alone or are reserved.
func hasLength(m byte) bool { return m >= markerSOF && !isRestart(m) && m != markerSOI && m != 0xFF }

// marker reads 0xFF, any fill bytes that are 0xFF too, and the marker's code, ITU-T T.81 §B.1.1.2.
func (s *scanner) marker() (byte, error) {
	b, err := s.byte()
	if err != nil || b != 0xFF {
		return 0, orImage(err)
	}
	return s.code()
}

// code reads a marker's code and the fill bytes before it.
func (s *scanner) code() (byte, error) {
	for {
		if b, err := s.byte(); err != nil || b != 0xFF {
			return b, err
		}
	}
}

// segment steps over a segment.
func (s *scanner) segment() error {
	length, err := s.length()
	s.skip(length)
	return err
}

// length reads the two bytes that a segment begins with, and returns how many are left: they count themselves too.
func (s *scanner) length() (int, error) {
	n, err := s.number()
	if err == nil && n < 2 {
		err = errImage
	}
	return max(n-2, 0), err
}

// number reads two bytes.
func (s *scanner) number() (int, error) {
	high, err := s.byte()
	if err != nil {
		return 0, err
	}
	low, err := s.byte()
	return int(high)<<8 | int(low), err
}

// frameHeader steps over a frame header, ITU-T T.81 §B.2.2. That of the first image tells its size.
func (s *scanner) frameHeader() error {
	const precision, size = 1, 1 + 2 + 2
	length, err := s.length()
	if err != nil || length < size || s.width > 0 {
		s.skip(length)
		return err
	}
	s.skip(precision)
	if s.height, err = s.number(); err != nil {
		return err
	}
	s.width, err = s.number()
	s.skip(length - size)
	return err
}

// scan goes over a scan, its header and its coded data, and returns the marker that ends it. A 0xFF of the data is
// followed by 0; restart markers and TEM belong to the data.
func (s *scanner) scan() (byte, error) {
	if err := s.segment(); err != nil {
		return 0, err
	}
	for {
		if err := s.past(0xFF); err != nil {
			return 0, err
		}
		m, err := s.code()
		if err != nil || m != 0 && m != markerTEM && !isRestart(m) {
			return m, err
		}
	}
}
