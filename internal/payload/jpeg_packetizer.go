package payload

import (
	"strconv"

	"github.com/baton-rtsp/baton/sdp"
)

// JPEGPacketizer makes the RTP payloads of JPEG images (RFC 2435), payload type
// 26, clock 90 kHz. The zero value is ready. Not safe for concurrent use; it
// allocates nothing once its buffer has grown to max.
type JPEGPacketizer struct {
	image jpegImage
	buf   scratch
}

// Packetize emits an image, with Q 255 and the quantization tables in the first
// payload; see [Packetizer].
func (p *JPEGPacketizer) Packetize(img []byte, max int, emit func(payload []byte, tsDelta uint32, marker bool)) error {
	if err := p.image.parse(img); err != nil {
		return err
	}
	repeated := len(p.header())
	b := p.appendTables(p.header())
	if max <= len(b) {
		return ErrSize
	}
	offset := 0
	for data := p.image.scan; len(data) > 0; {
		chunk := data[:min(len(data), max-len(b))]
		data = data[len(chunk):]
		b[1], b[2], b[3] = byte(offset>>16), byte(offset>>8), byte(offset)
		b = append(b, chunk...)
		emit(b, 0, len(data) == 0)
		p.buf, b = b, b[:repeated]
		offset += len(chunk)
	}
	return nil
}

// header is what every packet of the image has: the main header with offset 0,
// and the restart header if there are restart markers (PLD-09).
func (p *JPEGPacketizer) header() []byte {
	width, height := jpegSizeField(p.image.width, p.image.height)
	b := append(p.buf[:0], 0, 0, 0, 0, p.image.kind, 255, width, height)
	if interval := p.image.restart; interval > 0 {
		b[4] |= 64
		b = append(b, byte(interval>>8), byte(interval), 0xFF, 0xFF)
	}
	return b
}

// jpegSizeField is the size in units of 8 pixels, rounded up; both are 0 if it
// does not fit, and readers take it from SDP (PLD-11).
func jpegSizeField(width, height int) (byte, byte) {
	if width > jpegMaxSize || height > jpegMaxSize {
		return 0, 0
	}
	return byte((width + 7) / 8), byte((height + 7) / 8)
}

// appendTables adds the quantization table header and the tables (RFC 2435
// §3.1.8): luma, then chroma.
func (p *JPEGPacketizer) appendTables(b []byte) []byte {
	at := len(b)
	b = append(b, 0, 0, 0, 0)
	for i, id := range []uint8{p.image.luma, p.image.chroma} {
		t := p.image.quant[id]
		if t.wide && !t.narrow() {
			b[at+1] |= 1 << i
			b = append(b, t.data...)
			continue
		}
		step, low := 1, 0
		if t.wide {
			step, low = 2, 1
		}
		for ; low < len(t.data); low += step {
			b = append(b, t.data[low])
		}
	}
	size := len(b) - at - jpegTableHeader
	b[at+2], b[at+3] = byte(size>>8), byte(size)
	return b
}

// narrow reports whether a wide table would fit in bytes. FFmpeg as a reader
// takes no others.
func (t jpegTable) narrow() bool {
	for i := 0; i < len(t.data); i += 2 {
		if t.data[i] != 0 {
			return false
		}
	}
	return true
}

// JPEGAttributes are the SDP attributes that tell the size of JPEG images: what
// GStreamer reads and what FFmpeg reads. They are needed above 2040 pixels and
// do no harm below.
func JPEGAttributes(width, height int) []sdp.Attribute {
	w, h := strconv.Itoa(width), strconv.Itoa(height)
	return []sdp.Attribute{
		{Key: "x-dimensions", Value: w + "," + h},
		{Key: "framesize", Value: "26 " + w + "-" + h},
	}
}
