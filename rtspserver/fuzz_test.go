package rtspserver_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
)

// SEC-01: whatever bytes come on a connection, some of them knowing the ids of its sessions, nothing
// panics, a good client is served afterwards, and nothing is left when the time of all sessions is up.
func FuzzConn(f *testing.F) {
	reader, publisher := "Session: READER", "Session: PUBLISHER"
	frame := string(rtsp.AppendFrame(nil, 0, []byte("\x80\x60\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x65\x88")))
	for _, seed := range []string{
		options(1) + "\r\n" + options(2),
		request("DESCRIBE", "rtsp://h/p", 1) + request("SETUP", "rtsp://h/p/trackID=0", 2, "Transport: RTP/AVP;unicast;client_port=5000-5001"),
		request("PLAY", "rtsp://h/p", 1, reader, "Range: npt=0-") + request("PAUSE", "rtsp://h/p", 2, reader) + request("PLAY", "rtsp://h/p/trackID=0", 3, reader),
		request("SETUP", "rtsp://h/p", 1, reader, "Transport: RTP/AVP/TCP;interleaved=200-201") + request("TEARDOWN", "rtsp://h/p", 2, reader),
		request("RECORD", "rtsp://h/cam", 1, publisher) + frame + request("PAUSE", "rtsp://h/cam", 2, publisher) + request("TEARDOWN", "rtsp://h/cam", 3, publisher),
		request("RECORD", "rtsp://h/cam", 1, publisher) + frame + request("ANNOUNCE", "rtsp://h/cam", 2, publisher, "Content-Type: application/sdp", "Content-Length: 0"),
		request("ANNOUNCE", "rtsp://h/x", 1, "Content-Type: application/sdp", "Content-Length: 24") + "m=audio 0 RTP/AVP 0\r\na=b" + request("SETUP", "rtsp://h/x", 2, "Transport: RTP/AVP;unicast;client_port=6000-6001;mode=record"),
		request("SET_PARAMETER", "*", 1, "Content-Length: 5") + "a: b\n" + frame + "RTSP/1.0 200 OK\r\n\r\n" + options(2, "Require: x", "Connection: close"),
		"GET / HTTP/1.1\r\n\r\n" + frame, "$\x00\xff\xff", "DESCRIBE * RTSP/2.0\n\n", "\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) { survives(t, w, raw) })
	})
}

func survives(t *testing.T, w *servertest.World, raw []byte) {
	live, src := w.Handler.Live("p", servertest.Video), servertest.Source{PayloadType: 96}
	servertest.Write(live, 0, src.Key(1))
	bad := w.Dial()
	publisher, reader := bad.Publish("cam", servertest.Video, "tcp")[0], bad
	raw = bytes.ReplaceAll(raw, []byte("PUBLISHER"), []byte(reader.Session))
	publisher.SendRTP(src.Key(1))
	bad.Session = ""
	bad.Watch("p", "tcp", 1)
	raw = bytes.ReplaceAll(raw, []byte("READER"), []byte(bad.Session))
	go io.Copy(io.Discard, bad.Conn) // ends when the connection does
	bad.Conn.SetWriteDeadline(time.Now().Add(time.Minute))
	bad.Conn.Write(raw) // as far as the server takes it
	w.Settle()
	servertest.Write(live, 0, src.Key(2))
	w.Wait(time.Second)

	good := w.Dial()
	if r := good.Do("DESCRIBE", "p"); r.Status != rtsp.StatusOK {
		t.Errorf("DESCRIBE: %d", r.Status)
	}
	lane := good.Watch("p", "tcp", 1)[0]
	if lane.RTP(time.Second) == nil {
		t.Error("no media for the good client")
	}
	good.Close()
	bad.Close()
	w.Wait(2 * time.Minute)
	if s := w.Server.Stats(); s.Panics != 0 || s.Sessions != 0 || s.Conns != 0 || live.Readers() != 0 {
		t.Errorf("%+v, %d readers", s, live.Readers())
	}
}
