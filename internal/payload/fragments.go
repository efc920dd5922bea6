package payload

import "strings"

// Fragments finds the fragmentation units of H.264 and H.265 that begin a NAL
// unit without saying so: the start bit is missing, as some cameras have it
// (Uniview). Readers would add them to the unit before. It is shown all
// payloads of a track in order. The zero value is for H.264.
type Fragments struct {
	h265  bool
	state fragmentState
}

// fragmentState is what is known of the fragmentation of a unit.
type fragmentState uint8

const (
	unsure  fragmentState = iota // packets are missing, or none has come
	between                      // no unit is open
	within                       // one is
)

// NewFragments is for an encoding, as SDP names it; nil when it is neither H.264
// nor H.265.
func NewFragments(encoding string) *Fragments {
	switch strings.ToLower(encoding) {
	case "h264":
		return new(Fragments)
	case "h265", "hevc":
		return &Fragments{h265: true}
	}
	return nil
}

// Gap says that packets are missing in front of the next: whether a unit is open
// is not known until one has ended or begun.
func (f *Fragments) Gap() { f.state = unsure }

// Begins reports whether a payload is a fragment that begins a unit and does
// not say so.
//
// hot: 0 allocs, no lock; runs once a packet.
func (f *Fragments) Begins(payload []byte) bool {
	at := f.header(payload)
	if at < 0 {
		f.state = between
		return false
	}
	start, end := payload[at]&fuStart != 0, payload[at]&fuEnd != 0
	silent := !start && f.state == between
	switch {
	case end:
		f.state = between
	case start || silent:
		f.state = within
	}
	return silent
}

// Mend sets the start bit of a payload of which Begins is true.
func (f *Fragments) Mend(payload []byte) { payload[f.header(payload)] |= fuStart }

// header is where the header of a fragmentation unit is, -1 in what is none.
func (f *Fragments) header(payload []byte) int {
	switch {
	case len(payload) < 3:
	case f.h265 && h265Type(payload) == h265FU:
		return 2
	case !f.h265 && (payload[0]&0x1F == h264FUA || payload[0]&0x1F == h264FUB):
		return 1
	}
	return -1
}
