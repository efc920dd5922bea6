package main

import (
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
)

// A student's client gets frames from the address that --lab names; nobody listens where there is none, and what is taken is
// told in a sentence.
func TestLabSendsFrames(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	c, err := openLab(&config.Config{Lab: "127.0.0.1:0"}, nil, log)
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
	if _, err := openLab(&config.Config{Lab: c.listener.Addr().String()}, nil, log); err == nil || !strings.Contains(err.Error(), "--lab") {
		t.Errorf("a taken address: %v", err)
	}
	end()
	if len(failed) > 0 {
		t.Error(<-failed)
	}
	var none *classroom
	if none, err = openLab(&config.Config{}, nil, log); none != nil || err != nil {
		t.Errorf("off: %v, %v", none, err)
	}
	none.begin(t.Context(), failed)()
	none.close()
}
