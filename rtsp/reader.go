package rtsp

import "io"

// A Kind tells what [Reader.Next] read.
type Kind uint8

// The kinds of items on an RTSP connection.
const (
	KindRequest  Kind = iota + 1 // see Reader.Request
	KindResponse                 // see Reader.Response
	KindFrame                    // see Reader.Frame
)

// A Reader splits a byte stream into requests, responses and interleaved frames (RFC 2326 §4 to §7, §10.12), mixed in any
// order and cut by the transport at any byte. It reads ahead, so nothing else may read from the source. Not safe for
// concurrent use.
type Reader struct {
	win    window
	limits Limits
	err    error // framing is lost for good
	lateLF bool  // the header block ended with a CR whose LF may still come

	request  *Request
	response *Response
	channel  uint8
	payload  []byte
}

// NewReader returns a Reader of r. A nil l means the default limits. It reads nothing yet.
func NewReader(r io.Reader, l *Limits) *Reader {
	return &Reader{win: window{src: r, buf: make([]byte, firstWindow)}, limits: l.OrDefaults()}
}

// SetLimits changes what is taken from now on: a server takes more of who has shown what he is. A nil l means the default limits.
func (r *Reader) SetLimits(l *Limits) { r.limits = l.OrDefaults() }

// Next reads one item. Blank lines before it are skipped.
//
// An error of the source comes back as it is: io.EOF between items, io.ErrUnexpectedEOF within one. A message that breaks the
// rules is a *[MessageError]; the Kind then says what it was as far as that is known (else 0), and Request or Response return
// what could be read of it, if its first line could. That is how a server looks at a request of another RTSP version, which
// is refused with 505. A response is never refused for its version, its CSeq or single header lines that make no sense.
func (r *Reader) Next() (Kind, error) {
	r.request, r.response, r.payload = nil, nil, nil
	if err := r.Wait(); err != nil {
		return 0, err
	}
	if r.win.buf[r.win.r] == '$' {
		return r.readFrame()
	}
	return r.readMessage()
}

// Wait blocks until the first byte of the next item is there, so that the caller can tell an idle peer from one that has begun
// to speak. It consumes nothing but blank lines; after an error of the source, such as a passed deadline, both Wait and Next
// may be called again.
func (r *Reader) Wait() error {
	if r.err != nil {
		return r.err
	}
	for {
		r.skipLineEnds()
		if r.win.len() > 0 {
			return nil
		}
		if err := r.win.fill(1); err != nil {
			return err
		}
	}
}

// skipLineEnds drops the CR and LF bytes at the front of the window.
func (r *Reader) skipLineEnds() {
	w := &r.win
	for w.r < w.w && (w.buf[w.r] == '\r' || w.buf[w.r] == '\n') {
		w.r++
	}
}

// Request returns the request that Next read, nil if it read something else. It is the caller's to keep.
func (r *Reader) Request() *Request { return r.request }

// Response returns the response that Next read, nil if it read something else. It is the caller's to keep.
func (r *Reader) Response() *Response { return r.response }

// Frame returns the channel and the payload of the frame that Next read. The payload is a view, valid until the next call of
// Next or Wait.
func (r *Reader) Frame() (channel uint8, payload []byte) { return r.channel, r.payload }

// Buffered returns the number of bytes of further items that were read from the source and not yet consumed by Next: 0 at the
// end of a burst, even when blank lines follow it.
func (r *Reader) Buffered() int {
	r.skipLineEnds()
	return r.win.len()
}

// FrameBuffered reports whether the next item is a frame that is already here as a whole: Next will return it without reading
// from the source.
func (r *Reader) FrameBuffered() bool {
	if r.err != nil {
		return false
	}
	r.skipLineEnds()
	b := r.win.bytes()
	return len(b) >= FrameHeaderSize && b[0] == '$' && len(b) >= frameSize(b)
}

// Begins reports whether the next byte is here already, and is b.
func (r *Reader) Begins(b byte) bool { return r.Buffered() > 0 && r.win.buf[r.win.r] == b }

// Detach returns what was read ahead and not yet consumed by Next, and forgets it: for whoever goes on reading the source in
// another protocol, such as TLS. The bytes are the caller's to keep.
func (r *Reader) Detach() []byte {
	b := append([]byte(nil), r.win.bytes()...)
	r.win.r, r.win.w = 0, 0
	return b
}

// truncated is err for a reader that is in the middle of something.
func truncated(err error) error {
	if err == io.EOF { //nolint:errorlint // io.Reader promises io.EOF itself
		return io.ErrUnexpectedEOF
	}
	return err
}
