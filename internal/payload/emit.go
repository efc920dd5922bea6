package payload

// emitFunc is the callback of Format.Split.
type emitFunc = func(payload []byte, tsDelta uint32, last bool)

// scratch builds the payloads that Split emits. It grows to the largest of
// them and is then used again and again.
type scratch []byte

// join emits head followed by body as one payload.
func (s *scratch) join(head, body []byte, tsDelta uint32, last bool, emit emitFunc) {
	b := append((*s)[:0], head...)
	b = append(b, body...)
	*s = b
	emit(b, tsDelta, last)
}
