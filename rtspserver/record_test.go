package rtspserver_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtp"
)

// oneTrack is a description of one track; lines follow the m= line.
func oneTrack(kind string, pt int, lines ...string) string {
	s := fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=test\r\nt=0 0\r\nm=%s 0 RTP/AVP %d\r\na=control:streamid=0\r\n", kind, pt)
	for _, line := range lines {
		s += line + "\r\n"
	}
	return s
}

// A codec is one payload format as a publisher announces it, with a payload that a reader can begin with.
type codec struct {
	name, description string
	pt                uint8
	rate              uint32
	payload           []byte
}

func codecs() []codec {
	dynamic := func(name, kind, rtpmap string, rate uint32, payload string, lines ...string) codec {
		return codec{name, oneTrack(kind, 96, append([]string{"a=rtpmap:96 " + rtpmap}, lines...)...), 96, rate, []byte(payload)}
	}
	static := func(name, kind string, pt uint8, rate uint32, payload string) codec {
		return codec{name, oneTrack(kind, int(pt)), pt, rate, []byte(payload)}
	}
	aac := "a=fmtp:96 streamtype=5; profile-level-id=1; mode=AAC-hbr; sizelength=13; indexlength=3; indexdeltalength=3; config=1190;"
	return []codec{
		dynamic("H.264", "video", "H264/90000", 90000, "\x65\x88\x01", "a=fmtp:96 packetization-mode=1"),
		dynamic("H.265", "video", "H265/90000", 90000, "\x26\x01\xaf\x01"),
		dynamic("AV1", "video", "AV1/90000", 90000, "\x18\x0a\x01\x02"),
		dynamic("VP8", "video", "VP8/90000", 90000, "\x10\x00\x9d\x01\x2a"),
		dynamic("VP9", "video", "VP9/90000", 90000, "\x0c\x82\x49\x83\x42"),
		dynamic("MPEG-4", "video", "MP4V-ES/90000", 90000, "\x00\x00\x01\xb6\x10\x60"),
		static("JPEG", "video", 26, 90000, "\x00\x00\x00\x00\x01\x50\x28\x1e\xaa\xbb"),
		static("MPEG video", "video", 32, 90000, "\x00\x00\x00\x00\x00\x00\x01\xb3"),
		static("MPEG transport stream", "video", 33, 90000, "\x47\x40\x00\x10"),
		dynamic("raw video", "video", "raw/90000", 90000, "\x00\x01\x02", "a=fmtp:96 sampling=YCbCr-4:2:2; width=640; height=480; depth=8; colorimetry=BT601-5"),
		dynamic("JPEG XS", "video", "jxsv/90000", 90000, "\xff\x10"),
		dynamic("AAC", "audio", "mpeg4-generic/48000/2", 48000, "\x00\x10\x00\x18\xde\x04\x00", aac),
		dynamic("AAC LATM", "audio", "MP4A-LATM/48000/2", 48000, "\x03\xde\x04\x00", "a=fmtp:96 cpresent=0;config=400023203fc0"),
		dynamic("Opus", "audio", "opus/48000/2", 48000, "\xfc\xff\xfe", "a=fmtp:96 sprop-stereo=1"),
		static("PCMU", "audio", 0, 8000, "\xff\x7f"),
		static("PCMA", "audio", 8, 8000, "\xd5\x55"),
		dynamic("PCMA at 16 kHz", "audio", "PCMA/16000", 16000, "\xd5\x55"),
		static("G.722", "audio", 9, 8000, "\x01\x02"),
		dynamic("L16", "audio", "L16/44100/2", 44100, "\x00\x01\x00\x02"),
		static("MPEG audio", "audio", 14, 90000, "\x00\x00\x00\x00\xff\xfb\x90\x00"),
		dynamic("AC-3", "audio", "ac3/48000", 48000, "\x00\x01\x0b\x77"),
		dynamic("G.726", "audio", "G726-32/8000", 8000, "\x12\x34"),
		dynamic("events", "audio", "telephone-event/8000", 8000, "\x01\x0a\x00\xa0"),
		dynamic("KLV", "application", "smpte336m/90000", 90000, "\x06\x0e\x2b\x34"),
		dynamic("ONVIF metadata", "application", "vnd.onvif.metadata/90000", 90000, "<tt:MetadataStream/>"),
		dynamic("T.140", "text", "t140/1000", 1000, "\xef\xbb\xbf"),
		dynamic("unknown", "application", "vnd.x/1000", 1000, "\x00"),
	}
}

