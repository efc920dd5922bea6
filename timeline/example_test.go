package timeline_test

import (
	"fmt"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/sdp"
	"github.com/baton-rtsp/baton/timeline"
)

// A source appends packets; a reader that comes later begins at the newest key picture, with the parameter
// sets that the source only put into its description.
func Example() {
	desc, err := sdp.Parse([]byte("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\n" +
		"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 sprop-parameter-sets=Z0LAHtkAoD2h,aMuMsg==\r\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	tl := timeline.New(desc.Media, nil)
	for i, nal := range []byte{0x41, 0x65, 0x41} { // a picture that needs others, a key picture, one that needs it
		packet := rtp.AppendHeader(nil, rtp.Header{Marker: true, PayloadType: 96, Sequence: uint16(i), Timestamp: uint32(i) * 3600, SSRC: 7})
		tl.Write(0, append(packet, nal, 0x88), time.Now())
	}
	tl.Flush()

	cursor := tl.Cursor(1) // of track 0
	cursor.Join()
	batch, err := cursor.Next()
	for i := range batch.Packets {
		p := rtp.Packet(batch.RTP(i))
		fmt.Printf("NAL unit type %d, %d bytes\n", p.Payload()[0]&0x1f, len(p))
	}
	cursor.Advance(len(batch.Packets))
	fmt.Println(err, len(batch.Frames(0, len(batch.Packets))), "bytes to send")
	// Output:
	// NAL unit type 24, 30 bytes
	// NAL unit type 5, 14 bytes
	// NAL unit type 1, 14 bytes
	// <nil> 70 bytes to send
}
