package rtsp_test

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/baton-rtsp/baton/rtsp"
)

// A connection carries requests, responses and interleaved frames in any order.
func ExampleReader() {
	wire := "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n" +
		"$\x00\x00\x04\x80\x60\x00\x01" +
		"PLAY rtsp://example.org/film RTSP/1.0\r\nSession: 4f2a6c8e\r\n\r\n"
	r := rtsp.NewReader(strings.NewReader(wire), nil)
	for {
		kind, err := r.Next()
		var bad *rtsp.MessageError
		switch {
		case err == io.EOF:
			return
		case errors.As(err, &bad):
			fmt.Println("answer", int(bad.Status), "and close:", bad.Fatal)
		case kind == rtsp.KindRequest:
			fmt.Println("request", r.Request().Method, r.Request().URI)
		case kind == rtsp.KindFrame:
			channel, payload := r.Frame()
			fmt.Println("frame on channel", channel, "of", len(payload), "bytes")
		}
	}
	// Output:
	// request OPTIONS *
	// frame on channel 0 of 4 bytes
	// answer 400 and close: false
}

func ExampleResponse_Append() {
	res := rtsp.Response{Status: rtsp.StatusOK}
	res.Header.Add("CSeq", "3")
	res.Header.Add("Session", rtsp.FormatSession("4f2a6c8e", rtsp.DefaultSessionTimeout))
	fmt.Printf("%q\n", res.Append(nil))
	// Output:
	// "RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 4f2a6c8e;timeout=60\r\n\r\n"
}

// A client lists the transports it can do; the server takes the first that suits it and answers with one.
func ExampleParseTransports() {
	offers, err := rtsp.ParseTransports([]string{"RTP/AVP;multicast, RTP/AVP;unicast;client_port=5000-5001"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range offers {
		if t.Unsupported || t.Delivery == rtsp.DeliveryMulticast {
			continue
		}
		t.ServerPort = rtsp.PortPair{RTP: 8000, RTCP: 8001, Set: true}
		fmt.Println(t)
	}
	// Output:
	// RTP/AVP;unicast;client_port=5000-5001;server_port=8000-8001
}

func ExampleParseRange() {
	r, err := rtsp.ParseRange("npt=0:01:30-")
	fmt.Println(r, r.Start.Offset, err)
	_, err = rtsp.ParseRange("bytes=0-")
	fmt.Println(rtsp.StatusOf(err).Text())
	// Output:
	// npt=90.000- 1m30s <nil>
	// Not Implemented
}

func ExampleParseURL() {
	u, err := rtsp.ParseURL("rtsp://admin:secret@camera.lan/live//1/")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(u, u.Path, u.Port(), u.User)
	// Output:
	// rtsp://camera.lan/live//1/ /live/1 554 admin
}

func ExampleResolveControl() {
	fmt.Println(rtsp.ResolveControl("rtsp://camera.lan/live?x=1", "trackID=0"))
	fmt.Println(rtsp.ResolveControl("rtsp://camera.lan/live/", "*"))
	// Output:
	// rtsp://camera.lan/live?x=1/trackID=0
	// rtsp://camera.lan/live/
}
