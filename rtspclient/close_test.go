package rtspclient_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtsptest"
)

// A slowPipe is a connection on which a write that is about to set its deadline waits until somebody else has set one.
type slowPipe struct {
	net.Conn
	mu     sync.Mutex
	slow   bool
	begins chan struct{}
	goes   chan struct{}
}

func (p *slowPipe) SetWriteDeadline(at time.Time) error {
	p.mu.Lock()
	waits := p.slow
	p.slow = false
	p.mu.Unlock()
	if waits {
		close(p.begins)
		<-p.goes
	}
	err := p.Conn.SetWriteDeadline(at)
	if !waits && p.goes != nil {
		select {
		case <-p.begins:
			close(p.goes)
			p.goes = nil
		default:
		}
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
		pipe.mu.Lock()
		pipe.slow = true
		pipe.mu.Unlock()
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
