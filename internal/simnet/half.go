package simnet

// A half is one direction of a connection: the bytes on the way to one end.
type half struct {
	window  int
	bytes   []byte
	held    int    // of the last bytes: written since the link went down
	ended   bool   // the writer is done
	reset   bool   // the writer is gone without ceremony
	down    bool   // the link is
	changed signal // for the reader and for the writers
}

// put adds as much of b as the window takes.
func (h *half) put(b []byte) int {
	n := min(len(b), max(h.window-len(h.bytes), 0))
	h.bytes = append(h.bytes, b[:n]...)
	if h.down {
		h.held += n
	}
	return n
}

// take moves what has arrived to b.
func (h *half) take(b []byte) int {
	n := copy(b, h.bytes[:len(h.bytes)-h.held])
	h.bytes = append(h.bytes[:0], h.bytes[n:]...)
	return n
}

func (h *half) discard() { h.bytes, h.held = nil, 0 }

func (h *half) setDown(down bool) {
	h.down = down
	if !down {
		h.held = 0
	}
}
