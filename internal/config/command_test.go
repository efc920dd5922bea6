package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCommandsAndTheirFlags(t *testing.T) {
	for _, test := range []struct {
		args []string
		want Command
	}{
		{[]string{"probe", "rtsp://a/x", "--json", "--duration", "2s"}, &Probe{URL: "rtsp://a/x", JSON: true, Duration: 2 * time.Second}},
		{[]string{"methods", "rtsp://a/x"}, &Methods{URL: "rtsp://a/x"}},
		{[]string{"publish", "a.mp4", "rtsp://a/x", "--loop"}, &Publish{File: "a.mp4", URL: "rtsp://a/x", Loop: true, FrameRate: 25, Transport: "auto"}},
		{[]string{"record", "rtsp://a/x", "a.mp4", "--segment", "1m", "--transport", "tcp"}, &Record{URL: "rtsp://a/x", File: "a.mp4", Segment: time.Minute, Transport: "tcp"}},
		{[]string{"bench", "rtsp://a/x", "-n", "1000", "--udp"}, &Bench{URL: "rtsp://a/x", Readers: 1000, UDP: true, Duration: 10 * time.Second}},
	} {
		got, err := Load(test.args, Env{})
		if err != nil {
			t.Errorf("%v: %v", test.args, err)
		} else if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%v: %s", test.args, diff)
		}
	}
	for _, args := range [][]string{{"probe"}, {"publish", "a.mp4"}, {"record", "rtsp://a/x", "a.mp4", "--transport", "pigeon"}, {"bench", "rtsp://a/x", "-n", "many"}} {
		if _, err := Load(args, Env{}); err == nil {
			t.Errorf("%v is no error", args)
		}
	}
}

func TestTheWebSideCanBeOff(t *testing.T) {
	if c := mustLoadFile(t, "http: off\norigins: [\"https://a.example\", \"http://b.example:8080\"]\n"); c.HTTP != "" || len(c.Origins) != 2 {
		t.Errorf("%q, %q", c.HTTP, c.Origins)
	}
	for _, bad := range []string{"a.example", "https://a.example/path", "ftp://a.example"} {
		if _, err := parseOrigins(bad); err == nil {
			t.Errorf("%q is an origin", bad)
		}
	}
}
