package rtspclient_test

import (
	"errors"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/internal/simnet"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtsptest"
	"github.com/baton-rtsp/baton/sdp"
)

// on changes the answers to one method.
func on(m rtsp.Method, change func(req *rtsp.Request, resp *rtsp.Response)) func(*rtsp.Request, *rtsp.Response) {
	return func(req *rtsp.Request, resp *rtsp.Response) {
		if req.Method == m {
			change(req, resp)
		}
	}
}

// Cameras that do what no standard says are played all the same.
func TestCamerasWithQuirks(t *testing.T) {
	header := func(name, value string) func(*rtsp.Request, *rtsp.Response) {
		return func(_ *rtsp.Request, resp *rtsp.Response) { resp.Header.Set(name, value) }
	}
	drop := func(name string) func(*rtsp.Request, *rtsp.Response) {
		return func(_ *rtsp.Request, resp *rtsp.Response) { resp.Header.Del(name) }
	}
	status := func(code rtsp.StatusCode) func(*rtsp.Request, *rtsp.Response) {
		return func(_ *rtsp.Request, resp *rtsp.Response) { resp.Status = code }
	}
	for name, answer := range map[string]func(*rtsp.Request, *rtsp.Response){
		"CAP-18: OPTIONS is unknown":                on(rtsp.MethodOptions, status(rtsp.StatusNotImplemented)),
		"CAP-18: OPTIONS finds nothing":             on(rtsp.MethodOptions, status(rtsp.StatusNotFound)),
		"CON-10: no CSeq":                           func(_ *rtsp.Request, resp *rtsp.Response) { resp.Header.Del("CSeq") },
		"CON-10: a wrong CSeq":                      func(_ *rtsp.Request, resp *rtsp.Response) { resp.Header.Set("CSeq", "900") },
		"CON-10: no number":                         func(_ *rtsp.Request, resp *rtsp.Response) { resp.Header.Set("CSeq", "x") },
		"SYN-26: an unknown status of success":      on(rtsp.MethodPlay, status(299)),
		"SYN-32: Content-Base has its scheme twice": on(rtsp.MethodDescribe, header("Content-Base", "rtsp://rtsp://192.0.2.1/stream/")),
		"SYN-32: Content-Base has no scheme":        on(rtsp.MethodDescribe, header("Content-Base", "192.0.2.1:554/stream/")),
		"SYN-32: Content-Base is nonsense":          on(rtsp.MethodDescribe, header("Content-Base", "::::")),
		"URL-01: Content-Location": on(rtsp.MethodDescribe, func(req *rtsp.Request, resp *rtsp.Response) {
			resp.Header.Del("Content-Base")
			resp.Header.Set("Content-Location", req.URI)
		}),
		"URL-01: no base":                       on(rtsp.MethodDescribe, drop("Content-Base")),
		"DSC-02: no Content-Type":               on(rtsp.MethodDescribe, drop("Content-Type")),
		"DSC-02: with a charset":                on(rtsp.MethodDescribe, header("Content-Type", "application/sdp;charset=utf-8")),
		"DSC-02: NULs at the end":               on(rtsp.MethodDescribe, func(_ *rtsp.Request, resp *rtsp.Response) { resp.Body = append(resp.Body, 0, 0, 0) }),
		"SES-04: no Session before PLAY":        on(rtsp.MethodOptions, drop("Session")),
		"TRN: no Transport in the answer":       on(rtsp.MethodSetup, drop("Transport")),
		"FRM-12: other channels than asked for": on(rtsp.MethodSetup, header("Transport", "RTP/AVP/TCP;unicast;interleaved=10-11")),
		"FRM-12: one channel":                   on(rtsp.MethodSetup, header("Transport", "RTP/AVP/TCP;unicast;interleaved=0")),
		"TRN: without /TCP":                     on(rtsp.MethodSetup, header("Transport", "RTP/AVP;unicast;interleaved=0-1")),
		"TRN-12: parameters in another order":   on(rtsp.MethodSetup, header("Transport", "RTP/AVP/TCP;ssrc=12;interleaved=0-1;unicast")),
		"TRN-15: the SSRC is another":           on(rtsp.MethodSetup, header("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=DEADBEEF")),
		"RTI-08: RTP-Info is nonsense":          on(rtsp.MethodPlay, header("RTP-Info", "seq=;;,url")),
		"URL-08: tracks are known by the other rule": on(rtsp.MethodSetup, func(req *rtsp.Request, resp *rtsp.Response) {
			if req.URI != "rtsp://192.0.2.1/trackID=0" && strings.HasSuffix(req.URI, "stream/trackID=0") {
				resp.Status = rtsp.StatusNotFound
			}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			cam := &rtsptest.Camera{Answer: answer}
			if strings.HasPrefix(name, "URL-08") {
				cam.Answer = func(req *rtsp.Request, resp *rtsp.Response) {
					on(rtsp.MethodDescribe, drop("Content-Base"))(req, resp)
					answer(req, resp)
				}
			}
			with(t, cam, func(t *testing.T, w *world) {
				c := w.play()
				defer c.Close()
				synctest.Wait()
				w.cam.Send(0, false, packet(1))
				if seqs, _ := w.came(); len(seqs) != 1 {
					t.Errorf("%d packets came", len(seqs))
				}
			})
		})
	}
}

