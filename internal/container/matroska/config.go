package matroska

import (
	"encoding/binary"
	"errors"
)

// errConfig says that a CodecPrivate is not what the codec's mapping asks for.
var errConfig = errors.New("malformed codec configuration")

// A cutter cuts bytes off the front of b. Where there are too few it sets short and gives none.
type cutter struct {
	b     []byte
	short bool
}

func (c *cutter) take(n int) []byte {
	if n > len(c.b) {
		c.short, c.b = true, nil
		return nil
	}
	b := c.b[:n:n]
	c.b = c.b[n:]
	return b
}

func (c *cutter) byte() int {
	if b := c.take(1); b != nil {
		return int(b[0])
	}
	return 0
}

func (c *cutter) uint16() int {
	if b := c.take(2); b != nil {
		return int(binary.BigEndian.Uint16(b))
	}
	return 0
}

// units appends count units, each behind its length in two bytes.
func (c *cutter) units(list [][]byte, count int) [][]byte {
	for range count {
		if nal := c.take(c.uint16()); len(nal) > 0 {
			list = append(list, nal)
		}
	}
	return list
}

// avc reads an AVCDecoderConfigurationRecord, ISO/IEC 14496-15 §5.3.3: the parameter sets, and how many bytes of length
// there are in front of each NAL unit.
func avc(private []byte) (sets [][]byte, length int, err error) {
	c := cutter{b: private}
	if head := c.take(5); head == nil || head[0] != 1 {
		return nil, 0, errConfig
	} else {
		length = int(head[4]&3) + 1
	}
	sets = c.units(sets, c.byte()&0x1F)
	sps := len(sets)
	sets = c.units(sets, c.byte())
	if c.short || sps == 0 || length == 3 {
		return nil, 0, errConfig
	}
	return sets, length, nil
}

// NAL unit types of H.265 that come before all others.
const (
	hevcVPS = 32
	hevcPPS = 34
)

// hevc reads an HEVCDecoderConfigurationRecord, ISO/IEC 14496-15 §8.3.3. The sets are in the order VPS, SPS, PPS.
func hevc(private []byte) (sets [][]byte, length int, err error) {
	c := cutter{b: private}
	head := c.take(22)
	if head == nil || head[0] > 1 { // 0 was written before the standard was done
		return nil, 0, errConfig
	}
	var byType [hevcPPS - hevcVPS + 1][][]byte
	for range c.byte() {
		kind, count := c.byte()&0x3F-hevcVPS, c.uint16()
		units := c.units(nil, min(count, len(c.b)/2))
		if kind >= 0 && kind < len(byType) {
			byType[kind] = append(byType[kind], units...)
		}
	}
	for _, units := range byType {
		sets = append(sets, units...)
	}
	if length = int(head[21]&3) + 1; length == 3 {
		return nil, 0, errConfig
	}
	return sets, length, nil
}

// av1 reads an AV1CodecConfigurationRecord, AV1 in ISOBMFF §2.3.3: the sequence header, if it has one.
func av1(private []byte) ([][]byte, error) {
	switch {
	case len(private) == 0: // not allowed, and harmless
		return nil, nil
	case len(private) < 4 || private[0] != 0x81:
		return nil, errConfig
	}
	if header := sequenceHeader(private[4:]); header != nil {
		return [][]byte{header}, nil
	}
	return nil, nil
}
