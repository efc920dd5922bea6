package rtsp

// The sizes of interleaved framing (RFC 2326 §10.12).
const (
	FrameHeaderSize = 4     // bytes: "$", channel, length in network order
	MaxFramePayload = 65535 // bytes
)

// AppendFrame appends payload, one RTP packet or one compound RTCP packet, as an interleaved frame (RFC 2326 §10.12). A
// payload over [MaxFramePayload] cannot be framed: b comes back unchanged.
func AppendFrame(b []byte, channel uint8, payload []byte) []byte {
	n := len(payload)
	if n > MaxFramePayload {
		return b
	}
	b = append(b, '$', channel, byte(n>>8), byte(n))
	return append(b, payload...)
}

// frameSize is the size of the whole frame that begins b, which holds at least its header.
func frameSize(b []byte) int {
	return FrameHeaderSize + int(b[2])<<8 + int(b[3])
}

// readOver drops a frame that is too large without holding it.
func (r *Reader) readOver(size int) error {
	r.channel, r.payload = r.win.bytes()[1], nil
	for size > 0 {
		if err := r.win.fill(1); err != nil {
			r.err = truncated(err) // its header is gone: it can not be read again
			return r.err
		}
		n := min(size, r.win.len())
		r.win.skip(n)
		size -= n
	}
	return nil
}

// readFrame takes the frame at the front of the window without copying it.
// hot: 0 allocs once the buffer has grown to the size of the peer's frames.
func (r *Reader) readFrame() (Kind, error) {
	if err := r.win.fill(FrameHeaderSize); err != nil {
		return KindFrame, truncated(err)
	}
	size := frameSize(r.win.bytes())
	if size-FrameHeaderSize > r.limits.Frame {
		return KindFrame, r.readOver(size)
	}
	if err := r.win.fill(size); err != nil {
		return KindFrame, truncated(err)
	}
	frame := r.win.bytes()[:size:size]
	r.channel, r.payload = frame[1], frame[FrameHeaderSize:]
	r.win.skip(size)
	r.win.media = r.limits.Frame == MaxFramePayload
	return KindFrame, nil
}
