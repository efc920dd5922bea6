// Gortsplib is a relay on gortsplib, to be measured beside Baton: publishers by path, readers of each, and nothing else. With
// "pull URL N SECONDS tcp|udp" it pulls sources instead, by the library's client.
package main

import (
	"fmt"
	"log"
	"net"
	"os"
	"sync"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/pion/rtp"
)

type relay struct {
	server *gortsplib.Server

	mu      sync.RWMutex
	streams map[string]*gortsplib.ServerStream
}

func ok() *base.Response      { return &base.Response{StatusCode: base.StatusOK} }
func missing() *base.Response { return &base.Response{StatusCode: base.StatusNotFound} }

func (r *relay) stream(path string) *gortsplib.ServerStream {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.streams[path]
}

func (r *relay) OnDescribe(ctx *gortsplib.ServerHandlerOnDescribeCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if s := r.stream(ctx.Path); s != nil {
		return ok(), s, nil
	}
	return missing(), nil, nil
}

func (r *relay) OnAnnounce(ctx *gortsplib.ServerHandlerOnAnnounceCtx) (*base.Response, error) {
	s := &gortsplib.ServerStream{Server: r.server, Desc: ctx.Description}
	if err := s.Initialize(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.streams[ctx.Path] = s
	return ok(), nil
}

func (r *relay) OnSetup(ctx *gortsplib.ServerHandlerOnSetupCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if ctx.Session.State() == gortsplib.ServerSessionStatePreRecord {
		return ok(), nil, nil
	}
	if s := r.stream(ctx.Path); s != nil {
		return ok(), s, nil
	}
	return missing(), nil, nil
}

func (r *relay) OnPlay(*gortsplib.ServerHandlerOnPlayCtx) (*base.Response, error) { return ok(), nil }

func (r *relay) OnRecord(ctx *gortsplib.ServerHandlerOnRecordCtx) (*base.Response, error) {
	s := r.stream(ctx.Path)
	ctx.Session.OnPacketRTPAny(func(m *description.Media, _ format.Format, p *rtp.Packet) {
		s.WritePacketRTP(m, p) // what a slow reader does not take is lost
	})
	return ok(), nil
}

// pair finds two free UDP ports, the first of which is even.
func pair() (int, error) {
	for {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return 0, err
		}
		port := c.LocalAddr().(*net.UDPAddr).Port
		c.Close()
		if port%2 == 0 && port < 65534 {
			return port, nil
		}
	}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "pull" {
		pull(os.Args[2:])
		return
	}
	port, err := pair()
	if err != nil {
		log.Fatal(err)
	}
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	r := &relay{streams: make(map[string]*gortsplib.ServerStream)}
	r.server = &gortsplib.Server{
		Handler: r, RTSPAddress: ln.Addr().String(),
		UDPRTPAddress: fmt.Sprintf("127.0.0.1:%d", port), UDPRTCPAddress: fmt.Sprintf("127.0.0.1:%d", port+1),
		Listen: func(string, string) (net.Listener, error) { return ln, nil },
	}
	if err := r.server.Start(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("rtsp://" + ln.Addr().String())
	log.Fatal(r.server.Wait())
}
