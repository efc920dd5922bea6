package rtsp

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type transportCase struct {
	name, raw string
	want      []Transport
	err       bool
}

func transportCases() []transportCase {
	udp := func(rtp, rtcp uint16) Transport {
		return Transport{Profile: "RTP/AVP", Delivery: DeliveryUnicast, ClientPort: PortPair{rtp, rtcp, true}, TTL: -1}
	}
	tcp := func(rtp, rtcp uint8) Transport {
		return Transport{Profile: "RTP/AVP", Lower: LowerTCP, Delivery: DeliveryUnicast, Interleaved: ChannelPair{rtp, rtcp, true}, TTL: -1}
	}
	with := func(t Transport, change func(*Transport)) Transport { change(&t); return t }
	unsupported := func(t Transport) Transport { t.Unsupported = true; return t }
	mode := func(modes ...string) Transport { return with(tcp(0, 1), func(t *Transport) { t.Mode = modes }) }
	bare := Transport{Profile: "RTP/AVP", Delivery: DeliveryUnicast, TTL: -1}
	one := func(t Transport) []Transport { return []Transport{t} }
	return []transportCase{
		{name: "FFmpeg UDP", raw: "RTP/AVP/UDP;unicast;client_port=25630-25631", want: one(udp(25630, 25631))},
		{name: "FFmpeg TCP", raw: "RTP/AVP/TCP;unicast;interleaved=0-1", want: one(tcp(0, 1))},
		{name: "live555 UDP", raw: "RTP/AVP;unicast;client_port=5000-5001", want: one(udp(5000, 5001))},
		{name: "TRN-01 order of preference", raw: "RTP/AVP;multicast, RTP/AVP;unicast;client_port=5000-5001",
			want: []Transport{{Profile: "RTP/AVP", Delivery: DeliveryMulticast, TTL: -1}, udp(5000, 5001)}},
		{name: "TRN-03 case", raw: "rtp/avp/tcp;UNICAST;Interleaved=0-1", want: one(tcp(0, 1))},
		{name: "TRN-03 profiles", raw: "RTP/SAVP;unicast,RTP/AVPF;unicast,RTP/SAVPF;unicast", want: []Transport{
			{Profile: "RTP/SAVP", Delivery: DeliveryUnicast, TTL: -1},
			{Profile: "RTP/AVPF", Delivery: DeliveryUnicast, TTL: -1},
			{Profile: "RTP/SAVPF", Delivery: DeliveryUnicast, TTL: -1},
		}},
		{name: "TRN-03 unknown profiles", raw: "RAW/RAW/UDP;unicast,MP2T/H2221/UDP;unicast;client_port=x,x-real-rdt/mcast,RTP/AVP/DCCP", want: []Transport{
			unsupported(Transport{Profile: "RAW/RAW/UDP", TTL: -1}), unsupported(Transport{Profile: "MP2T/H2221/UDP", TTL: -1}),
			unsupported(Transport{Profile: "X-REAL-RDT/MCAST", TTL: -1}), unsupported(Transport{Profile: "RTP/AVP/DCCP", TTL: -1}),
		}},
		{name: "TRN-05 blanks", raw: " RTP/AVP/TCP ; unicast ;\tinterleaved = 0 - 1 ;; , ", want: one(tcp(0, 1))},
		{name: "TRN-05 TRN-21 mode quoted", raw: `RTP/AVP/TCP;unicast;interleaved=0-1;mode="PLAY"`, want: one(mode("PLAY"))},
		{name: "TRN-05 mode bare", raw: "RTP/AVP/TCP;unicast;interleaved=0-1;mode=play", want: one(mode("PLAY"))},
		{name: "TRN-05  mode=record", raw: "RTP/AVP/TCP;unicast;interleaved=0-1;mode=record", want: one(mode("RECORD"))},
		{name: "TRN-05  mode=receive", raw: "RTP/AVP/TCP;unicast;interleaved=0-1;mode=receive", want: one(mode("RECORD"))},
		{name: "TRN-21 list of modes", raw: `RTP/AVP/TCP;unicast;interleaved=0-1;mode="PLAY,RECORD,play"`, want: one(mode("PLAY", "RECORD"))},
		{name: "no delivery", raw: "RTP/AVP/TCP;interleaved=0-1", want: one(with(tcp(0, 1), func(t *Transport) { t.Delivery = DeliveryUnspecified }))},
		{name: "no channels", raw: "RTP/AVP/TCP;unicast", want: one(Transport{Profile: "RTP/AVP", Lower: LowerTCP, Delivery: DeliveryUnicast, TTL: -1})},
		{name: "TRN-09 channels apart", raw: "RTP/AVP/TCP;unicast;interleaved=0-3", want: one(tcp(0, 3))},
		{name: "TRN-09  one channel", raw: "RTP/AVP/TCP;unicast;interleaved=2", want: one(tcp(2, 3))},
		{name: "a camera leaves out /TCP", raw: "RTP/AVP;unicast;interleaved=0-1", want: one(tcp(0, 1))},
		{name: "TRN-10 channel 256", raw: "RTP/AVP/TCP;unicast;interleaved=256-257",
			want: one(unsupported(Transport{Profile: "RTP/AVP", Lower: LowerTCP, Delivery: DeliveryUnicast, TTL: -1}))},
		{name: "TRN-10 no pair for channel 255", raw: "RTP/AVP/TCP;unicast;interleaved=255",
			want: one(unsupported(Transport{Profile: "RTP/AVP", Lower: LowerTCP, Delivery: DeliveryUnicast, TTL: -1}))},
		{name: "TRN-10 channels are no numbers", raw: "RTP/AVP/TCP;unicast;interleaved=a-b", err: true},
		{name: "TRN-11 one port", raw: "RTP/AVP;unicast;client_port=5000", want: one(udp(5000, 5001))},
		{name: "TRN-11 one port twice", raw: "RTP/AVP;unicast;client_port=5000-5000", want: one(with(udp(5000, 5000), func(t *Transport) { t.RTCPMux = true }))},
		{name: "RTCP-mux", raw: "RTP/AVP;unicast;client_port=5000-5001;RTCP-mux", want: one(with(udp(5000, 5001), func(t *Transport) { t.RTCPMux = true }))},
		{name: "TRN-11 port 0", raw: "RTP/AVP;unicast;client_port=0-1", want: one(unsupported(bare))},
		{name: "TRN-11 port 65536", raw: "RTP/AVP;unicast;client_port=65535-65536", want: one(unsupported(bare))},
		{name: "TRN-11 no pair for port 65535", raw: "RTP/AVP;unicast;client_port=65535", want: one(unsupported(bare))},
		{name: "TRN-11 huge port", raw: "RTP/AVP;unicast;client_port=99999999999999999999", want: one(unsupported(bare))},
		{name: "CON-02 port is no number", raw: "RTP/AVP;unicast;client_port=x", err: true},
		{name: "CON-02 half a pair", raw: "RTP/AVP;unicast;client_port=5000-", err: true},
		{name: "empty value", raw: "RTP/AVP;unicast;client_port=", want: one(bare)},
		{name: "TRN-12 answer", raw: "RTP/AVP;unicast;client_port=5000-5001;server_port=8000-8001;ssrc=0A13C760;source=10.0.0.1",
			want: one(with(udp(5000, 5001), func(t *Transport) {
				t.ServerPort, t.SSRC, t.Source = PortPair{8000, 8001, true}, []uint32{0x0A13C760}, "10.0.0.1"
			}))},
		{name: "TRN-12 server port that is none", raw: "RTP/AVP;unicast;client_port=5000-5001;server_port=0-0", want: one(udp(5000, 5001))},
		{name: "TRN-12 order of parameters", raw: "RTP/AVP/TCP;ssrc=1234;interleaved=0-1;unicast",
			want: one(with(tcp(0, 1), func(t *Transport) { t.SSRC = []uint32{0x1234} }))},
		{name: "TRN-14 TRN-15 ssrc is a hint", raw: "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=123456789;ssrc=xyz;ssrc=ABC/def",
			want: one(with(tcp(0, 1), func(t *Transport) { t.SSRC = []uint32{0xABC, 0xDEF} }))},
		{name: "destination", raw: "RTP/AVP;unicast;client_port=5000-5001;destination=203.0.113.9",
			want: one(with(udp(5000, 5001), func(t *Transport) { t.Destination = "203.0.113.9" }))},
		{name: "destination that is none", raw: "RTP/AVP;unicast;client_port=5000-5001;destination=a b", err: true},
		{name: "TRN-17 TRN-20 multicast", raw: "RTP/AVP;multicast;destination=239.1.2.3;port=5000-5001;ttl=16;source=::1",
			want: one(Transport{Profile: "RTP/AVP", Delivery: DeliveryMulticast, Destination: "239.1.2.3", Port: PortPair{5000, 5001, true}, TTL: 16, Source: "::1"})},
		{name: "TRN-19 bare multicast", raw: "RTP/AVP;multicast", want: one(Transport{Profile: "RTP/AVP", Delivery: DeliveryMulticast, TTL: -1})},
		{name: "TRN-20 ttl 0", raw: "RTP/AVP;multicast;ttl=0", want: one(Transport{Profile: "RTP/AVP", Delivery: DeliveryMulticast})},
		{name: "TRN-20 ttl 300", raw: "RTP/AVP;multicast;ttl=300", want: one(unsupported(Transport{Profile: "RTP/AVP", Delivery: DeliveryMulticast, TTL: -1}))},
		{name: "TRN-20 ttl is no number", raw: "RTP/AVP;multicast;ttl=-1", err: true},
		{name: "append", raw: "RTP/AVP/TCP;unicast;interleaved=0-1;append;mode=record",
			want: one(with(mode("RECORD"), func(t *Transport) { t.Append = true }))},
		{name: "layers", raw: "RTP/AVP;unicast;client_port=5000-5001;layers=2", want: one(with(udp(5000, 5001), func(t *Transport) { t.Layers = 2 }))},
		{name: "no layers", raw: "RTP/AVP;unicast;client_port=5000-5001;layers=0", want: one(unsupported(udp(5000, 5001)))},
		{name: "unknown parameters", raw: `RTP/AVP/TCP;unicast;x-foo;interleaved=0-1;bar="a;b,c"`, want: one(tcp(0, 1))},
		{name: "nothing", raw: " , ", want: nil},
		{name: "too many specs", raw: strings.Repeat("RTP/AVP,", 33), err: true},
		{name: "too many parameters", raw: "RTP/AVP" + strings.Repeat(";a", 65), err: true},
	}
}

