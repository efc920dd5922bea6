package servertest

import (
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// Descriptions of what tests publish. VideoAudio has H.264 as track 0 and PCMU as track 1.
const (
	Video      = "v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=test\r\nt=0 0\r\n" + videoSection
	VideoAudio = Video + audioSection
	Audio      = "v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=test\r\nt=0 0\r\n" + audioSection

	videoSection = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkAoD2hAAADAAEAAAMAMg8WLkg=,aMuMsg==\r\na=control:streamid=0\r\n"
	audioSection = "m=audio 0 RTP/AVP 0\r\na=control:streamid=1\r\n"
)

// A Source makes the packets of one track. Its zero value with PayloadType is useful.
type Source struct {
	PayloadType uint8
	Seq         uint16
	Timestamp   uint32
	SSRC        uint32
}

// Packet is the next packet, with a payload.
func (s *Source) Packet(marker bool, payload ...byte) []byte {
	b := rtp.AppendHeader(nil, rtp.Header{Marker: marker, PayloadType: s.PayloadType, Sequence: s.Seq, Timestamp: s.Timestamp, SSRC: s.SSRC})
	s.Seq++
	return append(b, payload...)
}

// Key is a key picture of H.264 in one packet, and Delta one that follows; n tells them apart.
func (s *Source) Key(n byte) []byte {
	s.Timestamp += 3600
	return s.Packet(true, 0x65, 0x88, n)
}

// Delta is a picture that needs the one before.
func (s *Source) Delta(n byte) []byte {
	s.Timestamp += 3600
	return s.Packet(true, 0x41, 0x9a, n)
}

// Write puts packets into a live presentation and shows them to its readers.
func Write(live *rtspserver.Live, track int, packets ...[]byte) {
	for _, p := range packets {
		if err := live.Write(track, p, time.Now()); err != nil {
			panic(err)
		}
	}
	live.Flush()
}