// TRN-12: a camera that does not name its ports is sent to where its datagrams come from.
func TestPortsThatAreNotNamedAreLearned(t *testing.T) {
	with(t, &rtsptest.Camera{Answer: on(rtsp.MethodSetup, func(req *rtsp.Request, resp *rtsp.Response) {
		resp.Header.Set("Transport", req.Header.Get("Transport"))
	})}, func(t *testing.T, w *world) {
		stop := w.feed()
		c, err := rtspclient.Play(t.Context(), url, w.over(rtspclient.UDP))
		if err != nil {
			t.Fatal(err)
		}
		before := w.net.Stats().Sent
		w.cam.Send(0, true, []byte{0x80, 201, 0, 1, 0, 0, 0, 7})
		stop()
		wait(6 * time.Second)
		if w.net.Stats().Sent <= before+1 {
			t.Error("no report was sent")
		}
		c.Close()
	})
}

// FRM-11: reports are known by what they are, on whichever channel they come.
func TestChannelsThatAreMixedUp(t *testing.T) {
	with(t, &rtsptest.Camera{}, func(t *testing.T, w *world) {
		c := w.play()
		defer c.Close()
		w.cam.Write(rtsp.AppendFrame(nil, 1, packet(5)))
		w.cam.Write(rtsp.AppendFrame(nil, 0, []byte{0x80, 201, 0, 1, 0, 0, 0, 7}))
		w.cam.Write(rtsp.AppendFrame(nil, 200, packet(6))) // of nobody
		if seqs, rtcp := w.came(); !slices.Equal(seqs, []uint16{5}) || rtcp != 1 {
			t.Errorf("%d, %d", seqs, rtcp)
		}
	})
}

// SES-04, SES-13, SES-14, CAP-17: the session is kept alive at half its timeout, for the aggregate URL and with the method
// that the server lists, whether it answers or not.
func TestKeepAlive(t *testing.T) {
	for name, test := range map[string]struct {
		cam    *rtsptest.Camera
		method rtsp.Method
		every  time.Duration
	}{
		"default":          {&rtsptest.Camera{}, rtsp.MethodGetParameter, 30 * time.Second},
		"short":            {&rtsptest.Camera{Timeout: 6}, rtsp.MethodGetParameter, 3 * time.Second},
		"no GET_PARAMETER": {&rtsptest.Camera{Public: "OPTIONS, DESCRIBE, SETUP, PLAY", Timeout: 10}, rtsp.MethodOptions, 5 * time.Second},
		"never answered":   {&rtsptest.Camera{Timeout: 10, Answer: on(rtsp.MethodGetParameter, func(_ *rtsp.Request, r *rtsp.Response) { r.Status = 0 })}, rtsp.MethodGetParameter, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			with(t, test.cam, func(t *testing.T, w *world) {
				c := w.play()
				defer c.Close()
				before := w.cam.Count(test.method)
				wait(4*test.every + time.Millisecond)
				if n := w.cam.Count(test.method) - before; n != 4 || c.Err() != nil {
					t.Errorf("%d in four times %v, %v", n, test.every, c.Err())
				}
				last := w.cam.Requests()[len(w.cam.Requests())-1]
				if last.URI != "rtsp://192.0.2.1/stream/" || last.Header.Get("Session") != "4711" || last.Header.Get("User-Agent") == "" {
					t.Errorf("%s %v", last.URI, last.Header)
				}
			})
		})
	}
}

// CON-11: requests of the server are answered while media flows, those that are not known with 501.
func TestRequestsOfTheServerAreAnswered(t *testing.T) {
	var answers []string
	with(t, &rtsptest.Camera{}, func(t *testing.T, w *world) {
		w.cfg.Trace = func(tr rtspclient.Trace) {
			if s := string(tr.Data); tr.Message && tr.Sent && strings.HasPrefix(s, "RTSP/1.0") {
				line, _, _ := strings.Cut(s, "\r\n")
				answers = append(answers, line)
			}
		}
		c := w.play()
		defer c.Close()
		for _, m := range []string{"GET_PARAMETER", "OPTIONS", "SET_PARAMETER", "PLAY_NOTIFY", "FETCH"} {
			w.cam.Write([]byte(m + " * RTSP/1.0\r\nCSeq: 1\r\n\r\n"))
		}
		w.cam.Send(0, false, packet(1))
		seqs, _ := w.came()
		want := []string{"RTSP/1.0 200 OK", "RTSP/1.0 200 OK", "RTSP/1.0 200 OK", "RTSP/1.0 501 Not Implemented", "RTSP/1.0 501 Not Implemented"}
		if diff := cmp.Diff(want, answers); diff != "" || len(seqs) != 1 {
			t.Errorf("%d packets, %s", len(seqs), diff)
		}
	})
}

