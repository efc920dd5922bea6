package payload

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
)

// A piece is a coded unit, or a part of one, as an independent depacketizer sees
// it: what identifies the unit, where it lies, its bytes.
type piece struct {
	head       string
	start, end bool
	data       []byte
}

// sent is one payload that Split emitted, or the one it was given.
type sent struct {
	payload []byte
	delta   uint32
	last    bool
}

// merge joins pieces that continue one another.
func merge(pieces []piece) []piece {
	var out []piece
	for _, p := range pieces {
		if n := len(out); n > 0 && !out[n-1].end && !p.start && out[n-1].head == p.head {
			out[n-1].data = append(out[n-1].data, p.data...)
			out[n-1].end = p.end
			continue
		}
		p.data = slices.Clip(p.data)
		out = append(out, p)
	}
	return out
}

// isStream tells a byte stream from a NAL unit, by its beginning or by what it has inside.
func isStream(p []byte, zero, small bool) bool {
	b := bytes.TrimLeft(p, "\x00")
	return zero && len(p)-len(b) >= 2 && len(b) > 0 && b[0] == 1 || small && bytes.Contains(p, []byte{0, 0, 1})
}

// joiner turns payloads back into what they carry; false if they make no sense.
type joiner func(list []sent) ([]piece, bool)

func joinH264(list []sent) ([]piece, bool) {
	var out []piece
	whole := func(nal []byte) {
		if len(nal) > 0 {
			out = append(out, piece{fmt.Sprint(nal[0]), true, true, nal[1:]})
		}
	}
	for _, s := range list {
		p := s.payload
		if len(p) == 0 {
			continue
		}
		switch t := p[0] & 31; {
		case t == 24:
			for b := p[1:]; len(b) >= 2; {
				n := int(binary.BigEndian.Uint16(b))
				if 2+n > len(b) {
					return nil, false
				}
				if n > 0 && (b[2]&31 == 0 || b[2]&31 >= 24) {
					return nil, false
				}
				whole(b[2 : 2+n])
				b = b[2+n:]
			}
		case t == 28 && len(p) > 2:
			head := fmt.Sprint(p[0]&0xE0 | p[1]&31)
			out = append(out, piece{head, p[1]&0x80 != 0, p[1]&0x40 != 0, p[2:]})
		case isStream(p, t == 0, t >= 6 && t <= 9):
			for nal := range bytes.SplitSeq(p, []byte{0, 0, 1}) {
				if nal = bytes.TrimRight(nal, "\x00"); len(nal) > 0 && nal[0]&31 != 0 && nal[0]&31 < 24 {
					whole(nal)
				}
			}
		default:
			whole(p)
		}
	}
	return merge(out), true
}

func joinH265(donl bool) joiner {
	skip := 0
	if donl {
		skip = 2
	}
	return func(list []sent) ([]piece, bool) {
		var out []piece
		for _, s := range list {
			p := s.payload
			if len(p) < 3 {
				out = append(out, piece{fmt.Sprintf("%x ", p), true, true, []byte{}})
				continue
			}
			whole := func(nal []byte, don string) {
				out = append(out, piece{fmt.Sprintf("%x %s", nal[:2], don), true, true, nal[2:]})
			}
			switch t := p[0] >> 1 & 63; {
			case t == 48:
				don, lead := uint16(0), skip
				for b := p[2:]; len(b) >= lead+2; {
					switch lead {
					case 2:
						don = binary.BigEndian.Uint16(b)
						b, lead = b[2:], 1
					case 1:
						don += uint16(b[0]) + 1
						b = b[1:]
					}
					n := int(binary.BigEndian.Uint16(b))
					if 2+n > len(b) {
						return nil, false
					}
					switch {
					case n == 1, n > 1 && b[2]>>1&63 >= 48:
						return nil, false
					case n > 1 && donl:
						whole(b[2:2+n], fmt.Sprint(don))
					case n > 1:
						whole(b[2:2+n], "")
					}
					b = b[2+n:]
				}
			case t == 49:
				start, end := p[2]&0x80 != 0, p[2]&0x40 != 0
				head, data := fmt.Sprintf("%x ", []byte{p[0]&0x81 | p[2]&63<<1, p[1]}), p[3:]
				if start && donl && len(data) >= 2 {
					// a continuation has no number of its own; keep it with the data
					data = append([]byte(fmt.Sprint(binary.BigEndian.Uint16(data), " ")), data[2:]...)
				}
				out = append(out, piece{head, start, end, data})
			case t == 50:
				out = append(out, piece{"paci", true, true, p})
			case !donl && isStream(p, t == 0, t >= 32 && t <= 40):
				for nal := range bytes.SplitSeq(p, []byte{0, 0, 1}) {
					if nal = bytes.TrimRight(nal, "\x00"); len(nal) >= 2 && nal[0]>>1&63 < 48 {
						whole(nal, "")
					}
				}
			case donl && len(p) >= 4:
				whole(append(p[:2:2], p[4:]...), fmt.Sprint(binary.BigEndian.Uint16(p[2:])))
			default:
				whole(p, "")
			}
		}
		if donl { // the same form whether in one NAL unit or in an FU
			for i, p := range out {
				var don string
				if n, _ := fmt.Sscanf(p.head[min(len(p.head), 4):], "%s", &don); n == 1 {
					out[i].head, out[i].data = p.head[:4]+" ", append([]byte(don+" "), p.data...)
				}
			}
		}
		return merge(out), true
	}
}

