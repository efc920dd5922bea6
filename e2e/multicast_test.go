package e2e

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// sentBy counts the packets that an interface of a namespace has sent.
func sentBy(t *testing.T, namespace, link string) int {
	t.Helper()
	command := append(inside(namespace), "cat", "/sys/class/net/"+link+"/statistics/tx_packets")
	out, err := exec.Command(command[0], command[1:]...).Output()
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TRN-17, TRN-19: ffmpeg and GStreamer read the clock by multicast, and two more readers do not make the server send more.
func TestMulticastIsReadByAll(t *testing.T) {
	need(t, "ffmpeg", "gst-launch-1.0")
	w := newWire(t)
	for _, namespace := range []string{w.server, w.reader} {
		ip(t, "-n", namespace, "route", "add", "224.0.0.0/4", "dev", "wire0")
	}
	s := serveIn(t, inside(w.server), "--rtsp", w.address+":8554", "--config",
		writeFile(t, openToAll+"paths:\n  clock: { multicast: { group: 239.255.12.0/30, port: 6000, ttl: 2, ssm: true } }\n"))
	read := func(seconds string) *program {
		command := append(inside(w.reader), "ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-rtsp_transport", "udp_multicast",
			"-i", s.url("/clock"), "-t", seconds, "-f", "null", "-")
		return start(t, time.Minute, command[0], command[1:]...)
	}
	count := func(readers int) int {
		var all []*program
		for range readers {
			all = append(all, read("4"))
		}
		begun := sentBy(t, w.server, "wire0")
		for _, p := range all {
			<-p.ended
			if p.err != nil {
				t.Errorf("%s: %s", p, p.verdict())
			}
		}
		return sentBy(t, w.server, "wire0") - begun
	}
	one, three := count(1), count(3)
	t.Logf("%d packets to one reader, %d to three", one, three)
	if one < 100 || three > one*3/2+100 {
		t.Errorf("%d packets to one reader, %d to three", one, three)
	}
	command := append(inside(w.reader), "gst-launch-1.0", "rtspsrc", "location="+s.url("/clock"), "protocols=udp-mcast", "!", "decodebin", "!",
		"fakesink", "sync=false", "num-buffers=50")
	p := start(t, time.Minute, command[0], command[1:]...)
	<-p.ended
	if !strings.Contains(p.stdout.String(), "Got EOS from element") {
		t.Errorf("GStreamer: %s", p.verdict())
	}
	file := filepath.Join(t.TempDir(), "group.mp4")
	command = append(inside(w.reader), baton(), "record", s.url("/clock"), file, "--duration", "4s", "--transport", "multicast")
	if run(t, time.Minute, command[0], command[1:]...); packets(t, file)["h264"] < 30 {
		t.Error("Baton records nothing of it")
	}
}
