package clock

import "time"

// DefaultGOP is the distance of IDR pictures, in pictures, when none is asked for: two seconds.
const DefaultGOP = 2 * FrameRate

// maxGOP keeps frame_num of one group of pictures within its 16 bits.
const maxGOP = 1 << log2MaxFrameNum

// An H264Config says how to code the clock.
type H264Config struct {
	GOP int // distance of IDR pictures, in pictures: 1 to 65536; 0 or less means DefaultGOP, more means 65536
}

// An H264 codes the clock as an H.264 elementary stream: Constrained Baseline profile, level 3, CAVLC, one slice a
// picture, no deblocking, lossless. It has no codec library because it needs next to none of a codec: a macroblock is
// either skipped, or flat and coded as a single coefficient, or sent as plain samples (I_PCM). Not safe for concurrent
// use.
type H264 struct {
	gop      int
	sps, pps []byte
	picture  *Picture
	coder    slice
	nal      []byte
	unit     [3][]byte

	count    int // pictures since the last IDR picture; 0: the next one is IDR
	idrCount uint32
}

// NewH264 returns an encoder whose first picture is an IDR picture. Drawing the face takes some milliseconds.
func NewH264(c H264Config) *H264 {
	gop := c.GOP
	if gop <= 0 {
		gop = DefaultGOP
	}
	return &H264{
		gop:     min(gop, maxGOP),
		sps:     sequenceParameters(),
		pps:     pictureParameters(),
		picture: NewPicture(Limited),
	}
}

// Parameters returns the sequence and the picture parameter set: NAL units that stay the same for the whole stream,
// for the SDP's sprop-parameter-sets. The caller does not change them.
func (h *H264) Parameters() (sps, pps []byte) { return h.sps, h.pps }

// Next returns the NAL units of the next access unit, without start codes, showing t and frame: SPS, PPS and IDR slice,
// or one slice. They are valid until the next call. In steady state it allocates nothing.
func (h *H264) Next(t time.Time, frame uint32) [][]byte {
	h.picture.Set(t, frame)
	header := byte(nalSlice)
	if h.count == 0 {
		header = nalIDR
		h.coder.idr(&h.picture.grid, h.idrCount&1)
		h.idrCount++
	} else {
		h.coder.predicted(&h.picture.grid, uint32(h.count))
	}
	h.count = (h.count + 1) % h.gop
	h.nal = appendNAL(h.nal[:0], header, h.coder.out)
	if header == nalSlice {
		h.unit[0] = h.nal
		return h.unit[:1]
	}
	h.unit = [3][]byte{h.sps, h.pps, h.nal}
	return h.unit[:]
}