// ANN-03, PLD-13, PLD-16, PLD-17, PLD-18, PLD-19, PLD-20, PLD-21, PLD-22, RTP-02: whatever a publisher sends, over tcp
// or udp, known by name or not, readers get byte by byte, with its payload type, marker and timestamps.
func TestEveryCodecIsRelayed(t *testing.T) {
	for _, lower := range []string{"tcp", "udp"} {
		for _, codec := range codecs() {
			servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
				pub, reader := w.Dial(), w.DialAs("192.0.2.11")
				defer pub.Close()
				defer reader.Close()
				in, out := pub.Publish("cam", codec.description, lower)[0], reader.Watch("cam", lower, 1)[0]
				src := servertest.Source{PayloadType: codec.pt, SSRC: 7, Timestamp: 1 << 31}
				var last rtp.Packet
				for i := range 3 {
					src.Timestamp += codec.rate / 25
					in.SendRTP(src.Packet(i == 1, codec.payload...))
					p := rtp.Packet(out.RTP(time.Second))
					if p == nil || !bytes.Equal(p.Payload(), codec.payload) || p.PayloadType() != codec.pt || p.Marker() != (i == 1) {
						t.Fatalf("%s over %s: packet %d: % x", codec.name, lower, i, []byte(p))
					}
					if last != nil && (p.Sequence() != last.Sequence()+1 || p.Timestamp()-last.Timestamp() != codec.rate/25) {
						t.Errorf("%s over %s: packet %d: sequence %d behind %d, timestamp %d behind %d", codec.name, lower, i, p.Sequence(), last.Sequence(), p.Timestamp(), last.Timestamp())
					}
					last = p
				}
			})
		}
	}
}

// PLD-21: the clock rate of a description, or of the table where it has none, is that of sender reports.
func TestClockRateOfUnknownFormats(t *testing.T) {
	for _, codec := range append(codecs(),
		codec{"video without a rate", oneTrack("video", 96, "a=rtpmap:96 X-NEW"), 96, 90000, []byte{1}},
		codec{"video without a name", oneTrack("video", 96), 96, 90000, []byte{1}},
	) {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			pub, reader := w.Dial(), w.DialAs("192.0.2.11")
			defer pub.Close()
			defer reader.Close()
			in, out := pub.Publish("cam", codec.description, "tcp")[0], reader.Watch("cam", "tcp", 1)[0]
			src := servertest.Source{PayloadType: codec.pt}
			in.SendRTP(src.Packet(true, codec.payload...))
			a, at := senderReport(t, out, time.Second)
			b, bt := senderReport(t, out, 6*time.Second)
			if ticks := float64(b.RTPTime - a.RTPTime); ticks != bt.Sub(at).Seconds()*float64(codec.rate) {
				t.Errorf("%s: %v ticks in %v", codec.name, ticks, bt.Sub(at))
			}
		})
	}
}

// senderReport waits for the next sender report of a lane and tells when it came.
func senderReport(t *testing.T, lane *servertest.Lane, patience time.Duration) (rtp.SenderReport, time.Time) {
	t.Helper()
	b := lane.RTCP(patience)
	for p := range rtp.Packets(b) {
		if sr, ok := p.SenderReport(); ok {
			return sr, time.Now()
		}
	}
	t.Fatalf("no sender report but % x", b)
	return rtp.SenderReport{}, time.Time{}
}

// A large is a payload that no datagram holds, and how to put its fragments together again.
type large struct {
	name, description string
	pt                uint8
	payload           []byte
	join              func(whole, fragment []byte) []byte
	want              []byte // joined
}

