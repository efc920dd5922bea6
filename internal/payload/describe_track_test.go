package payload

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/sdp"
)

// section is a media description as SDP has it, without what the server adds.
func section(m *sdp.Media) []string {
	s := &sdp.Session{Name: "-", Timing: "0 0", Media: []*sdp.Media{m}}
	lines := strings.Split(strings.TrimSpace(string(s.Append(nil))), "\r\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "m=") {
			return lines[i:]
		}
	}
	return nil
}

// PLD-01, PLD-04, PLD-07, PLD-11, PLD-13, PLD-17, PLD-18, PLD-22, RTP-02: what a
// description says of stored tracks.
func TestStoredTracksAreDescribed(t *testing.T) {
	for name, c := range map[string]struct {
		track Track
		want  []string
	}{
		"H264": {Track{Encoding: "H264", ClockRate: 90000, FrameRate: 25, Config: configs()["h264"]}, []string{
			"m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000",
			"a=fmtp:96 packetization-mode=1;profile-level-id=64001F;sprop-parameter-sets=" + b64(testSPS) + "," + b64(testPPS), "a=framerate:25",
		}},
		"H264 without sets": {Track{Encoding: "H264"}, []string{"m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=fmtp:96 packetization-mode=1"}},
		"H265": {Track{Encoding: "H265", FrameRate: 30000.0 / 1001, Config: configs()["h265"]}, []string{
			"m=video 0 RTP/AVP 96", "a=rtpmap:96 H265/90000",
			"a=fmtp:96 sprop-vps=" + b64(testVPS265) + ";sprop-sps=" + b64(testSPS265) + ";sprop-pps=" + b64(testPPS265), "a=framerate:29.97003",
		}},
		"AV1": {Track{Encoding: "AV1", Config: [][]byte{obus(testSequence)}}, []string{
			"m=video 0 RTP/AVP 96", "a=rtpmap:96 AV1/90000", "a=fmtp:96 profile=0;level-idx=4;tier=0",
		}},
		"AV1 without header": {Track{Encoding: "AV1"}, []string{"m=video 0 RTP/AVP 96", "a=rtpmap:96 AV1/90000"}},
		"VP9":                {Track{Encoding: "VP9"}, []string{"m=video 0 RTP/AVP 96", "a=rtpmap:96 VP9/90000"}},
		"MP4V-ES": {Track{Encoding: "MP4V-ES", Config: [][]byte{testVOL}}, []string{
			"m=video 0 RTP/AVP 96", "a=rtpmap:96 MP4V-ES/90000", "a=fmtp:96 profile-level-id=1;config=000001B001000001B58913000001000000012000C48D88",
		}},
		"JPEG": {Track{Encoding: "JPEG", Width: 3840, Height: 2160, FrameRate: 12.5}, []string{
			"m=video 0 RTP/AVP 26", "a=rtpmap:26 JPEG/90000", "a=framerate:12.5", "a=x-dimensions:3840,2160", "a=framesize:26 3840-2160",
		}},
		"AAC": {Track{Encoding: "mpeg4-generic", ClockRate: 48000, Channels: 2, FrameRate: 46.875, Config: [][]byte{{0x11, 0x90}}}, []string{
			"m=audio 0 RTP/AVP 96", "a=rtpmap:96 mpeg4-generic/48000/2",
			"a=fmtp:96 streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1190",
		}},
		"Opus":        {Track{Encoding: "opus", ClockRate: 48000, Channels: 2}, []string{"m=audio 0 RTP/AVP 96", "a=rtpmap:96 opus/48000/2", "a=fmtp:96 sprop-stereo=1"}},
		"Opus, mono":  {Track{Encoding: "opus", Channels: 1}, []string{"m=audio 0 RTP/AVP 96", "a=rtpmap:96 opus/48000/2"}},
		"AC-3":        {Track{Encoding: "ac3", ClockRate: 48000, Channels: 2}, []string{"m=audio 0 RTP/AVP 96", "a=rtpmap:96 ac3/48000/2"}},
		"MP3":         {Track{Encoding: "MPA", ClockRate: 44100, Channels: 2}, []string{"m=audio 0 RTP/AVP 14", "a=rtpmap:14 MPA/90000"}},
		"PCMU":        {Track{Encoding: "PCMU", ClockRate: 8000}, []string{"m=audio 0 RTP/AVP 0", "a=rtpmap:0 PCMU/8000"}},
		"PCMA":        {Track{Encoding: "PCMA", ClockRate: 8000, Channels: 1}, []string{"m=audio 0 RTP/AVP 8", "a=rtpmap:8 PCMA/8000"}},
		"PCMA, fast":  {Track{Encoding: "PCMA", ClockRate: 16000}, []string{"m=audio 0 RTP/AVP 96", "a=rtpmap:96 PCMA/16000"}},
		"L16 of a CD": {Track{Encoding: "L16", ClockRate: 44100, Channels: 2}, []string{"m=audio 0 RTP/AVP 10", "a=rtpmap:10 L16/44100/2"}},
		"L16, mono":   {Track{Encoding: "L16", ClockRate: 44100, Channels: 1}, []string{"m=audio 0 RTP/AVP 11", "a=rtpmap:11 L16/44100"}},
		"L16 of six":  {Track{Encoding: "L16", ClockRate: 48000, Channels: 6}, []string{"m=audio 0 RTP/AVP 96", "a=rtpmap:96 L16/48000/6"}},
	} {
		if diff := cmp.Diff(c.want, section(DescribeTrack(&c.track, 96))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The sequence header of AV1 with all that can stand in front of the level.
func TestAV1LevelIsRead(t *testing.T) {
	for name, c := range map[string]struct {
		put  [][2]uint32 // value, bits
		want [3]int
	}{
		"plain":         {[][2]uint32{{0, 3}, {0, 2}, {0, 1}, {0, 1}, {0, 5}, {0, 12}, {5, 5}}, [3]int{0, 5, 0}},
		"high tier":     {[][2]uint32{{1, 3}, {0, 2}, {0, 1}, {1, 1}, {0, 5}, {0, 12}, {13, 5}, {1, 1}}, [3]int{1, 13, 1}},
		"still picture": {[][2]uint32{{2, 3}, {3, 2}, {7, 5}}, [3]int{2, 7, 0}},
		"timing": {[][2]uint32{{0, 3}, {0, 2}, {1, 1}, {1, 32}, {25, 32}, {1, 1}, {5, 5}, {1, 1}, {0, 5}, {1, 32}, {0, 10}, {0, 1}, {0, 5}, {0, 12}, {8, 5}, {0, 1}},
			[3]int{0, 8, 0}},
	} {
		var w bitWriter
		for _, p := range c.put {
			w.put(p[0], uint(p[1]))
		}
		profile, level, tier, ok := av1Level(w.b)
		if got := [3]int{profile, level, tier}; got != c.want || !ok {
			t.Errorf("%s: got %v %v, want %v", name, got, ok, c.want)
		}
		if _, _, _, ok := av1Level(w.b[:1]); ok {
			t.Errorf("%s: one byte is enough", name)
		}
	}
}
