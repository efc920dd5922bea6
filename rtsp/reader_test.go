package rtsp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// splits are ways in which a transport may cut a stream.
func splits() map[string]func(io.Reader) io.Reader {
	return map[string]func(io.Reader) io.Reader{
		"whole":     func(r io.Reader) io.Reader { return r },
		"one byte":  iotest.OneByteReader,
		"halves":    iotest.HalfReader,
		"data+EOF":  iotest.DataErrReader,
		"odd sizes": func(r io.Reader) io.Reader { return &oddReader{src: r} },
	}
}

// An oddReader reads 1, 2, 3, … 7, 1, … bytes at a time.
type oddReader struct {
	src io.Reader
	n   int
}

func (r *oddReader) Read(b []byte) (int, error) {
	r.n = r.n%7 + 1
	return r.src.Read(b[:min(len(b), r.n)])
}

// CON-04: any split gives the same. SYN-01, SYN-03, SYN-04, SYN-06, SYN-07, SYN-08, SYN-10, SYN-12..14,
// SYN-16, SYN-18, SYN-26, SYN-31, FRM-02, CON-01, CON-10, CON-12: see the table.
func TestMessagesAreReadHoweverTheyAreSplit(t *testing.T) {
	for _, m := range goodMessages() {
		for split, cut := range splits() {
			t.Run(m.name+"/"+split, func(t *testing.T) {
				r := NewReader(cut(strings.NewReader(m.raw+m.raw)), nil)
				for range 2 {
					wantMessage(t, r, m)
				}
				if _, err := r.Next(); err != io.EOF {
					t.Errorf("at the end: %v, want io.EOF", err)
				}
			})
		}
	}
}

func wantMessage(t *testing.T, r *Reader, m message) {
	t.Helper()
	kind, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	want := KindRequest
	if m.response != nil {
		want = KindResponse
	}
	if kind != want {
		t.Fatalf("kind %d, want %d", kind, want)
	}
	if diff := cmp.Diff(m.request, r.Request()); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(m.response, r.Response()); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
}

// SYN-02, SYN-05: what is emitted has CRLF only, is never folded, and means the same.
func TestMessagesSurviveARoundTrip(t *testing.T) {
	for _, m := range goodMessages() {
		t.Run(m.name, func(t *testing.T) {
			var b []byte
			if m.request != nil {
				b = m.request.Append(nil)
			} else {
				b = m.response.Append(nil)
			}
			wantCleanLines(t, b)
			r := NewReader(bytes.NewReader(b), nil)
			if _, err := r.Next(); err != nil {
				t.Fatal(err)
			}
			var again []byte
			if m.request != nil {
				again = r.Request().Append(nil)
			} else {
				again = r.Response().Append(nil)
			}
			if !bytes.Equal(b, again) {
				t.Errorf("%q\nthen %q", b, again)
			}
		})
	}
}

func wantCleanLines(t *testing.T, b []byte) {
	t.Helper()
	head, _, found := bytes.Cut(b, []byte("\r\n\r\n"))
	if !found {
		t.Fatalf("no end of headers in %q", b)
	}
	for line := range strings.SplitSeq(string(head), "\r\n") {
		if strings.ContainsAny(line, "\r\n\x00") || line == "" || isBlank(line[0]) {
			t.Errorf("bad line %q in %q", line, b)
		}
	}
}

func TestAMessageCutShortIsUnexpectedEOF(t *testing.T) {
	for _, m := range goodMessages() {
		for i := range cuts(m.raw[:len(m.raw)-1]) { // the very last LF may be missing: the CR ended the line
			r := NewReader(strings.NewReader(m.raw[:i]), nil)
			want := io.ErrUnexpectedEOF
			if strings.Trim(m.raw[:i], "\r\n") == "" {
				want = io.EOF
			}
			if _, err := r.Next(); err != want && !strings.HasSuffix(m.raw[:i], "\r\r") {
				t.Fatalf("%s: %q: %v, want %v", m.name, m.raw[:i], err, want)
			}
		}
	}
	for _, m := range badMessages() {
		for i := range cuts(m.raw) {
			r := NewReader(strings.NewReader(m.raw[:i]), nil)
			if _, err := r.Next(); err == nil {
				t.Fatalf("%s: %q: no error", m.name, m.raw[:i])
			}
		}
	}
}

// cuts yields every length at which raw may be cut short, in the middle of long ones only some.
func cuts(raw string) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i < len(raw); i++ {
			if 600 < i && i < len(raw)-300 && i%997 != 0 {
				continue
			}
			if !yield(i) {
				return
			}
		}
	}
}

