package mpegts

// maxSection is the largest section of program tables (ISO/IEC 13818-1 §2.4.4).
const maxSection = 1024

// A section gathers one table section that may take several packets.
type section struct {
	buf  []byte
	open bool
}

// write takes the payload of a packet and calls done for each section that is complete and whole.
func (s *section) write(p packet, done func(section []byte)) {
	b := p[p.payload():]
	if !p.begins() {
		s.add(b, done)
		return
	}
	if len(b) == 0 || 1+int(b[0]) > len(b) {
		s.open = false
		return
	}
	pointer := 1 + int(b[0])
	s.add(b[1:pointer], done)
	s.buf, s.open = s.buf[:0], true
	s.add(b[pointer:], done)
}

func (s *section) add(b []byte, done func(section []byte)) {
	if !s.open {
		return
	}
	s.buf = append(s.buf, b...)
	for len(s.buf) >= 3 {
		if s.buf[0] == 0xFF { // stuffing
			s.open = false
			return
		}
		size := 3 + int(s.buf[1]&0x0F)<<8 + int(s.buf[2])
		if size > maxSection {
			s.open = false
			return
		}
		if len(s.buf) < size {
			return
		}
		if size >= 12 && checksum(s.buf[:size]) == 0 {
			done(s.buf[:size])
		}
		s.buf = s.buf[:copy(s.buf, s.buf[size:])]
	}
}

// checksum is CRC_32 (ISO/IEC 13818-1 annex A): 0 over a section with its own.
func checksum(b []byte) uint32 {
	crc := ^uint32(0)
	for _, c := range b {
		crc ^= uint32(c) << 24
		for range 8 {
			if crc&(1<<31) != 0 {
				crc = crc<<1 ^ 0x04C11DB7
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}