func joinAV1(list []sent) ([]piece, bool) {
	var out []piece
	for _, s := range list {
		p := s.payload
		if len(p) == 0 {
			continue
		}
		w, b, first := int(p[0]>>4&3), p[1:], true
		for len(b) > 0 {
			size := len(b)
			if w != 1 {
				n, used := binary.Uvarint(b)
				if used <= 0 || used > 8 || n > uint64(len(b)-used) {
					return nil, false
				}
				size, b = int(n), b[used:]
			}
			if w > 0 {
				w--
			}
			if size == 0 {
				return nil, false
			}
			last := size == len(b)
			head := ""
			if first && p[0]&8 != 0 {
				head = "new"
			}
			out = append(out, piece{head, !first || p[0]&0x80 == 0, !last || p[0]&0x40 == 0, b[:size]})
			b, first = b[size:], false
			if w == 0 && p[0]>>4&3 != 0 && len(b) > 0 {
				return nil, false
			}
		}
	}
	return mergeAV1(out), true
}

// mergeAV1 is merge where the head, the bit N, is that of the first piece.
func mergeAV1(pieces []piece) []piece {
	var out []piece
	for _, p := range pieces {
		if n := len(out); n > 0 && !out[n-1].end && !p.start && p.head == "" {
			out[n-1].data = append(out[n-1].data, p.data...)
			out[n-1].end = p.end
			continue
		}
		p.data = slices.Clip(p.data)
		out = append(out, p)
	}
	return out
}

// joinHeaded joins formats that repeat a descriptor in front of the bytes: size
// finds its length, tidy blanks what differs from packet to packet.
func joinHeaded(size func(p []byte) int, tidy func(head []byte) (start, end bool)) joiner {
	return func(list []sent) ([]piece, bool) {
		var out []piece
		for _, s := range list {
			n := size(s.payload)
			if n <= 0 || n >= len(s.payload) {
				return nil, false
			}
			head := bytes.Clone(s.payload[:n])
			start, end := tidy(head)
			if m := len(out); !start && m > 0 && !out[m-1].end {
				out[m-1].data = append(out[m-1].data, s.payload[n:]...)
				out[m-1].end = end
				continue
			}
			out = append(out, piece{fmt.Sprintf("%x", head), start, end, slices.Clip(s.payload[n:])})
		}
		return out, true
	}
}

func joinVP8() joiner {
	return joinHeaded(func(p []byte) int {
		n, _ := vp8Descriptor(p)
		return n
	}, func(head []byte) (bool, bool) {
		start := head[0]&0x10 != 0
		head[0] &^= 0x10
		return start, false
	})
}

func joinVP9() joiner {
	return joinHeaded(func(p []byte) int {
		d, _ := vp9Descriptor(p)
		return d.size
	}, func(head []byte) (bool, bool) {
		start, end := head[0]&8 != 0, head[0]&4 != 0
		head[0] &^= 12
		return start, end
	})
}

func joinBytes(list []sent) ([]piece, bool) {
	var all []byte
	for _, s := range list {
		all = append(all, s.payload...)
	}
	return []piece{{data: all}}, true
}

