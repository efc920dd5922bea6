package payload

// opus is RFC 7587: one Opus packet in each RTP packet, never cut.
type opus struct{ stateless }

func (opus) Inspect([]byte, bool) Info { return Info{Key: true} }

func (opus) Split(payload []byte, max int, emit func(payload []byte, tsDelta uint32, last bool)) bool {
	return emitWhole(payload, max, emit)
}