// CON-02, SYN-11, SYN-14, SYN-15, SYN-16, ERR-400, ERR-505, see the table: a refusal names the CSeq if it could be
// read, and the next message is read unless framing is lost.
func TestBadMessagesAreRefusedAndFramingKept(t *testing.T) {
	for _, m := range badMessages() {
		for split, cut := range splits() {
			t.Run(m.name+"/"+split, func(t *testing.T) {
				next := "OPTIONS * RTSP/1.0\r\nCSeq: 99\r\n\r\n"
				r := NewReader(cut(strings.NewReader(m.raw+next)), nil)
				wantRefusal(t, r, m)
				_, err := r.Next()
				if m.want.Fatal {
					var again *MessageError
					if !errors.As(err, &again) || !again.Fatal {
						t.Errorf("after framing was lost: %v", err)
					}
					return
				}
				if err != nil || r.Request().Header.Get("CSeq") != "99" {
					t.Errorf("next message: %v, %v", r.Request(), err)
				}
			})
		}
	}
}

func wantRefusal(t *testing.T, r *Reader, m refusal) {
	t.Helper()
	_, err := r.Next()
	var got *MessageError
	if !errors.As(err, &got) {
		t.Fatalf("error %v, want a MessageError", err)
	}
	if got.Status != m.want.Status || got.CSeq != m.want.CSeq || got.Fatal != m.want.Fatal || got.Err == nil {
		t.Errorf("got %+v, want %+v", *got, m.want)
	}
	uri := ""
	if r.Request() != nil {
		uri = r.Request().URI
	}
	if uri != m.uri {
		t.Errorf("request kept: %q, want %q", uri, m.uri)
	}
}

// SYN-15: a body over the limit is refused before any of it came.
func TestALongBodyIsRefusedAtOnce(t *testing.T) {
	raw := "ANNOUNCE rtsp://h/p RTSP/1.0\r\nCSeq: 7\r\nContent-Length: 2000000\r\n\r\n"
	r := NewReader(io.MultiReader(strings.NewReader(raw), iotest.ErrReader(errBlocked)), nil)
	if _, err := r.Next(); StatusOf(err) != StatusRequestEntityTooLarge {
		t.Errorf("got %v, want 413", err)
	}
}

var errBlocked = errors.New("read further")

// SYN-01: a CR ends its line the moment it comes, without a look at what follows.
func TestABareCRIsNotWaitedOn(t *testing.T) {
	for _, raw := range []string{
		"OPTIONS * RTSP/1.0\rCSeq: 1\r\r",
		"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r",
		"OPTIONS * RTSP/1.0\nCSeq: 1\n\r",
	} {
		for split, cut := range splits() {
			r := NewReader(cut(io.MultiReader(strings.NewReader(raw), iotest.ErrReader(errBlocked))), nil)
			if _, err := r.Next(); err != nil {
				t.Errorf("%s: %q: %v", split, raw, err)
			}
		}
	}
}