func larges() []large {
	data := bytes.Repeat([]byte("0123456789abcdef"), 1000)[:9990]
	aac := oneTrack("audio", 96, "a=rtpmap:96 mpeg4-generic/48000/2", "a=fmtp:96 mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1190")
	unit := binary.BigEndian.AppendUint16([]byte{0x00, 0x10}, 5000<<3)
	jpeg := []byte{0, 0, 0, 0, 1, 80, 80, 60}
	return []large{
		{"H.264", oneTrack("video", 96, "a=rtpmap:96 H264/90000"), 96, append([]byte{0x65, 0x88}, data...),
			func(whole, b []byte) []byte {
				if b[1]&0x80 != 0 {
					whole = append(whole, b[0]&0xe0|b[1]&0x1f)
				}
				return append(whole, b[2:]...)
			}, append([]byte{0x65, 0x88}, data...)},
		{"H.265", oneTrack("video", 96, "a=rtpmap:96 H265/90000"), 96, append([]byte{0x26, 0x01, 0xaf}, data...),
			func(whole, b []byte) []byte {
				if b[2]&0x80 != 0 {
					whole = append(whole, b[0]&0x81|b[2]&0x3f<<1, b[1])
				}
				return append(whole, b[3:]...)
			}, append([]byte{0x26, 0x01, 0xaf}, data...)},
		{"AAC", aac, 96, append(unit, data[:5000]...),
			func(whole, b []byte) []byte {
				if b[0] != 0 || b[1] != 16 || binary.BigEndian.Uint16(b[2:])>>3 != 5000 { // the size of the whole unit
					return nil
				}
				return append(whole, b[4:]...)
			}, data[:5000]},
		{"JPEG", oneTrack("video", 26), 26, append(jpeg, data...),
			func(whole, b []byte) []byte {
				if offset := int(b[1])<<16 | int(b[2])<<8 | int(b[3]); offset != len(whole) || !bytes.Equal(b[4:8], jpeg[4:]) {
					return nil
				}
				return append(whole, b[8:]...)
			}, data},
		{"AV1", oneTrack("video", 96, "a=rtpmap:96 AV1/90000"), 96, append([]byte{0x18, 0x32}, data...),
			func(whole, b []byte) []byte {
				if (b[0]&0x80 != 0) != (len(whole) > 0) { // Z: goes on
					return nil
				}
				return append(whole, b[1:]...)
			}, append([]byte{0x32}, data...)},
	}
}

// RTP-15, FRM-15, PLD-02, PLD-07, PLD-08, PLD-14, PLD-19: what a publisher over tcp sends in packets larger than a
// datagram reaches readers over udp in packets of at most 1400 bytes, by the rules of the format: one
// timestamp, one marker, numbers that go on.
func TestLargePacketsAreFragmented(t *testing.T) {
	for _, large := range larges() {
		t.Run(large.name, func(t *testing.T) {
			servertest.Everywhere(t, nil, func(t *testing.T, w *servertest.World) {
				pub, reader := w.Dial(), w.Dial()
				defer pub.Close()
				defer reader.Close()
				in, out := pub.Publish("cam", large.description, "tcp")[0], reader.Watch("cam", "udp", 1)[0]
				src := servertest.Source{PayloadType: large.pt}
				in.SendRTP(src.Packet(true, large.payload...))
				in.SendRTP(src.Packet(true, large.payload...))
				var whole []byte
				var last rtp.Packet
				for n := 0; n < 2; {
					p := rtp.Packet(out.RTP(time.Second))
					if p == nil || len(p) > 1400 {
						t.Fatalf("packet of %d bytes", len(p))
					}
					if last != nil && (p.Sequence() != last.Sequence()+1 || p.Timestamp() != last.Timestamp()) {
						t.Errorf("sequence %d behind %d, timestamp %d behind %d", p.Sequence(), last.Sequence(), p.Timestamp(), last.Timestamp())
					}
					whole, last = large.join(whole, p.Payload()), p
					if p.Marker() {
						if !bytes.Equal(whole, large.want) {
							t.Fatalf("picture %d: %d bytes, want %d", n, len(whole), len(large.want))
						}
						whole = nil
						n++
					}
				}
			}, servertest.UDP)
		})
	}
}

// PLD-21: an opaque packet that is too large for a datagram cannot be cut, and still reaches readers over
// tcp whole; it does not disturb those over udp.
func TestLargeOpaquePackets(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		pub, reader := w.Dial(), w.DialAs("192.0.2.11")
		defer pub.Close()
		defer reader.Close()
		in, out := pub.Publish("cam", oneTrack("application", 98, "a=rtpmap:98 vnd.x/1000"), "tcp")[0], reader.Watch("cam", "tcp", 1)[0]
		src := servertest.Source{PayloadType: 98}
		body := bytes.Repeat([]byte{0xa5}, 65535-12)
		in.SendRTP(src.Packet(true, body...))
		if p := rtp.Packet(out.RTP(time.Second)); p == nil || !bytes.Equal(p.Payload(), body) {
			t.Errorf("%d bytes", len(p))
		}
	})
}

