package e2e

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var printedTLS = regexp.MustCompile(`rtsps://[^\s/]+:\d+`)

// serveTLS starts a server with a certificate of its own, and gives the URL of its TLS side.
func serveTLS(t *testing.T) (s *server, base string) {
	t.Helper()
	s = serve(t, append(config(t, "tls: { auto: true }\n"), "--rtsps", "127.0.0.1:0")...)
	if !s.sees(10*time.Second, printedTLS.MatchString) {
		t.Fatal("no rtsps URL printed")
	}
	return s, printedTLS.FindString(s.stdout.String())
}

// receiveTLS is receive over TLS, of one track, by a client that trusts any certificate.
func receiveTLS(t *testing.T, from string, buffers int) {
	t.Helper()
	p := start(t, 2*time.Minute, "gst-launch-1.0", "rtspsrc", "location="+from, "tls-validation-flags=0", "latency=200", "!", "decodebin", "!",
		"fakesink", "sync=false", "num-buffers="+strconv.Itoa(buffers))
	<-p.ended
	if !strings.Contains(p.stdout.String(), "Got EOS from element") {
		t.Errorf("%d buffers did not come out; %s", buffers, p.verdict())
	}
}

// KEY-01, KEY-02: what ffmpeg and GStreamer publish over TLS both can read over TLS, and without.
func TestPublishAndReadOverTLS(t *testing.T) {
	need(t, "ffmpeg", "ffprobe", "gst-launch-1.0")
	s, base := serveTLS(t)
	read := func(t *testing.T, m medium, path string) {
		s.hasPath(t, path)
		probe(t, m, "tcp", base+path)
		decode(t, m, "tcp", base+path, 30)
		receiveTLS(t, base+path, 30)
		decode(t, m, "udp", s.url(path), 30)
	}
	t.Run("ffmpeg", func(t *testing.T) {
		m := find(t, "vp8")
		publish(t, m, "tcp", base+"/ffmpeg")
		read(t, m, "/ffmpeg")
	})
	t.Run("GStreamer", func(t *testing.T) {
		for _, p := range pipelines {
			if p.name == "vp8" {
				push(t, append([]string{"tls-validation-flags=0"}, p.elements...), "tcp", base+"/gst")
				read(t, p.medium, "/gst")
			}
		}
	})
}

// KEY-04: ffmpeg finds the other port by itself, from either side.
func TestFFmpegFindsTheRightPort(t *testing.T) {
	need(t, "ffmpeg")
	s, base := serveTLS(t)
	m := find(t, "h264 and aac")
	decode(t, m, "tcp", strings.Replace(base, "rtsps://", "rtsp://", 1)+"/clock", 10)
	decode(t, m, "tcp", strings.Replace(s.base, "rtsp://", "rtsps://", 1)+"/clock", 10)
}

// A client whose transport is not fixed asks for UDP first, and is led to what TLS carries.
func TestRtspsrcIsLedToTCPOverTLS(t *testing.T) {
	need(t, "gst-launch-1.0")
	_, base := serveTLS(t)
	receiveTLS(t, base+"/clock", 10)
}

// SEC-08: what is pulled over TLS is verified: from a server with a certificate of its own it comes when the fingerprint is given, and else
// not, and the log says why.
func TestSourcesOverTLSAreVerified(t *testing.T) {
	need(t, "ffprobe")
	camera, base := serveTLS(t)
	sum := regexp.MustCompile(`SHA-256 (\S+)`).FindStringSubmatch(camera.stdout.String())[1]
	i := newIssuer(t)
	cert, key := i.pair(t)
	signed := serve(t, append(config(t, "tls: { cert: "+cert+", key: "+key+" }\n"), "--rtsps", "127.0.0.1:0")...)
	if !signed.sees(10*time.Second, printedTLS.MatchString) {
		t.Fatal("no rtsps URL printed")
	}
	s := serve(t, config(t, `
paths:
  "*": { on-demand: true, transport: tcp, start-timeout: 3s }
  pinned: { source: "`+base+`/clock", trust: "`+sum+`" }
  signed: { source: "`+printedTLS.FindString(signed.stdout.String())+`/clock", trust: "`+i.file+`" }
  stranger: { source: "`+base+`/clock" }
  mistaken: { source: "`+base+`/clock", trust: "`+i.file+`" }
`)...)
	for path, good := range map[string]bool{"pinned": true, "signed": true, "stranger": false, "mistaken": false} {
		p := start(t, time.Minute, "ffprobe", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", s.url("/"+path))
		<-p.ended
		if (p.err == nil) != good {
			t.Errorf("%s: %s %s", path, p.verdict(), p.stderr)
		}
		if told := regexp.MustCompile(`path=` + path + ` .*failed to verify certificate`).MatchString(s.stderr.String()); told == good {
			t.Errorf("%s: told of a certificate: %v", path, told)
		}
	}
}
