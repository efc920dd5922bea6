package payload

// latm is MP4A-LATM (RFC 6416 §6) with the configuration in SDP (cpresent=0):
// audioMuxElements, cut anywhere, the marker at the end of the last.
type latm struct{ stateless }

func (*latm) Inspect([]byte, bool) Info { return Info{Key: true} }

func (*latm) Split(payload []byte, max int, emit func(payload []byte, tsDelta uint32, last bool)) bool {
	return splitBytes(payload, max, emit)
}
