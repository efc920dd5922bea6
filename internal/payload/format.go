package payload

// A Format knows one RTP payload format well enough to relay it: it tells
// random access points from the rest, cuts payloads that are too large, and
// remembers the parameter sets. It carries the state of one track, so that
// every track has its own. Not safe for concurrent use.
type Format interface {
	// Inspect looks at one RTP payload and says what it is. Payloads are shown
	// in the order of their sequence numbers; marker is the marker bit of the
	// packet. It reads any bytes without panicking, keeps no part of payload,
	// and allocates only when a parameter set changes.
	//
	// hot: 0 allocs, no lock; runs once a packet.
	Inspect(payload []byte, marker bool) Info

	// Split writes the payload again as payloads of at most max bytes, by the
	// rules of the format, and calls emit for each, in order. A payload that
	// fits and is regular is emitted as it is.
	//
	// The slice given to emit is valid during the call only. tsDelta is what to
	// add to the RTP timestamp of the packet that is split, in ticks of the
	// track's clock; it is zero for all but audio. last is true for the final
	// payload; it is true for an earlier one only where that ends an access
	// unit of its own (MPEG-4 audio with several in a packet). The marker of a
	// payload is the marker of the packet when last, else zero.
	//
	// False means that the payload cannot be split, either since the format
	// forbids it or since the payload or max make no sense; emit was not called.
	Split(payload []byte, max int, emit func(payload []byte, tsDelta uint32, last bool)) bool

	// Parameters returns the payloads that make a random access point decodable
	// by itself where the stream lacks them in band: parameter sets learned
	// from SDP and then from the band. Nil if none are needed or the set is not
	// complete. The slices are never written again, so that a caller may keep
	// them; a later change makes new ones. A payload is at most 1200 bytes
	// unless it is one large parameter set, which Split cuts.
	Parameters() [][]byte
}

// A Gapped is a Format that must be told of packets that are missing: Gap is
// called in front of Inspect.
type Gapped interface{ Gap() }

// Info is what Inspect found in one payload. A payload that aggregates several
// units has the flags of all of them.
type Info struct {
	// Key: the packet starts, or belongs to the start of, a random access point:
	// SPS, VPS, recovery point SEI and what is between them and the picture, the
	// first packet of an IDR or IRAP picture, an AV1 coded video sequence, a VP8
	// or VP9 key frame, MPEG-4 VOS, VOL or I-VOP, the first packet of a JPEG
	// frame, every packet of audio. The later packets of such a picture do not
	// have it: a reader cannot begin with them.
	Key bool

	// Params: the parameter sets of the random access point that begins have
	// come in band, complete, up to and with this packet.
	Params bool

	// Slice: the packet carries picture data. Parameters go in front of the
	// packet that has Key and Slice and not Params.
	Slice bool

	// Changed: with this packet Parameters became other ones than before.
	Changed bool

	// Irregular: the payload breaks the rules of its format in a way that
	// readers trip over (Annex-B start codes inside a packet, a fragmentation
	// unit that is start and end at once, or begins a unit and does not say so,
	// ADTS headers). Split writes it correctly, also when it would fit, when it
	// is called next.
	Irregular bool
}
