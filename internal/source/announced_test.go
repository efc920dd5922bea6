package source

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/rtsptest"
	"github.com/baton-rtsp/baton/sdp"
)

// A camera that announces anything while it plays (ANN-10) harms nobody (SEC-01), and each packet stays one of the track that was set
// up, also while the announcement is looked at.
func TestCameraAnnouncesWhileItPlays(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cam := &rtsptest.Camera{Description: rtsptest.VideoAudio, ListenPair: func() (rtsptest.PacketConn, rtsptest.PacketConn, error) {
		return rtspserver.ListenFreePair(ln.Addr().(*net.TCPAddr).AddrPort().Addr())
	}}
	cam.Serve(ln)
	defer cam.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	adopted := make(chan struct{})
	go func() { // ends with ctx
		defer cancel()
		for cam.Playing() == 0 && ctx.Err() == nil {
			runtime.Gosched()
		}
		for i, left := 0, 300; left > 0 && ctx.Err() == nil; i++ {
			select {
			case <-adopted:
				left--
			default:
				runtime.Gosched()
			}
			cam.Send(1, false, rtp.AppendHeader(nil, rtp.Header{Marker: true, PayloadType: 0, Sequence: uint16(i), SSRC: 2}))
			if i%10 == 0 {
				desc := []string{rtsptest.Video, rtsptest.VideoAudio, "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\n"}[i/10%3]
				cam.Write(fmt.Appendf(nil, "ANNOUNCE * RTSP/1.0\r\nCSeq: 1\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s", len(desc), desc))
			}
		}
	}()
	var live *rtspserver.Live
	(&Pull{
		URLs: []string{"rtsp://" + ln.Addr().String() + "/stream"}, Logger: slog.New(slog.DiscardHandler),
		Client: rtspclient.Config{Lowers: []rtspclient.Lower{rtspclient.UDP}},
		Described: func(desc *sdp.Session) *rtspserver.Live {
			live = rtspserver.NewLive(desc, nil)
			close(adopted)
			return live
		},
	}).Run(ctx)
	if live == nil || live.Timeline().Tracks() != 2 {
		t.Fatalf("not two tracks: %v", live)
	}
	if _, ok := live.Timeline().Upcoming(0); ok {
		t.Error("sound has come to the track of pictures")
	}
	if _, ok := live.Timeline().Upcoming(1); !ok {
		t.Error("no sound has come")
	}
}
