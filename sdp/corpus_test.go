package sdp

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A track is what a player must find out about one m= section.
type track struct {
	kind     string // media type
	pt       uint8
	encoding string
	rate     int
	channels int
	control  string
	param    string // "name=value" of one parameter worth checking
}

// corpus says what each testdata/*.sdp, written after what such devices send, must yield.
var corpus = map[string][]track{
	"hikvision-main": {
		{"video", 96, "H264", 90000, 0, "rtsp://192.168.1.64:554/Streaming/Channels/101/trackID=1", "packetization-mode=0"},
		{"audio", 104, "mpeg4-generic", 16000, 1, "rtsp://192.168.1.64:554/Streaming/Channels/101/trackID=2", "sizelength=13"},
	},
	"hikvision-wrong-fmtp": {
		{"video", 96, "H264", 90000, 0, "trackID=1", "profile-level-id=4D0014"},
		{"audio", 104, "mpeg4-generic", 48000, 2, "trackID=2", "config=1190"},
	},
	"hikvision-playback": {
		{"video", 96, "H264", 90000, 0, "trackID=video", ""},
		{"audio", 98, "G7221", 16000, 1, "trackID=audio", ""},
	},
	"hikvision-h265-metadata": {
		{"video", 96, "H265", 90000, 0, "rtsp://192.168.1.65/Streaming/Channels/101/trackID=1?transportmode=unicast&profile=Profile_1", "sprop-pps=RAHgdrAmQA=="},
		{"audio", 8, "PCMA", 8000, 1, "rtsp://192.168.1.65/Streaming/Channels/101/trackID=2?transportmode=unicast&profile=Profile_1", ""},
		{"application", 107, "vnd.onvif.metadata", 90000, 0, "rtsp://192.168.1.65/Streaming/Channels/101/trackID=3?transportmode=unicast&profile=Profile_1", "RTCP=0"},
	},
	"dahua": {
		{"video", 96, "H264", 90000, 0, "trackID=0", "profile-level-id=64002A"},
		{"audio", 97, "MPEG4-GENERIC", 48000, 1, "trackID=1", "config=1188"},
		{"application", 107, "vnd.onvif.metadata", 90000, 0, "trackID=4", ""},
	},
	"dahua-backchannel": {
		{"video", 98, "H265", 90000, 0, "trackID=0", "sprop-pps=RAHA8vA8kAA="},
		{"audio", 8, "PCMA", 16000, 1, "trackID=1", ""}, // PLD-18: any rate by rtpmap
		{"audio", 97, "MPEG4-GENERIC", 64000, 1, "trackID=5", ""},
	},
	"axis": {
		{"video", 96, "H264", 90000, 0, "rtsp://192.168.0.90/axis-media/media.amp/stream=0", "profile-level-id=4d0029"},
	},
	"axis-mjpeg-old": {{"video", 26, "JPEG", 90000, 0, "trackID=1", ""}}, // RTP-02
	"uniview": {
		{"video", 105, "H264", 90000, 0, "rtsp://192.168.1.13/media/video1/video", "packetization-mode=1"},
		{"audio", 0, "PCMU", 8000, 1, "rtsp://192.168.1.13/media/video1/audio1", "RTCP=0"},
		{"application", 107, "vnd.onvif.metadata", 90000, 0, "rtsp://192.168.1.13/media/video1/metadata", "DecoderTag=h3c-v3"},
	},
	"flir-m400":      {{"video", 96, "H264", 90000, 0, "track1", "sprop-parameter-sets="}},
	"flir-multicast": {{"video", 97, "MP4V-ES", 90000, 0, "video", "profile-level-id=5"}},
	"bosch": {
		{"video", 35, "H264", 90000, 0, "rtsp://192.168.20.31/rtsp_tunnel?p=0&h26x=4&vcd=2&stream=video", "packetization-mode=1"},
		{"application", 98, "com.bosch.vcd", 90000, 0, "rtsp://192.168.20.31/rtsp_tunnel?stream=vcd", ""},
	},
	"ffmpeg-publish": {
		{"video", 96, "H264", 90000, 0, "streamid=0", "profile-level-id=64001E"},
		{"audio", 97, "MPEG4-GENERIC", 48000, 2, "streamid=1", "config=119056E500"},
	},
	"ffmpeg-mpegts": {{"video", 33, "MP2T", 90000, 0, "", ""}},
	"ffmpeg-av1-opus": {
		{"video", 96, "AV1", 90000, 0, "streamid=0", "level-idx=8"},
		{"audio", 97, "opus", 48000, 2, "streamid=1", "sprop-stereo=1"},
	},
	"gst-rtspclientsink": {
		{"video", 96, "H264", 90000, 0, "stream=0", "profile-level-id=42c01f"},
		{"audio", 97, "OPUS", 48000, 2, "stream=1", "sprop-stereo=1"},
	},
	"gst-rtspserver":   {{"video", 96, "H265", 90000, 0, "stream=0", "sprop-pps=RAHBcrRiQA=="}},
	"live555-file":     {{"video", 96, "H264", 90000, 0, "track1", "packetization-mode=1"}},
	"live555-ssm":      {{"video", 33, "MP2T", 90000, 0, "track1", ""}},
	"aes67":            {{"audio", 97, "L24", 48000, 2, "", ""}},
	"two-field-origin": {{"video", 96, "H264", 90000, 0, "track0", ""}},
	"no-header": {
		{"video", 96, "H264", 90000, 0, "trackID=1", "packetization-mode=1"},
		{"audio", 0, "PCMU", 8000, 1, "trackID=2", ""},
	},
	"repeated-names": {{"video", 96, "H264", 90000, 0, "trackID=0", ""}},
	"broken-lines":   {{"video", 96, "H264", 90000, 0, "trackID=0", ""}},
	"vdata-tracks": {
		{"vdata", 109, "vnd.acme.events", 1000, 0, "trackID=9", ""}, // PLD-21
		{"video", 96, "H264", 90000, 0, "trackID=0", ""},
		{"metadata", 110, "x-stats", 90000, 0, "", ""},
	},
	"tp-link": {
		{"video", 96, "H264", 90000, 0, "track1", "packetization-mode=1"},
		{"audio", 8, "PCMA", 8000, 1, "track2", ""},
		{"application", 95, "TP-LINK", 90000, 0, "track3", ""},
	},
	"nul-terminated": {{"video", 96, "H264", 90000, 0, "trackID=0", ""}},
	"proto-with-tcp": {
		{"video", 96, "H264", 90000, 0, "trackID=1", ""},
		{"audio", 8, "PCMA", 8000, 1, "trackID=2", ""},
	},
	"port-ranges": {
		{"video", 31, "H261", 90000, 0, "trackID=1", ""},
		{"audio", 14, "MPA", 90000, 1, "trackID=2", ""},
	},
	"spaces-and-quotes": {{"video", 96, "h264", 90000, 0, "trackID=1", "packetization-mode=1"}},
	"colons-missing":    {{"video", 96, "H264", 90000, 0, "trackID=1", "packetization-mode=1"}},
	"no-rtpmap": {
		{"video", 96, "H264", 90000, 0, "trackID=1", "profile-level-id=4d001f"},
		{"audio", 8, "PCMA", 8000, 1, "trackID=2", ""},
	},
	"no-formats": {
		{"video", 99, "H265", 90000, 0, "trackID=1", ""},
		{"audio", 100, "opus", 16000, 1, "trackID=2", ""}, // PLD-17: other rates on input
	},
	"mismatched-payload-type": {{"video", 96, "H264", 90000, 0, "trackID=1", "profile-level-id=42001e"}},
	"fmtp-in-other-media": {
		{"video", 96, "H264", 90000, 0, "trackID=1", "profile-level-id=4d0020"},
		{"audio", 97, "mpeg4-generic", 8000, 1, "trackID=2", "config=1588"},
	},
	"aac-without-config": {
		{"video", 96, "H264", 90000, 0, "trackID=1", ""},
		{"audio", 97, "MPEG4-GENERIC", 16000, 1, "trackID=2", "config="},
	},
	"clock-rates-missing": {
		{"video", 96, "H264", 90000, 0, "trackID=1", ""},
		{"audio", 8, "PCMA", 8000, 1, "trackID=2", ""},
	},
	"onvif-example": {
		{"video", 26, "JPEG", 90000, 0, "rtsp://192.168.0.1/video", ""},
		{"audio", 0, "PCMU", 8000, 1, "rtsp://192.168.0.1/audio", ""},
		{"audio", 0, "PCMU", 8000, 1, "rtsp://192.168.0.1/audioback", ""},
		{"application", 107, "vnd.onvif.metadata.gzip", 90000, 0, "rtsp://192.168.0.1/metadata", ""},
	},
	"samsung-profile": {
		{"video", 97, "H264", 90000, 0, "trackID=1", "profile-level-id=640028"},
		{"audio", 0, "PCMU", 8000, 1, "trackID=3", ""},
		{"application", 107, "vnd.onvif.metadata", 90000, 0, "trackID=4", ""},
	},
	"webcam-all-sendonly": {
		{"video", 102, "VP8", 90000, 0, "trackID=1", ""},
		{"audio", 111, "speex", 16000, 1, "trackID=2", ""},
	},
	"rtx-and-fec": {{"video", 96, "H264", 90000, 0, "stream=0", ""}},
	"bom-cr-only": {{"video", 26, "JPEG", 90000, 0, "1", ""}},
	"mpeg4-space-params": {
		{"video", 96, "MP4V-ES", 90000, 0, "trackID=0", "config=000001B0F5000001B5"},
		{"audio", 98, "MP4A-LATM", 90000, 1, "trackID=1", "cpresent=0"},
	},
}

