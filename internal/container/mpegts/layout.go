package mpegts

import "github.com/baton-rtsp/baton/internal/container"

// A layout is how packets lie in a file.
type layout struct {
	base   int64 // of a packet's first byte
	stride int   // from one to the next
}

// Bounds of the search for packets.
const (
	maxJunk = 64 << 10 // bytes before the first
	minRow  = 3        // packets that a file must have
	goodRow = 8        // packets in a row that tell what the layout is
)

// detect finds the layout by the beginning of a file.
func detect(b []byte) (layout, bool) {
	for base := 0; base < min(len(b), maxJunk); base++ {
		if b[base] != syncByte {
			continue
		}
		for _, stride := range [...]int{188, 192, 204} {
			if n := row(b[base:], stride); n >= goodRow || n >= minRow && base+n*stride+packetSize > len(b) {
				return layout{int64(base), stride}, true
			}
		}
	}
	return layout{}, false
}

// row counts the packets that b begins with, up to goodRow.
func row(b []byte, stride int) int {
	n := 0
	for n < goodRow && n*stride+packetSize <= len(b) && b[n*stride] == syncByte {
		n++
	}
	return n
}

// before is where the packet begins that holds a byte, if the layout holds there.
func (l layout) before(offset int64) int64 {
	if offset < l.base {
		return 0
	}
	return l.base + (offset-l.base)/int64(l.stride)*int64(l.stride)
}

// resync finds the first packet in b, from i on, that others follow. Near the end of b fewer do.
func (l layout) resync(b []byte, i int) (int, bool) {
	const proof = 4
	for ; i < len(b); i++ {
		if b[i] != syncByte {
			continue
		}
		n := 1
		for n < proof && i+n*l.stride < len(b) && b[i+n*l.stride] == syncByte {
			n++
		}
		if n == proof {
			return i, true
		}
		if i+n*l.stride >= len(b) {
			return i, false
		}
	}
	return i, false
}

// A walker goes from packet to packet. It is a layout and a place where that may have been lost.
type walker struct {
	layout
	searching bool // for the next packet
}

// walk shows all packets of b, which begins at an offset of the file, and returns how many bytes of b they took: what is
// left is less than a packet, or the beginning of a search for the next. last says that nothing follows b.
func (w *walker) walk(b []byte, offset int64, last bool, visit func(p packet, at int64)) (used int) {
	i := 0
	for i+packetSize <= len(b) {
		if w.searching || b[i] != syncByte {
			var ok bool
			i, ok = w.resync(b, i)
			if w.searching = !ok && !last; w.searching {
				return i
			}
			if i+packetSize > len(b) {
				break
			}
		}
		visit(packet(b[i:i+packetSize]), offset+int64(i))
		i += w.stride
	}
	return min(i, len(b))
}

// maxSpan is how far from the first of its packets to its last a sample can reach.
const maxSpan = 2 * container.MaxSample