// ANN-10: a description that changes is read again.
func TestAnnounceOfTheServer(t *testing.T) {
	with(t, &rtsptest.Camera{}, func(t *testing.T, w *world) {
		var told *sdp.Session
		w.cfg.Described = func(s *sdp.Session) { told = s }
		c := w.play()
		defer c.Close()
		body := strings.Replace(rtsptest.Video, "s=camera", "s=other", 1)
		w.cam.Write((&rtsp.Request{Method: rtsp.MethodAnnounce, URI: url, Header: rtsp.Header{{Name: "CSeq", Value: "1"}, {Name: "Content-Type", Value: "application/sdp"}}, Body: []byte(body)}).Append(nil))
		synctest.Wait()
		if told == nil || told.Name != "other" || c.Description().Name != "other" {
			t.Errorf("%+v", told)
		}
	})
}

// A server that ends the session ends the client; one that goes away does too.
func TestEndsOfAClient(t *testing.T) {
	with(t, &rtsptest.Camera{}, func(t *testing.T, w *world) {
		c := w.play()
		w.cam.Write([]byte("TEARDOWN * RTSP/1.0\r\nCSeq: 1\r\n\r\n"))
		synctest.Wait()
		if !errors.Is(c.Err(), rtspclient.ErrEnded) {
			t.Error(c.Err())
		}
		c.Close()
		c = w.play()
		w.cam.Drop()
		synctest.Wait()
		if c.Err() == nil {
			t.Error("it goes on")
		}
		if _, err := c.GetParameter(t.Context()); err == nil || errors.Is(err, net.ErrClosed) {
			t.Errorf("a request afterwards: %v", err)
		}
		c.Close()
	})
}

// A request that is not answered ends with an error that says so, and the client goes on.
func TestRequestsTimeOut(t *testing.T) {
	var answers atomic.Bool
	with(t, &rtsptest.Camera{Answer: on(rtsp.MethodSetParameter, func(_ *rtsp.Request, r *rtsp.Response) {
		if !answers.Load() {
			r.Status = 0
		}
	})}, func(t *testing.T, w *world) {
		c := w.play()
		defer c.Close()
		var timeout *rtspclient.TimeoutError
		err := c.SetParameter(t.Context(), rtsp.Parameter{Name: "a", Value: "b"})
		if !errors.As(err, &timeout) || timeout.Method != rtsp.MethodSetParameter || !timeout.Timeout() {
			t.Error(err)
		}
		answers.Store(true)
		if err := c.SetParameter(t.Context(), rtsp.Parameter{Name: "a", Value: "b"}); err != nil {
			t.Error(err)
		}
	})
}

// A track that is set up again on the channels that it had goes on.
func TestSetUpAgain(t *testing.T) {
	with(t, &rtsptest.Camera{Answer: on(rtsp.MethodSetup, func(_ *rtsp.Request, resp *rtsp.Response) {
		resp.Header.Set("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")
	})}, func(t *testing.T, w *world) {
		c := w.play()
		defer c.Close()
		if _, err := c.Setup(t.Context(), 0, rtspclient.TCP); err != nil {
			t.Fatal(err)
		}
		w.cam.Send(0, false, packet(1))
		if seqs, _ := w.came(); len(seqs) != 1 {
			t.Errorf("%d packets came", len(seqs))
		}
	})
}

// Close does not wait for a server that reads nothing any more.
func TestCloseOfAStuckConnection(t *testing.T) {
	with(t, &rtsptest.Camera{}, func(t *testing.T, w *world) {
		c := w.play()
		w.net.SetLink(clientHost, cameraHost, simnet.Link{Down: true})
		ended := make(chan struct{})
		go func() { // ends with its request
			defer close(ended)
			c.SetParameter(t.Context(), rtsp.Parameter{Name: "a", Value: strings.Repeat("b", 200_000)})
		}()
		synctest.Wait()
		begun := time.Now()
		c.Close()
		<-ended
		if d := time.Since(begun); d > 3*time.Second {
			t.Errorf("closed after %v", d)
		}
		w.net.SetLink(clientHost, cameraHost, simnet.Link{})
	})
}