// SDP-02, SDP-07, RTP-02, PLD-13, PLD-15, PLD-17, PLD-18, PLD-21, ONV-08, ONV-14: each
// description yields its tracks.
func TestEachSourceYieldsItsTracks(t *testing.T) {
	files := corpusFiles(t)
	if len(files) != len(corpus) {
		t.Errorf("%d files, %d expectations", len(files), len(corpus))
	}
	for name, raw := range files {
		t.Run(name, func(t *testing.T) {
			s, err := Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			want := corpus[name]
			if len(s.Media) != len(want) {
				t.Fatalf("%d media, want %d", len(s.Media), len(want))
			}
			for i, m := range s.Media {
				wantTrack(t, m, want[i])
			}
		})
	}
}

func wantTrack(t *testing.T, m *Media, want track) {
	t.Helper()
	formats := m.FormatList()
	if len(formats) == 0 {
		t.Fatalf("no format in %q", m.Formats)
	}
	f := formats[0]
	name, value, _ := strings.Cut(want.param, "=")
	got := track{m.Type, f.PayloadType, f.Encoding, f.ClockRate, f.Channels, m.Control(), want.param}
	if got != want {
		t.Errorf("track %+v, want %+v", got, want)
	}
	if name != "" && f.Params.Get(name) != value {
		t.Errorf("parameter %s is %q, want %q; all: %q", name, f.Params.Get(name), value, f.Params)
	}
}

// SDP-01, PLD-15: whatever came in, what goes out is strict and means the same.
func TestEachSourceIsRewrittenStrictly(t *testing.T) {
	for name, raw := range corpusFiles(t) {
		t.Run(name, func(t *testing.T) {
			s, err := Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			checkRewrite(t, s)
		})
	}
}

// corpusFiles returns the contents of testdata/*.sdp by name.
func corpusFiles(tb testing.TB) map[string][]byte {
	tb.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "*.sdp"))
	if err != nil || len(paths) < 30 {
		tb.Fatalf("corpus of %d files: %v", len(paths), err)
	}
	files := make(map[string][]byte, len(paths))
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		files[strings.TrimSuffix(filepath.Base(path), ".sdp")] = raw
	}
	return files
}
