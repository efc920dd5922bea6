package rtspclient_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtsptest"
)

// FRM-14: garbage between frames is stepped over, and no frame behind it is lost; garbage without end ends the client.
func TestGarbageBetweenFrames(t *testing.T) {
	frame := func(seq uint16) []byte { return rtsp.AppendFrame(nil, 0, packet(seq)) }
	for name, test := range map[string]struct {
		junk string
		ends bool
	}{
		"13 bytes":          {"\x80\x01\x02\xff\x00\x05\x06\x07\x08\x09\xfe\x0b\x0c", false},
		"letters":           {"GARBAGE of 13", false},
		"a dollar":          {"$\x09\x00\x05abc$$$", false},
		"a channel":         {"\xff$\x00\x00\x04abcd", false},
		"half an answer":    {"TSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", false},
		"a whole answer":    {"\x01\x02RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", false},
		"many line ends":    {strings.Repeat("\r\n", 100_000), false},
		"nothing else ever": {strings.Repeat("\x01", 70_000), true},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, &rtsptest.Camera{}, func(t *testing.T, w *world) {
				c := w.play()
				defer c.Close()
				w.cam.Write(slices.Concat(frame(1), []byte(test.junk), frame(2), []byte(test.junk), frame(3)))
				seqs, _ := w.came()
				if test.ends {
					if c.Err() == nil {
						t.Error("it goes on")
					}
					return
				}
				if !slices.Equal(seqs, []uint16{1, 2, 3}) || c.Err() != nil {
					t.Fatalf("%d, %v", seqs, c.Err())
				}
				if _, err := c.GetParameter(t.Context()); err != nil { // answers are still found
					t.Error(err)
				}
			})
		})
	}
}

// A frame that comes byte by byte is one frame.
func TestTornFrames(t *testing.T) {
	with(t, &rtsptest.Camera{}, func(t *testing.T, w *world) {
		c := w.play()
		defer c.Close()
		for _, b := range slices.Concat(rtsp.AppendFrame(nil, 0, packet(1)), []byte("\x07\x08"), rtsp.AppendFrame(nil, 0, packet(2))) {
			w.cam.Write([]byte{b})
			if _, rtcp := w.came(); rtcp != 0 {
				t.Error("a report")
			}
		}
		if n := c.Tracks()[0].Stats().Packets; n != 2 {
			t.Errorf("%d packets", n)
		}
	})
}

// What does not speak RTSP is told at once.
func TestAnotherProtocol(t *testing.T) {
	for _, answer := range []string{"SSH-2.0-x\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "\x15\x03\x01\x00\x02\x02"} {
		with(t, &rtsptest.Camera{Answer: func(_ *rtsp.Request, resp *rtsp.Response) { resp.Status = 0 }}, func(t *testing.T, w *world) {
			c, err := rtspclient.Dial(t.Context(), url, &w.cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			w.came()
			w.cam.Write([]byte(answer))
			w.came()
			if c.Err() == nil {
				t.Errorf("%q: it waits", answer)
			}
		})
	}
}

// A trace has messages byte for byte, with whatever is odd about them.
func TestTraceIsWhatWasOnTheWire(t *testing.T) {
	const odd = "OPTIONS  * RTSP/1.0\r\ncseq:7\r\nX-Folded: a\r\n b\r\nContent-Length:3\r\n\r\nabc"
	const lone = "GET_PARAMETER * RTSP/1.0\nCSeq: 8\n\n"
	const plain = "RTSP/1.0 200 Fine\r\nCSEQ : 900\r\n\r\n"
	with(t, &rtsptest.Camera{}, func(t *testing.T, w *world) {
		var got, sent []byte
		w.cfg.Trace = func(tr rtspclient.Trace) {
			if tr.Message && !tr.Sent {
				got = append(got, tr.Data...)
			} else if tr.Message {
				sent = append(sent, tr.Data...)
			}
		}
		c := w.play()
		defer c.Close()
		got, sent = nil, nil
		w.cam.Write(slices.Concat([]byte(odd), rtsp.AppendFrame(nil, 0, packet(1)), []byte(lone), []byte(plain)))
		if seqs, _ := w.came(); len(seqs) != 1 {
			t.Errorf("%d packets", len(seqs))
		}
		if string(got) != odd+lone+plain {
			t.Errorf("%q", got)
		}
		if !bytes.Contains(sent, []byte("CSeq: 7\r\n")) || !bytes.Contains(sent, []byte("CSeq: 8\r\n")) {
			t.Errorf("%q", sent)
		}
	})
}
