package source

import (
	"context"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/hostile"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/rtsptest"
	"github.com/baton-rtsp/baton/sdp"
)

// FuzzHostileCamera pulls a camera that sends whatever it likes, as media and as reports, of every payload format. SEC-01: the client, what
// counts and what keeps the packets neither panic nor hang, and take no more memory than a few times what came.
func FuzzHostileCamera(f *testing.F) {
	all := hostile.Recordings(f)
	for i, r := range all {
		f.Add(uint8(i), r.Script(40))
	}
	f.Fuzz(func(t *testing.T, which uint8, script []byte) {
		r := &all[int(which)%len(all)]
		payloadType := r.Media(t).FormatList()[0].PayloadType
		client, server := net.Pipe()
		cam := &rtsptest.Camera{Description: r.Description}
		cam.ServeConn(server)
		defer cam.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		in, n := 0, 0
		sent := make(chan struct{})
		dialled := false
		p := &Pull{
			URLs: []string{"rtsp://192.0.2.1/stream"}, Logger: slog.New(slog.DiscardHandler),
			Client: rtspclient.Config{Lowers: []rtspclient.Lower{rtspclient.TCP}, Dial: func(context.Context, *rtsp.URL) (net.Conn, error) {
				if dialled {
					return nil, net.ErrClosed
				}
				dialled = true
				return client, nil
			}},
			Described: func(desc *sdp.Session) *rtspserver.Live {
				go func() { // ends when all is sent
					defer close(sent)
					for _, p := range hostile.Packets(script, payloadType) {
						cam.Send(0, n%8 == 7, p[:min(len(p), 65535)])
						in, n = in+len(p), n+1
					}
					cam.Drop()
					cancel()
				}()
				return rtspserver.NewLive(desc, nil)
			},
		}
		cost := hostile.Cost(func() {
			p.Run(ctx)
			<-sent
		})
		if bound := uint64(8*in + 600*n + 1<<20); cost > bound {
			t.Errorf("%d bytes of memory for %d in %d packets: at most %d", cost, in, n, bound)
		}
	})
}
