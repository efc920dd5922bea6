package rtspclient_test

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
)

// FuzzHostileServer has a server answer each request with the next piece of what was found, then the rest: nothing of it may
// make the client panic, hang, or take much more memory than was sent.
func FuzzHostileServer(f *testing.F) {
	const ok = "RTSP/1.0 200 OK\r\nCSeq: "
	f.Add([]byte(ok + "1\r\nPublic: OPTIONS\r\n\r\n\x00" + ok + "2\r\nContent-Length: 44\r\n\r\nv=0\r\ns=-\r\nm=video 0 RTP/AVP 96\r\na=control:a\r\n\x00" +
		ok + "3\r\nSession: 1\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n\x00" + ok + "4\r\nRTP-Info: url=a;seq=1\r\n\r\n$\x00\x00\x0c\x80\x60\x00\x01\x00\x00\x00\x00\x00\x00\x00\x07"))
	f.Add([]byte("RTSP/1.0 401 No\r\nWWW-Authenticate: Digest realm=\"a\", nonce=\"b\"\r\n\r\n\x00RTSP/1.0 302 No\r\nLocation: //\r\n\r\n"))
	f.Add([]byte(ok + "1\r\n\r\n\x00" + ok + "2\r\nContent-Length: 44\r\nExpires: 0\r\n\r\nv=0\r\ns=-\r\nm=video 0 RTP/AVP 96\r\na=control:a\r\n\x00" +
		ok + "3\r\nSession: 1\r\nTransport: RTP/AVP/TCP;interleaved=2\r\n\r\n\x01\xffjunk$\x02\xff\xff$\x02\x00\x0c\x80\x60\x02\x01\x02\x03\x04\x05\x06\x07\x08\x07GET_"))
	f.Add([]byte("REDIRECT * RTSP/1.0\r\nCSeq: 1\r\n\r\nANNOUNCE * RTSP/1.0\r\nContent-Length: 3\r\n\r\nabc"))
	f.Fuzz(func(t *testing.T, script []byte) {
		client, server := net.Pipe()
		served := make(chan struct{})
		go func() { // ends with the connection
			defer close(served)
			defer server.Close()
			b := make([]byte, 4096)
			server.SetDeadline(time.Now().Add(time.Second))
			for len(script) > 0 {
				if _, err := server.Read(b); err != nil {
					return
				}
				piece := script
				for i, c := range script {
					if c == 0 {
						piece = script[:i]
						break
					}
				}
				if _, err := server.Write(piece); err != nil {
					return
				}
				script = script[min(len(piece)+1, len(script)):]
			}
		}()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		cfg := rtspclient.Config{
			Lowers: []rtspclient.Lower{rtspclient.TCP}, User: "u", Password: "p", Timeout: 200 * time.Millisecond,
			Dial: func(context.Context, *rtsp.URL) (net.Conn, error) { return client, nil },
			ListenPair: func(netip.Addr) (rtspclient.PacketConn, rtspclient.PacketConn, error) {
				return nil, nil, net.ErrClosed
			},
		}
		if c, err := rtspclient.Play(t.Context(), "rtsp://192.0.2.1/a", &cfg); err == nil {
			c.Close()
		}
		client.Close()
		<-served
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > uint64(40*len(script))+256<<10 {
			t.Errorf("%d bytes of memory", n)
		}
	})
}
