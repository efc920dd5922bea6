package sdp_test

import (
	"fmt"
	"strings"

	"github.com/baton-rtsp/baton/sdp"
)

// A camera's description is read and its tracks listed.
func ExampleParse() {
	s, err := sdp.Parse([]byte("v=0\no=- 1109\ns=Lobby\nt=0 0\n" +
		"m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 packetization-mode=1\na=control:trackID=1\n" +
		"m=audio 0 RTP/AVP 8\na=control:trackID=2\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range s.Media {
		for _, f := range m.FormatList() {
			fmt.Println(m.Control(), m.Type, f.Encoding, f.ClockRate, f.Params)
		}
	}
	// Output:
	// trackID=1 video H264 90000 packetization-mode=1
	// trackID=2 audio PCMA 8000
}

// A server describes a track of its own.
func ExampleSession_Append() {
	video := &sdp.Media{Type: "video", Proto: "RTP/AVP"}
	video.SetFormat(sdp.Format{
		PayloadType: 96, Encoding: "H264", ClockRate: 90000,
		Params: sdp.Params{{Name: "packetization-mode", Value: "1"}},
	})
	video.SetAttr("control", "track1")
	s := &sdp.Session{Origin: sdp.Origin{ID: 1, Version: 1}, Name: "clock", Media: []*sdp.Media{video}}
	s.SetAttr("control", "*")
	fmt.Print(strings.ReplaceAll(string(s.Append(nil)), "\r\n", "\n"))
	// Output:
	// v=0
	// o=- 1 1 IN IP4 0.0.0.0
	// s=clock
	// c=IN IP4 0.0.0.0
	// t=0 0
	// a=control:*
	// m=video 0 RTP/AVP 96
	// a=rtpmap:96 H264/90000
	// a=fmtp:96 packetization-mode=1
	// a=control:track1
}
