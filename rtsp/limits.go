package rtsp

// Limits bound what a [Reader] takes from its peer. A zero or negative field means its default.
type Limits struct {
	Line        int // bytes of a request or status line; default 4 KiB; more is 414
	HeaderLine  int // bytes of one header field, unfolded; default 8 KiB; more is 400
	Headers     int // number of header fields; default 200; more is 400
	HeaderBlock int // bytes of all header fields; default 64 KiB; more is 400, or 414 if not even the first line ended
	Body        int // bytes of the body; default 1 MiB; more is 413
	Frame       int // bytes of an interleaved frame's payload; default 65535; a larger one is read over, and its payload empty
}

// OrDefaults is a copy in which every field says what it means; nil means the defaults.
func (l *Limits) OrDefaults() Limits {
	if l == nil {
		l = &Limits{}
	}
	return Limits{
		Line:        positive(l.Line, 4<<10),
		HeaderLine:  positive(l.HeaderLine, 8<<10),
		Headers:     positive(l.Headers, 200),
		HeaderBlock: positive(l.HeaderBlock, 64<<10),
		Body:        positive(l.Body, 1<<20),
		Frame:       min(positive(l.Frame, MaxFramePayload), MaxFramePayload),
	}
}

func positive(n, def int) int {
	if n <= 0 {
		return def
	}
	return n
}
