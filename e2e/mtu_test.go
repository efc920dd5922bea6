package e2e

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A wire is two network namespaces joined by a cable with an MTU of 1500
// bytes, which loopback (65536) would hide.
type wire struct {
	server, reader string // names of the namespaces
	address        string // of the server's end
}

// newWire makes one, which needs root on Linux.
func newWire(t *testing.T) *wire {
	t.Helper()
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("network namespaces need root on Linux")
	}
	need(t, "ip")
	id := strconv.Itoa(os.Getpid())
	w := &wire{server: "baton-s" + id, reader: "baton-r" + id, address: "10.213.77.1"}
	for _, name := range []string{w.server, w.reader} {
		ip(t, "netns", "add", name)
		t.Cleanup(func() { ip(t, "netns", "del", name) })
		ip(t, "-n", name, "link", "set", "lo", "up")
	}
	ip(t, "-n", w.server, "link", "add", "wire0", "mtu", "1500", "type", "veth", "peer", "name", "wire0", "mtu", "1500", "netns", w.reader)
	for name, address := range map[string]string{w.server: w.address, w.reader: "10.213.77.2"} {
		ip(t, "-n", name, "address", "add", address+"/24", "dev", "wire0")
		ip(t, "-n", name, "link", "set", "wire0", "up")
	}
	return w
}

func ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// inside makes a command run in a namespace.
func inside(namespace string) []string { return []string{"ip", "netns", "exec", namespace} }

// fragments counts the IP packets that a namespace had to cut, or to put
// together again.
func fragments(t *testing.T, namespace string) int {
	t.Helper()
	command := append(inside(namespace), "cat", "/proc/net/snmp")
	out, err := exec.Command(command[0], command[1:]...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	total := 0
	for line := range strings.Lines(string(out)) {
		cells := strings.Fields(line)
		if len(cells) == 0 || cells[0] != "Ip:" {
			continue
		}
		if names == nil {
			names = cells
			continue
		}
		for i, name := range names {
			if name == "FragCreates" || name == "FragFails" || name == "ReasmReqds" {
				n, err := strconv.Atoi(cells[i])
				if err != nil {
					t.Fatal(err)
				}
				total += n
			}
		}
	}
	return total
}

// readable waits until a path can be described by a program, started through another command.
func readable(t *testing.T, through []string, from string) {
	t.Helper()
	every := time.NewTicker(200 * time.Millisecond)
	defer every.Stop()
	timeout := time.After(time.Minute)
	command := append(through[:len(through):len(through)], "ffprobe", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", from)
	for {
		out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput()
		if err == nil {
			return
		}
		select {
		case <-every.C:
		case <-timeout:
			t.Fatalf("%s cannot be read after a minute: %v\n%s", from, err, out)
		}
	}
}

// RTP-15, FRM-15: a publisher's packets of 10 kB, which TCP carries, reach a
// reader over UDP in packets that fit a wire of 1500 bytes.
func TestLargePacketsFitTheWire(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	w := newWire(t)
	s := serveIn(t, inside(w.server), append(config(t, openToAll), "--rtsp", w.address+":8554")...)
	for _, name := range []string{"h264 and aac", "h265", "mpeg4 and mp3", "mjpeg", "vp8", "vp9"} {
		t.Run(name, func(t *testing.T) {
			m := find(t, name)
			path := "/" + strings.ReplaceAll(name, " ", "-")
			publishIn(t, inside(w.server), m, "tcp", s.url(path), "-s", "1024x576", "-pkt_size", "10000")
			readable(t, inside(w.reader), s.url(path))
			finish(t, decoderIn(t, inside(w.reader), m, "udp", s.url(path), 50), 50)
		})
	}
	for _, namespace := range []string{w.server, w.reader} {
		if n := fragments(t, namespace); n != 0 {
			t.Errorf("%d IP fragments in namespace %s", n, namespace)
		}
	}
}
