package main

import (
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
)

// A student's client gets frames from the address that --lab names; nobody listens where there is none, and what is taken is
// told in a sentence.
func TestLabSendsFrames(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	who := whoMay(t, config.Right{Do: []config.Action{config.ActionRead}, From: loopback})
	c, err := openLab(&config.Config{Lab: "127.0.0.1:0"}, nil, who, log)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	failed := make(chan error, 1)
	end := c.begin(t.Context(), failed)
	frames, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer frames.Close()
	nc, err := net.Dial("tcp", c.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	_, port, _ := net.SplitHostPort(frames.LocalAddr().String())
	nc.Write([]byte("SETUP movie.Mjpeg\n1\nRTSP/1.0 RTP/UDP " + port + "\nPLAY\n2\n"))
	frames.SetReadDeadline(time.Now().Add(10 * time.Second))
	b := make([]byte, 20480)
	if n, _, err := frames.ReadFrom(b); err != nil || n < 100 || b[1] != 26 {
		t.Errorf("%d bytes, %v", n, err)
	}
	if _, err := openLab(&config.Config{Lab: c.listener.Addr().String()}, nil, who, log); err == nil || !strings.Contains(err.Error(), "--lab") {
		t.Errorf("a taken address: %v", err)
	}
	end()
	if len(failed) > 0 {
		t.Error(<-failed)
	}
	var none *classroom
	if none, err = openLab(&config.Config{}, nil, who, log); none != nil || err != nil {
		t.Errorf("off: %v, %v", none, err)
	}
	none.begin(t.Context(), failed)()
	none.close()
}

// AUT-08: clients that cannot say who they are may play what everybody may, as over RTSP.
func TestLabObeysRights(t *testing.T) {
	who := whoMay(t, config.Right{Do: []config.Action{config.ActionRead}, Path: "movie.mjpeg"}, config.Right{Do: []config.Action{config.ActionReplay}, From: loopback})
	here, there := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("192.0.2.7")
	for _, c := range []struct {
		from netip.Addr
		path string
		want bool
	}{{here, "a.mjpeg", true}, {there, "a.mjpeg", false}, {there, "movie.mjpeg", true}} {
		if got := who.everybodyMay(t.Context(), c.from, here, c.path); got != c.want {
			t.Errorf("%s from %s: %v", c.path, c.from, got)
		}
	}
}