// PLD-02, PLD-06, PLD-14: payloads that break the rules of their format go out by the rules.
func TestIrregularPayloadsAreMended(t *testing.T) {
	h264 := oneTrack("video", 96, "a=rtpmap:96 H264/90000")
	aac := oneTrack("audio", 96, "a=rtpmap:96 mpeg4-generic/48000/2", "a=fmtp:96 mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1190")
	for _, test := range []struct {
		name, description, payload string
		want                       []string
	}{
		{"FU-A that starts and ends", h264, "\x7c\xc5\x88\x01", []string{"\x65\x88\x01"}},
		{"Annex B in a packet", h264, "\x00\x00\x00\x01\x67\x42\xc0\x1e\x00\x00\x00\x01\x68\xcb\x00\x00\x01\x65\x88\x01",
			[]string{"\x67\x42\xc0\x1e", "\x68\xcb", "\x65\x88\x01"}},
		{"STAP-A of one unit", h264, "\x78\x00\x03\x65\x88\x01", []string{"\x78\x00\x03\x65\x88\x01"}},
		{"ADTS in AAC", aac, "\x00\x10\x00\x50\xff\xf1\x4c\x80\x01\x5f\xfc\xde\x04\x00", []string{"\x00\x10\x00\x18\xde\x04\x00"}},
	} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			pub, reader := w.Dial(), w.DialAs("192.0.2.11")
			defer pub.Close()
			defer reader.Close()
			in, out := pub.Publish("cam", test.description, "tcp")[0], reader.Watch("cam", "udp", 1)[0]
			src := servertest.Source{PayloadType: 96}
			in.SendRTP(src.Packet(true, []byte(test.payload)...))
			var got []string
			for p := rtp.Packet(out.RTP(time.Second)); p != nil; p = out.RTP(time.Second) {
				got = append(got, string(p.Payload()))
				if last := len(got) == len(test.want); p.Marker() != last {
					t.Errorf("%s: marker %v of payload %d", test.name, p.Marker(), len(got))
				}
			}
			if fmt.Sprintf("%x", got) != fmt.Sprintf("%x", test.want) {
				t.Errorf("%s: %x, want %x", test.name, got, test.want)
			}
		})
	}
}

// PLD-01: a description says packetization-mode 1, whatever the publisher's said: fragments may come.
// PLD-04, PLD-05, SDP-06: parameter sets that it lacked are learned from the stream, under a higher version.
func TestDescriptionLearnsFromTheStream(t *testing.T) {
	for _, mode := range []string{"", "a=fmtp:96 packetization-mode=0", "a=fmtp:96 packetization-mode=1"} {
		servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
			c := w.Dial()
			defer c.Close()
			description := oneTrack("video", 96, "a=rtpmap:96 H264/90000")
			if mode != "" {
				description += mode + "\r\n"
			}
			in := c.Publish("cam", description, "tcp")[0]
			before := describe(c, "cam")
			src := servertest.Source{PayloadType: 96}
			in.SendRTP(src.Packet(false, 0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x3d, 0xa1))
			in.SendRTP(src.Packet(false, 0x68, 0xcb, 0x8c, 0xb2))
			in.SendRTP(src.Packet(true, 0x65, 0x88, 1))
			w.Settle()
			after, again := describe(c, "cam"), describe(c, "cam")
			params := after.Media[0].FormatList()[0].Params
			if params.Get("packetization-mode") != "1" || params.Get("sprop-parameter-sets") != "Z0LAHtkAoD2h,aMuMsg==" || !strings.EqualFold(params.Get("profile-level-id"), "42c01e") {
				t.Errorf("%q: %s", mode, params)
			}
			if before.Origin.Version >= after.Origin.Version || after.Origin.Version != again.Origin.Version || before.Origin.ID != after.Origin.ID {
				t.Errorf("%q: %+v, then %+v, then %+v", mode, before.Origin, after.Origin, again.Origin)
			}
		})
	}
}

// PLD-03: pictures without markers are relayed as they are, and a reader still begins with a key picture.
func TestPicturesWithoutMarkers(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		pub, reader := w.Dial(), w.DialAs("192.0.2.11")
		defer pub.Close()
		defer reader.Close()
		in, src := pub.Publish("cam", servertest.Video, "tcp")[0], servertest.Source{PayloadType: 96}
		for i, header := range []byte{0x41, 0x65, 0x41, 0x65, 0x41} {
			src.Timestamp += 3600
			in.SendRTP(src.Packet(false, header, 0x88, byte(i)))
		}
		w.Settle()
		out := reader.Watch("cam", "tcp", 1)[0]
		for i, want := range []byte{0x78, 0x65, 0x41} {
			if p := rtp.Packet(out.RTP(time.Second)); p == nil || p.Payload()[0] != want || p.Marker() {
				t.Errorf("packet %d: % x", i, []byte(p))
			}
		}
	})
}