// joinJPEG checks offsets and flags of RFC 2435 and joins the scan.
func joinJPEG(list []sent) ([]piece, bool) {
	var out piece
	next := 0
	for i, s := range list {
		p := s.payload
		if len(p) < 8 {
			return nil, false
		}
		offset := int(p[1])<<16 | int(p[2])<<8 | int(p[3])
		head := append([]byte{p[0]}, p[4:8]...)
		b := p[8:]
		first, last := true, true
		if p[4]&0xC0 == 64 {
			if len(b) < 4 {
				return nil, false
			}
			if flags := binary.BigEndian.Uint16(b[2:]); flags != 0xFFFF {
				first, last = flags&0x8000 != 0, flags&0x4000 != 0
				head = binary.BigEndian.AppendUint16(append(head, b[:2]...), flags&0x3FFF)
				if i > 0 && first {
					return nil, false
				}
			} else {
				head = append(head, b[:4]...)
			}
			b = b[4:]
		}
		tables := []byte(nil)
		if p[5] >= 128 && offset == 0 {
			if len(b) < 4 || len(b) < 4+int(binary.BigEndian.Uint16(b[2:])) {
				return nil, false
			}
			n := 4 + int(binary.BigEndian.Uint16(b[2:]))
			tables, b = b[:n], b[n:]
		}
		if i == 0 {
			out = piece{fmt.Sprintf("%x at %d, tables %x", head, offset, tables), first, last, nil}
			next = offset
		}
		if offset != next || len(b) == 0 && len(list) > 1 || len(tables) > 0 && i > 0 {
			return nil, false
		}
		out.data = append(out.data, b...)
		out.end = last
		next += len(b)
	}
	return []piece{out}, true
}

// joinAAC reads AAC-hbr: 13 bits of size, 3 of index.
func joinAAC(list []sent) ([]piece, bool) {
	var out []piece
	for _, s := range list {
		p := s.payload
		if len(p) < 2 {
			return nil, false
		}
		bits := int(binary.BigEndian.Uint16(p))
		n := bits / 16
		if n == 0 || 2+(bits+7)/8 > len(p) {
			return nil, false
		}
		data, time := p[2+(bits+7)/8:], s.delta
		for i := range n {
			header := binary.BigEndian.Uint16(p[2+2*i:])
			size := int(header >> 3)
			if i > 0 {
				time += 1024 * uint32(1+header&7)
			}
			if n > 1 && size > len(data) || size == 0 && len(data) > 0 {
				return nil, false
			}
			au := data[:min(size, len(data))]
			data = data[len(au):]
			if len(au) == size {
				au = stripADTS(au)
				size = len(au)
			}
			out = append(out, piece{fmt.Sprint(size, " at ", time), false, len(au) == size, au})
		}
	}
	return mergeAAC(out), true
}

func stripADTS(au []byte) []byte {
	if len(au) >= 9 && au[0] == 0xFF && au[1]&0xF6 == 0xF0 && au[6]&3 == 0 {
		length := int(au[3]&3)<<11 | int(au[4])<<3 | int(au[5])>>5
		head := 7
		if au[1]&1 == 0 {
			head = 9
		}
		if length == len(au) && len(au) > head {
			return au[head:]
		}
	}
	return au
}

func mergeAAC(pieces []piece) []piece {
	out := merge(pieces)
	for i := range out {
		out[i].end = false // a whole one that was cut is whole again
	}
	return out
}

// joinPCM checks that time and bytes agree; tick is the bytes of one tick.
func joinPCM(tick int) joiner {
	return func(list []sent) ([]piece, bool) {
		var all []byte
		for _, s := range list {
			if int(s.delta)*tick != len(all) {
				return nil, false
			}
			all = append(all, s.payload...)
		}
		return []piece{{data: all}}, true
	}
}

// joinMPA checks the fragment offsets.
func joinMPA(list []sent) ([]piece, bool) {
	var out []piece
	next := 0
	for i, s := range list {
		if len(s.payload) < 4 {
			return nil, false
		}
		offset, data := int(binary.BigEndian.Uint16(s.payload[2:])), s.payload[4:]
		switch {
		case i == 0:
			out = []piece{{head: fmt.Sprint(offset), data: nil}}
		case offset != 0 && offset != next:
			return nil, false
		}
		out[0].data = append(out[0].data, data...)
		next = offset + len(data)
	}
	return out, true
}
