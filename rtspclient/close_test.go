package rtspclient_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtsptest"
)

// A slowPipe is a connection on which, once it is slow, the first who sets a deadline for writing waits until the next has set his.
type slowPipe struct {
	net.Conn
	slow   atomic.Int32 // 1: the next waits; 2: it does
	begins chan struct{}
	goes   chan struct{}
	once   sync.Once
}

func (p *slowPipe) SetWriteDeadline(at time.Time) error {
	if p.slow.CompareAndSwap(1, 2) {
		close(p.begins)
		<-p.goes
		return p.Conn.SetWriteDeadline(at)
	}
	err := p.Conn.SetWriteDeadline(at)
	if p.slow.Load() == 2 {
		p.once.Do(func() { close(p.goes) })
	}
	return err
}

// Close does not wait long for a write to a server that reads nothing any more, also if that begins in the same moment.
func TestCloseWhileAWriteBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		pipe := &slowPipe{Conn: near, begins: make(chan struct{}), goes: make(chan struct{})}
		c, err := rtspclient.Dial(t.Context(), url, &rtspclient.Config{Dial: func(context.Context, *rtsp.URL) (net.Conn, error) { return pipe, nil }})
		if err != nil {
			t.Fatal(err)
		}
		go func() { // ends with its answer
			rtsp.NewReader(far, nil).Next()
			fmt.Fprintf(far, "RTSP/1.0 200 OK\r\nCSeq: 1\r\nSession: 12345678\r\n\r\n")
		}()
		if _, err := c.Do(t.Context(), rtsp.MethodSetup, url, nil, nil); err != nil {
			t.Fatal(err)
		}
		pipe.slow.Store(1)
		go c.Do(t.Context(), rtsp.MethodOptions, url, nil, nil) // ends with the client
		<-pipe.begins
		begin := time.Now()
		c.Close()
		if d := time.Since(begin); d > 3*time.Second {
			t.Errorf("Close takes %v", d)
		}
		far.Close()
	})
}

// ANN-10: a track that the server has announced since can be set up.
func TestTrackThatWasAnnouncedIsSetUp(t *testing.T) {
	with(t, &rtsptest.Camera{}, func(t *testing.T, w *world) {
		c := w.play()
		defer c.Close()
		w.cam.Write(fmt.Appendf(nil, "ANNOUNCE * RTSP/1.0\r\nCSeq: 1\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
			len(rtsptest.VideoAudio), rtsptest.VideoAudio))
		synctest.Wait()
		if _, err := c.Setup(t.Context(), 1, rtspclient.TCP); err != nil && !strings.Contains(err.Error(), "404") {
			t.Error(err)
		}
	})
}