// PLD-02: a camera that leaves the start bit out of fragments (Uniview) has it put in, and what is missing is not papered over:
// behind a lost packet a fragment without the bit is none that begins.
func TestFragmentsWithoutAStartAreMended(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		pub, reader := w.Dial(), w.DialAs("192.0.2.11")
		defer pub.Close()
		defer reader.Close()
		in, src := pub.Publish("cam", servertest.Video, "tcp")[0], servertest.Source{PayloadType: 96}
		in.SendRTP(src.Key(0))
		src.Timestamp += 3600
		in.SendRTP(src.Packet(false, 0x7c, 0x05, 0x88, 1)) // begins the next key picture
		in.SendRTP(src.Packet(true, 0x7c, 0x45, 0x02, 2))
		src.Timestamp += 3600
		src.Packet(false, 0x5c, 0x01, 0x9a, 3) // is lost
		in.SendRTP(src.Packet(true, 0x5c, 0x41, 0x02, 4))
		src.Timestamp += 3600
		in.SendRTP(src.Packet(false, 0x5c, 0x01, 0x9a, 5))
		w.Settle()
		out := reader.Watch("cam", "tcp", 1)[0]
		in.SendRTP(src.Packet(true, 0x5c, 0x41, 0x02, 6))
		for i, want := range []byte{0, 0x85, 0x45, 0x41, 0x81, 0x41} {
			if p := rtp.Packet(out.RTP(time.Second)); p == nil || want != 0 && p.Payload()[1] != want {
				t.Errorf("packet %d: % x, want a fragment of %x", i, []byte(p), want)
			}
		}
	})
}

// RTP-14, RTP-01: header extensions and CSRCs of a publisher are kept; padding is not.
func TestHeaderExtensionsAreKept(t *testing.T) {
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		pub, reader := w.Dial(), w.DialAs("192.0.2.11")
		defer pub.Close()
		defer reader.Close()
		in, out := pub.Publish("cam", servertest.Audio, "tcp")[0], reader.Watch("cam", "udp", 1)[0]
		const extended = "\x00\x00\x00\x09" + "\xab\xac\x00\x01\x11\x22\x33\x44" // a CSRC; ONVIF's extension
		p := []byte("\xb1\x80\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01" + extended + "\xd5\x55\x00\x02")
		in.SendRTP(p)
		got := rtp.Packet(out.RTP(time.Second))
		if string(got[12:]) != extended+"\xd5\x55" || got[0] != 0x91 {
			t.Errorf("% x", []byte(got))
		}
		if sr, _ := senderReport(t, out, 6*time.Second); sr.Packets != 0 && sr.Octets != 2 {
			t.Errorf("%d octets of payload in %d packets", sr.Octets, sr.Packets)
		}
		if sr, _ := senderReport(t, out, 6*time.Second); sr.Packets != 1 || sr.Octets != 2 {
			t.Errorf("%d octets of payload in %d packets", sr.Octets, sr.Packets)
		}
	})
}

// PLD-15, SDP-02: a track whose fmtp makes no sense is relayed all the same, and does not harm the others.
func TestOddDescriptionsArePublished(t *testing.T) {
	description := "v=0\r\ns=Hik\r\nm=video 0 RTP/AVP 96\r\na=control:streamid=0\r\na=rtpmap:96 H264/90000\r\n" +
		"m=audio 0 RTP/AVP 104\r\na=control:streamid=1\r\na=fmtp:97 mode=AAC-hbr;sizelength=13;\r\na=rtpmap:104 mpeg4-generic/16000/1\r\n"
	servertest.InMemory(t, nil, func(t *testing.T, w *servertest.World) {
		pub, reader := w.Dial(), w.DialAs("192.0.2.11")
		defer pub.Close()
		defer reader.Close()
		in, out := pub.Publish("cam", description, "tcp"), reader.Watch("cam", "tcp", 2)
		video, audio := servertest.Source{PayloadType: 96, SSRC: 1}, servertest.Source{PayloadType: 104, SSRC: 2}
		in[0].SendRTP(video.Key(1))
		in[1].SendRTP(audio.Packet(true, 0, 16, 0, 8, 0xde))
		if a, b := out[0].RTP(time.Second), out[1].RTP(time.Second); a == nil || b == nil {
			t.Errorf("video % x, audio % x", a, b)
		}
	})
}
