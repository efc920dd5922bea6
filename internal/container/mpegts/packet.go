package mpegts

// packetSize is what a packet has without the time in front of it or the checksum behind it.
const packetSize = 188

const syncByte = 0x47

// maxPID is the number of packet identifiers; the last is that of padding.
const (
	pidCount = 1 << 13
	patPID   = 0
)

// A packet is a view of one transport packet, 188 bytes (ISO/IEC 13818-1 §2.4.3.2).
type packet []byte

func (p packet) pid() uint16      { return uint16(p[1]&0x1F)<<8 | uint16(p[2]) }
func (p packet) begins() bool     { return p[1]&0x40 != 0 } // payload_unit_start_indicator
func (p packet) damaged() bool    { return p[1]&0x80 != 0 } // transport_error_indicator
func (p packet) scrambled() bool  { return p[3]&0xC0 != 0 }
func (p packet) counter() uint8   { return p[3] & 0x0F }
func (p packet) hasPayload() bool { return p[3]&0x10 != 0 }

// discontinuous tells whether the counter may jump here on purpose.
func (p packet) discontinuous() bool { return p[3]&0x20 != 0 && p[4] > 0 && p[5]&0x80 != 0 }

// payload is where the payload begins, packetSize if there is none.
func (p packet) payload() int {
	switch {
	case !p.hasPayload():
		return packetSize
	case p[3]&0x20 == 0:
		return 4
	}
	return min(5+int(p[4]), packetSize)
}
