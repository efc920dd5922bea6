package timeline

// FrameOverhead is the number of bytes in front of each packet of the log: '$', the channel and a
// 16-bit length (RFC 2326 §10.12).
const FrameOverhead = 4

// MaxTracks is the number of tracks that a presentation can have: two interleaved channels a track
// would allow 128, but a cursor names its tracks in one word.
const MaxTracks = 64

// Flags say what a packet is.
type Flags uint8

const (
	// RandomAccess marks the first packet of a unit at which decoding can begin: parameter sets and
	// key picture of a video track, any packet of an audio track.
	RandomAccess Flags = 1 << iota
	// Marker is the RTP marker bit: for video, the last packet of a picture.
	Marker
	// LongHeader marks a packet whose RTP header has more than the 12 bytes that all have.
	LongHeader
)

// A Packet says where one RTP packet lies in the bytes of a [Batch], and what it is.
type Packet struct {
	Offset    uint32 // of its frame, that is of the '$'
	Timestamp uint32 // RTP timestamp, as sent
	Size      uint16 // of the RTP packet in bytes, without FrameOverhead
	Track     uint8  // index of the track in the presentation
	Flags     Flags
}

// End is the offset of the first byte behind the packet.
func (p *Packet) End() int { return int(p.Offset) + FrameOverhead + int(p.Size) }

// A Batch is a run of packets that lie one after the other in Bytes. It shares memory with the log:
// read it, send it, do not write to it. It stays valid as long as it is referenced.
type Batch struct {
	Bytes   []byte
	Packets []Packet
}

// RTP is the i-th packet, without framing.
func (b *Batch) RTP(i int) []byte {
	p := &b.Packets[i]
	return b.Bytes[int(p.Offset)+FrameOverhead : p.End()]
}

// Frames is the contiguous run of framed packets i to j (exclusive), as an interleaved connection
// carries them: channel 2n for track n.
func (b *Batch) Frames(i, j int) []byte {
	return b.Bytes[b.Packets[i].Offset:b.Packets[j-1].End()]
}