// TRN-01, TRN-03, TRN-05, TRN-09..12, TRN-14, TRN-15, TRN-17, TRN-19..21, CON-02: see the table.
func TestTransportsAreParsed(t *testing.T) {
	for _, c := range transportCases() {
		t.Run(c.name, func(t *testing.T) {
			got, err := ParseTransports([]string{c.raw})
			wantSyntaxError(t, err, c.err)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func wantSyntaxError(t *testing.T, err error, want bool) {
	t.Helper()
	var syntax *SyntaxError
	if errors.As(err, &syntax) != want || (err != nil) != want {
		t.Errorf("error %v, want a SyntaxError: %v", err, want)
	}
}

// SYN-29: repeated lines are one list.
func TestTransportLinesAreOneList(t *testing.T) {
	got, err := ParseTransports([]string{"RTP/AVP;multicast", "RTP/AVP/TCP, RTP/SAVP"})
	if err != nil || len(got) != 3 || got[2].Profile != "RTP/SAVP" {
		t.Errorf("%v, %v", got, err)
	}
}

// emitted is the form that GStreamer, which takes no blank and no repetition, reads.
var emitted = regexp.MustCompile(`^RTP/[A-Z]+(/TCP)?(;[a-z_]+(=[^; ]+)?)*$`)

// TRN-04: one form, UDP never named, and it means the same.
func TestTransportsSurviveARoundTrip(t *testing.T) {
	for _, c := range transportCases() {
		for _, want := range c.want {
			if !want.Unsupported {
				wantTransportRoundTrip(t, want)
			}
		}
	}
}

func wantTransportRoundTrip(t *testing.T, want Transport) {
	t.Helper()
	text := want.String()
	if plain := strings.ReplaceAll(text, ";RTCP-mux", ""); !emitted.MatchString(plain) {
		t.Errorf("bad form %q", text)
	}
	got, err := ParseTransports([]string{text})
	if err != nil || len(got) != 1 {
		t.Fatalf("%q: %v, %v", text, got, err)
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("%q (-want +got):\n%s", text, diff)
	}
}

// TRN-04, TRN-12, TRN-14, TRN-17: bytes.
func TestTransportString(t *testing.T) {
	for want, spec := range map[string]Transport{
		"RTP/AVP;unicast;client_port=5000-5001;server_port=8000-8001;ssrc=0000ABCD": {
			Profile: "RTP/AVP", Delivery: DeliveryUnicast, ClientPort: PortPair{5000, 5001, true}, ServerPort: PortPair{8000, 8001, true}, SSRC: []uint32{0xABCD},
		},
		`RTP/AVP/TCP;unicast;interleaved=0-1;mode="RECORD"`: {
			Profile: "RTP/AVP", Lower: LowerTCP, Delivery: DeliveryUnicast, Interleaved: ChannelPair{0, 1, true}, Mode: []string{"RECORD"},
		},
		"RTP/AVP;multicast;destination=239.1.2.3;port=5000-5001;ttl=16": {
			Profile: "RTP/AVP", Delivery: DeliveryMulticast, Destination: "239.1.2.3", Port: PortPair{5000, 5001, true}, TTL: 16,
		},
		"RTP/AVP;unicast": {Profile: "RTP/AVP", Delivery: DeliveryUnicast, Source: "a;mode=x\r\n"},
	} {
		if got := spec.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TRN-21: no mode means PLAY.
func TestModeIsPlayByDefault(t *testing.T) {
	if !(Transport{}).HasMode("PLAY") || (Transport{}).HasMode("RECORD") {
		t.Error("default")
	}
	record := Transport{Mode: []string{"RECORD"}}
	if record.HasMode("PLAY") || !record.HasMode("RECORD") {
		t.Error("RECORD alone")
	}
}

func TestATransportCutShortIsParsedOrRefused(t *testing.T) {
	for _, c := range transportCases() {
		for i := range cuts(c.raw) {
			_, err := ParseTransports([]string{c.raw[:i]})
			wantSyntaxError(t, err, err != nil)
		}
	}
}

func FuzzParseTransports(f *testing.F) {
	for _, c := range transportCases() {
		f.Add(c.raw)
	}
	f.Fuzz(func(t *testing.T, s string) {
		specs, err := ParseTransports([]string{s})
		wantSyntaxError(t, err, err != nil)
		for _, spec := range specs {
			if !spec.Unsupported {
				wantTransportRoundTrip(t, spec)
			}
		}
	})
}

func BenchmarkParseTransports(b *testing.B) {
	values := []string{"RTP/AVP/UDP;unicast;client_port=25630-25631"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseTransports(values); err != nil {
			b.Fatal(err)
		}
	}
}
