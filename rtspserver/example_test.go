package rtspserver_test

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
)

// A studio has one presentation, and takes no publishers.
type studio struct{ tone *rtspserver.Live }

// Open finds the presentation.
func (s studio) Open(_ context.Context, r *rtspserver.Request) (rtspserver.Presentation, error) {
	if r.Path != "tone" {
		return nil, &rtsp.StatusError{Code: rtsp.StatusNotFound}
	}
	return s.tone, nil
}

// Publish refuses.
func (s studio) Publish(context.Context, *rtspserver.Request, *sdp.Session) (*rtspserver.Publication, error) {
	return nil, &rtsp.StatusError{Code: rtsp.StatusMethodNotAllowed}
}

// play20ms writes 20 ms of silence every 20 ms.
func play20ms(ctx context.Context, live *rtspserver.Live) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	header, samples := rtp.Header{SSRC: 1}, make([]byte, 160)
	for ctx.Err() == nil {
		packet := append(rtp.AppendHeader(nil, header), samples...)
		live.Write(0, packet, time.Now())
		live.Flush()
		header.Sequence++
		header.Timestamp += 160
		<-ticker.C
	}
}

// A server with a live presentation that is fed from Go.
func Example() {
	desc, err := sdp.Parse([]byte("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=tone\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	live := rtspserver.NewLive(desc, nil)
	server, err := rtspserver.New(&rtspserver.Config{Handler: studio{live}})
	if err != nil {
		fmt.Println(err)
		return
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go play20ms(ctx, live) // ends with ctx
	go server.Serve(ln)    // ends with Shutdown
	defer server.Shutdown(ctx)

	// A player would now open rtsp://127.0.0.1:PORT/tone. This is what it does:
	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	url, replies, session := "rtsp://"+ln.Addr().String()+"/tone", rtsp.NewReader(conn, nil), ""
	for i, method := range []rtsp.Method{rtsp.MethodDescribe, rtsp.MethodSetup, rtsp.MethodPlay} {
		request := &rtsp.Request{Method: method, URI: url, Proto: "RTSP/1.0"}
		request.Header.Set("CSeq", fmt.Sprint(i+1))
		if method == rtsp.MethodSetup {
			request.Header.Set("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")
		}
		if session != "" {
			request.Header.Set("Session", session)
		}
		conn.Write(request.Append(nil))
		if _, err := replies.Next(); err != nil {
			fmt.Println(err)
			return
		}
		session, _, _ = rtsp.ParseSession(replies.Response().Header.Get("Session"))
		fmt.Println(method, replies.Response().Status)
	}
	for kind, err := replies.Next(); err == nil; kind, err = replies.Next() {
		if channel, b := replies.Frame(); kind == rtsp.KindFrame && channel == 0 {
			fmt.Println("a packet of", len(b), "bytes")
			return
		}
	}
	// Output:
	// DESCRIBE 200
	// SETUP 200
	// PLAY 200
	// a packet of 172 bytes
}