// SYN-14: what is promised and not sent costs no memory.
func TestAPromisedBodyCostsNoMemory(t *testing.T) {
	raw := "ANNOUNCE rtsp://h/p RTSP/1.0\r\nCSeq: 7\r\nContent-Length: 1000000\r\n\r\nabc"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := NewReader(strings.NewReader(raw), nil).Next()
	runtime.ReadMemStats(&after)
	if err != io.ErrUnexpectedEOF {
		t.Errorf("got %v", err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 64<<10 {
		t.Errorf("%d bytes allocated", n)
	}
}

func TestALargeBodyIsReadWhole(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789"), 100_000)
	req := Request{Method: MethodAnnounce, URI: "*", Header: Header{{"CSeq", "1"}}, Body: body}
	for split, cut := range splits() {
		r := NewReader(cut(bytes.NewReader(req.Append(nil))), nil)
		if _, err := r.Next(); err != nil || !bytes.Equal(r.Request().Body, body) {
			t.Errorf("%s: %v", split, err)
		}
	}
}

// FRM-03, FRM-05, FRM-07: frames of any channel and size between messages.
func TestFramesAndMessagesMix(t *testing.T) {
	var b []byte
	var want []string
	for i, size := range []int{0, 4, 1500, 65535, 9000, 1} {
		payload := bytes.Repeat([]byte("TEARDOWN rtsp://h/p RTSP/1.0\r\n\r\n"), size/32+1)[:size]
		b = AppendFrame(b, uint8(99+i), payload)
		b = append(b, fmt.Sprintf("GET_PARAMETER * RTSP/1.0\r\nCSeq: %d\r\n\r\n", i)...)
		b = AppendFrame(b, 1, nil)
		want = append(want, fmt.Sprintf("frame %d %x", 99+i, payload), fmt.Sprintf("request %d", i), "frame 1 ")
	}
	for split, cut := range splits() {
		r := NewReader(cut(bytes.NewReader(b)), nil)
		var got []string
		for {
			kind, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			switch kind {
			case KindFrame:
				channel, payload := r.Frame()
				got = append(got, fmt.Sprintf("frame %d %x", channel, payload))
			default:
				got = append(got, "request "+r.Request().Header.Get("CSeq"))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d items, want %d", split, len(got), len(want))
		}
	}
}

// FRM-01: "$", channel, length, payload, nothing else.
func TestAppendFrame(t *testing.T) {
	if got := AppendFrame([]byte("x"), 5, []byte("abc")); string(got) != "x$\x05\x00\x03abc" {
		t.Errorf("%q", got)
	}
	if got := AppendFrame(nil, 5, make([]byte, MaxFramePayload)); len(got) != 65539 || got[2] != 255 || got[3] != 255 {
		t.Errorf("largest frame: %d bytes", len(got))
	}
	if got := AppendFrame([]byte("x"), 5, make([]byte, MaxFramePayload+1)); string(got) != "x" {
		t.Errorf("too large a payload: %d bytes", len(got))
	}
}

func TestAFrameCutShortIsUnexpectedEOF(t *testing.T) {
	frame := AppendFrame(nil, 0, []byte("0123456789"))
	for i := 1; i < len(frame); i++ {
		if _, err := NewReader(bytes.NewReader(frame[:i]), nil).Next(); err != io.ErrUnexpectedEOF {
			t.Errorf("%d bytes: %v", i, err)
		}
	}
}

// The start of a request can be told from silence, and blank lines are silence.
func TestWaitTellsIdleFromStarted(t *testing.T) {
	pr, pw := io.Pipe()
	defer pw.Close()
	r := NewReader(pr, nil)
	started := make(chan error)
	go func() { started <- r.Wait() }() // ends when a byte comes
	if _, err := pw.Write([]byte("\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-started:
		t.Fatalf("blank lines taken for a start: %v", err)
	default:
	}
	if _, err := pw.Write([]byte("O")); err != nil {
		t.Fatal(err)
	}
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	if n := r.Buffered(); n != 1 {
		t.Errorf("%d bytes buffered, want 1", n)
	}
}

// A deadline that passes in the middle of a header block loses nothing.
func TestNextGoesOnAfterATimeout(t *testing.T) {
	raw := "OPTIONS * RTSP/1.0\r\nCSeq: 8\r\n\r\n"
	r := NewReader(iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(raw))), nil)
	if _, err := r.Next(); err != iotest.ErrTimeout {
		t.Fatalf("got %v", err)
	}
	if _, err := r.Next(); err != nil || r.Request().Header.Get("CSeq") != "8" {
		t.Errorf("after the timeout: %v", err)
	}
}

func TestASourceThatReturnsNothingIsGivenUp(t *testing.T) {
	if _, err := NewReader(emptyReader{}, nil).Next(); err != io.ErrNoProgress {
		t.Errorf("got %v", err)
	}
}

type emptyReader struct{}

func (emptyReader) Read([]byte) (int, error) { return 0, nil }

func TestBufferedTellsTheEndOfABurst(t *testing.T) {
	burst := AppendFrame(AppendFrame(nil, 0, []byte("ab")), 0, []byte("cd"))
	part := burst[:len(burst)-1]
	r := NewReader(bytes.NewReader(part), nil)
	if r.FrameBuffered() {
		t.Error("a frame before anything was read")
	}
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if r.Buffered() != 5 || r.FrameBuffered() {
		t.Errorf("buffered %d, whole frame %v; want 5 bytes of one", r.Buffered(), r.FrameBuffered())
	}
	r = NewReader(bytes.NewReader(append(burst, "OPTIONS"...)), nil)
	for _, frame := range []bool{true, false} {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		if r.FrameBuffered() != frame {
			t.Errorf("whole frame buffered: %v, want %v", !frame, frame)
		}
	}
}

func TestLimitsAreTheCallers(t *testing.T) {
	limits := &Limits{Line: 30, HeaderLine: 20, Headers: 2, HeaderBlock: 60, Body: 3}
	for _, c := range []struct {
		raw    string
		status StatusCode
		fatal  bool
	}{
		{"OPTIONS * RTSP/1.0\nCSeq: 1\nA: 1\n\n", 200, false},
		{"OPTIONS * RTSP/1.0\nCSeq: 1\nA: 1\nB: 2\n\n", 400, false},
		{"OPTIONS * RTSP/1.0\nCSeq: 1\nA: 1234567890123456789\n\n", 400, false},
		{"OPTIONS rtsp://h/12345678 RTSP/1.0\nCSeq: 1\n\n", 414, false},
		{"OPTIONS * RTSP/1.0\nCSeq: 1\nContent-Length: 3\n\nabc", 200, false},
		{"OPTIONS * RTSP/1.0\nCSeq: 1\nContent-Length: 4\n\nabcd", 413, true},
		{"OPTIONS * RTSP/1.0\nCSeq: 1\nA: 1\nB: 1\nC: 1\nD: 1\nE: 1\nF: 1\nG: 1\nH: 1\nI: 1\nJ: 1\nK: 1\nL: 1\nM: 1\n\n", 400, true},
	} {
		_, err := NewReader(strings.NewReader(c.raw), limits).Next()
		var bad *MessageError
		fatal := errors.As(err, &bad) && bad.Fatal
		if StatusOf(err) != c.status || fatal != c.fatal {
			t.Errorf("%q: %v, want %d, fatal %v", c.raw, err, c.status, c.fatal)
		}
	}
}

// A frame that is larger than the limit is read over, and what follows it is read.
func TestLargeFramesAreReadOver(t *testing.T) {
	raw := append(AppendFrame(AppendFrame(nil, 1, make([]byte, 65535)), 2, []byte("small")), "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"...)
	r := NewReader(bytes.NewReader(raw), &Limits{Frame: 100})
	if kind, err := r.Next(); kind != KindFrame || err != nil {
		t.Fatal(kind, err)
	}
	if channel, b := r.Frame(); channel != 1 || b != nil || len(r.win.buf) > 2*firstWindow {
		t.Errorf("channel %d: %d bytes, %d are held", channel, len(b), len(r.win.buf))
	}
	if kind, err := r.Next(); kind != KindFrame || err != nil || string(r.payload) != "small" {
		t.Errorf("%v, %v: %q", kind, err, r.payload)
	}
	r.SetLimits(nil)
	if kind, err := r.Next(); kind != KindRequest || err != nil {
		t.Errorf("%v, %v", kind, err)
	}
	for n := range 200 { // cut anywhere, it is an end
		r := NewReader(bytes.NewReader(raw[:n]), &Limits{Frame: 100})
		if _, err := r.Next(); n > 0 && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
}

func TestReaderAllocs(t *testing.T) {
	for _, c := range []struct {
		name string
		raw  []byte
		max  float64
	}{
		{"frame", AppendFrame(nil, 0, make([]byte, 1400)), 0},
		{"large frame", AppendFrame(nil, 0, make([]byte, 65535)), 0},
		{"SETUP", []byte(setup), 3},
		{"ANNOUNCE", []byte("ANNOUNCE * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 3\r\n\r\nabc"), 4},
	} {
		r := NewReader(&loopReader{data: c.raw}, nil)
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		got := testing.AllocsPerRun(1000, func() {
			if _, err := r.Next(); err != nil {
				t.Fatal(err)
			}
		})
		if got > c.max {
			t.Errorf("%s: %v allocations, want at most %v", c.name, got, c.max)
		}
	}
}

// setup is what FFmpeg sends.
const setup = "SETUP rtsp://127.0.0.1:8554/cam/trackID=0 RTSP/1.0\r\nTransport: RTP/AVP/UDP;unicast;client_port=25630-25631\r\n" +
	"CSeq: 3\r\nUser-Agent: Lavf61.7.100\r\nSession: 4f2a6c8e90b1d3f5\r\n\r\n"

// A loopReader is an endless stream of the same bytes.
type loopReader struct {
	data []byte
	pos  int
}

func (r *loopReader) Read(b []byte) (n int, err error) {
	for n < len(b) {
		k := copy(b[n:], r.data[r.pos:])
		n += k
		r.pos = (r.pos + k) % len(r.data)
	}
	return n, nil
}

func BenchmarkReadRequest(b *testing.B) {
	r := NewReader(&loopReader{data: []byte(setup)}, nil)
	b.SetBytes(int64(len(setup)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Next(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadFrame(b *testing.B) {
	frame := AppendFrame(nil, 0, make([]byte, 1400))
	r := NewReader(&loopReader{data: frame}, nil)
	b.SetBytes(int64(len(frame)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Next(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendResponse(b *testing.B) {
	res := Response{Status: StatusOK, Header: Header{
		{"CSeq", "3"}, {"Session", "4f2a6c8e90b1d3f5;timeout=60"},
		{"Transport", "RTP/AVP;unicast;client_port=25630-25631;server_port=8000-8001;ssrc=0A13C760"},
	}}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = res.Append(buf[:0])
	}
}

// What was read ahead can be handed to another protocol, whole and once.
func TestReaderGivesAwayWhatItReadAhead(t *testing.T) {
	r := NewReader(strings.NewReader("\r\n\x16\x03\x01rest"), nil)
	if r.Begins(22) {
		t.Error("begins before anything is read")
	}
	if err := r.Wait(); err != nil || !r.Begins(22) || r.Begins(23) {
		t.Errorf("%v; begins with 22: %v", err, r.Begins(22))
	}
	if b := string(r.Detach()); b != "\x16\x03\x01rest" || r.Buffered() != 0 {
		t.Errorf("%q, and %d bytes are left", b, r.Buffered())
	}
}
