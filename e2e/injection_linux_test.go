package e2e

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
)

// forged is what the media of who lies is made of.
const forged = 0x66

// SEC-03, SEC-06, TRN-16: a host on another wire sends datagrams in the names of all who take part, and nothing of it comes out at a reader, ends
// anybody or is answered; nor does a SETUP that names that host have anything sent there.
func TestForgedDatagramsAreNeitherTakenNorAnswered(t *testing.T) {
	w := newWire(t)
	spy := "baton-x" + strconv.Itoa(os.Getpid())
	ip(t, "netns", "add", spy)
	t.Cleanup(func() { ip(t, "netns", "del", spy) })
	ip(t, "-n", w.server, "link", "add", "wire1", "type", "veth", "peer", "name", "wire1", "netns", spy)
	for name, address := range map[string]string{w.server: "10.213.78.1", spy: "10.213.78.2"} {
		ip(t, "-n", name, "address", "add", address+"/24", "dev", "wire1")
		ip(t, "-n", name, "link", "set", "wire1", "up")
	}
	ip(t, "-n", spy, "route", "add", "default", "via", "10.213.78.1")
	// a router in between would let them through: so does this kernel
	run(t, time.Minute, "ip", "netns", "exec", w.server, "sh", "-c", "for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$f; done")
	serveIn(t, inside(w.server), "--config", writeFile(t, "anonymous: [ { do: [read, publish] } ]\n"), "--rtsp", w.address+":8554", "--udp", "8000-8001")

	stage := &keys{t: t, namespaces: map[bool]string{false: w.reader}, address: map[bool]string{false: w.address}}
	seen := watchDatagrams(t, w.server)
	talk := publishFrom(t, stage, 6000)
	var good, bad atomic.Int64
	came := make(chan bool)
	reader := readAt(t, stage, 7000, func(payload []byte) {
		for _, b := range payload {
			if b != genuine {
				bad.Add(1)
			}
		}
		good.Add(1)
		select {
		case came <- true:
		default: // nobody waits
		}
	})

	before, sent := received(t, w.server), forge(t, spy, func(sequence uint16) []datagram { return forgeries(sequence + uint16(talk.sequence.Load())) })
	took := received(t, w.server) - before
	if took < sent {
		t.Fatalf("%d datagrams were sent, and the server's machine had %d", sent, took)
	}
	for range 20 {
		select {
		case <-came:
		case <-time.After(10 * time.Second):
			t.Fatal("the reader gets nothing any more")
		}
	}
	if bad.Load() > 0 || talk.client.Err() != nil || reader.Err() != nil {
		t.Errorf("%d forged bytes came out; publisher: %v; reader: %v", bad.Load(), talk.client.Err(), reader.Err())
	}
	t.Logf("%d forged datagrams, %d genuine packets came out", sent, good.Load())

	if answer := nameAnother(t, stage, "destination=10.213.78.2"); strings.Contains(answer, " 200 ") && strings.Contains(answer, "10.213.78.2") {
		t.Errorf("another's address is agreed to: %s", answer)
	}
	for to, count := range seen() {
		if to.Addr() != netip.MustParseAddr("10.213.77.2") {
			t.Errorf("%d datagrams went to %v", count, to)
		}
	}
}

// A datagram says that it comes from somewhere, and is sent to a port of the server.
type datagram struct {
	from    netip.AddrPort
	to      uint16
	payload []byte
}

// forgeries are one of each kind.
func forgeries(sequence uint16) (list []datagram) {
	rtp := func(ssrc uint32, sequence uint16) []byte {
		b := append([]byte{0x80, 0}, make([]byte, 10+160)...)
		binary.BigEndian.PutUint16(b[2:], sequence)
		binary.BigEndian.PutUint32(b[4:], 160*uint32(sequence))
		binary.BigEndian.PutUint32(b[8:], ssrc)
		for i := range b[12:] {
			b[12+i] = forged
		}
		return b
	}
	bye := func(ssrc uint32) []byte { // behind an empty receiver report
		return binary.BigEndian.AppendUint32(append(binary.BigEndian.AppendUint32([]byte{0x80, 201, 0, 1}, ssrc), 0x81, 203, 0, 1), ssrc)
	}
	spy, publisher, reader := "10.213.78.2:", "10.213.77.2:", "10.213.77.2:"
	for _, d := range []struct {
		from string
		to   uint16
		b    []byte
	}{
		{spy + "6000", 8000, rtp(genuineSSRC, sequence)},              // another's address
		{publisher + "6666", 8000, rtp(genuineSSRC, sequence)},        // a port that was not agreed
		{publisher + "6000", 8000, rtp(0x66666666, sequence)},         // another source
		{publisher + "6000", 8000, rtp(0x66666666, sequence+30000)},   //
		{publisher + "6000", 8000, rtp(0x66666666, sequence-30000)},   //
		{publisher + "6001", 8000, rtp(0x66666666, sequence)},         //
		{reader + "7000", 8000, rtp(genuineSSRC, sequence)},           // of who only reads
		{"10.213.77.1:8000", 8000, rtp(genuineSSRC, sequence)},        // the server's own
		{"127.0.0.1:6000", 8000, rtp(genuineSSRC, sequence)},          //
		{spy + "6001", 8001, bye(genuineSSRC)},                        // the end, by others
		{publisher + "6001", 8001, bye(0x66666666)},                   //
		{publisher + "6666", 8001, bye(genuineSSRC)},                  //
		{spy + "7001", 8001, bye(0x77777777)},                         //
		{spy + "6002", 8000, []byte{0x80}},                            // nothing
		{publisher + "6000", 8000, []byte("\x00garbage\xff garbage")}, //
	} {
		list = append(list, datagram{netip.MustParseAddrPort(d.from), d.to, d.b})
	}
	return list
}

// forge sends what is made for each sequence number, 200 times, from a namespace that lies about its address.
func forge(t *testing.T, namespace string, make func(sequence uint16) []datagram) (sent int) {
	t.Helper()
	err := within(namespace, func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_RAW)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		every := time.Tick(5 * time.Millisecond)
		for i := range 200 {
			for _, d := range make(uint16(i)) {
				if err := unix.Sendto(fd, d.packet(), 0, &unix.SockaddrInet4{Addr: [4]byte{10, 213, 77, 1}}); err != nil {
					return err
				}
				if !d.from.Addr().IsLoopback() && d.from.Addr() != netip.MustParseAddr("10.213.77.1") { // the kernel takes none of these
					sent++
				}
			}
			<-every // the publisher speaks meanwhile
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

// packet is the IPv4 packet with its UDP datagram, without a checksum; the kernel fills in that of IP.
func (d datagram) packet() []byte {
	b := []byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, unix.IPPROTO_UDP, 0, 0}
	from := d.from.Addr().As4()
	b = append(append(b, from[:]...), 10, 213, 77, 1)
	b = binary.BigEndian.AppendUint16(b, d.from.Port())
	b = binary.BigEndian.AppendUint16(b, d.to)
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(d.payload)))
	b = append(append(b, 0, 0), d.payload...)
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	return b
}

// received is how many datagrams a namespace has brought to sockets.
func received(t *testing.T, namespace string) (n int) {
	t.Helper()
	out := run(t, time.Minute, "ip", "netns", "exec", namespace, "cat", "/proc/net/snmp").stdout.String()
	for line := range strings.Lines(out) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "Udp:" && f[1] != "InDatagrams" {
			fmt.Sscan(f[1], &n)
		}
	}
	return n
}

// watchDatagrams counts what UDP a namespace sends out to other hosts, by destination, until it is asked.
func watchDatagrams(t *testing.T, namespace string) (seen func() map[netip.AddrPort]int) {
	t.Helper()
	var fd int
	err := within(namespace, func() (err error) {
		const all = unix.ETH_P_ALL<<8 | unix.ETH_P_ALL>>8
		if fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM, all&0xffff); err != nil {
			return err
		}
		return unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 100000})
	})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[netip.AddrPort]int{}
	quit, done := make(chan bool), make(chan bool)
	stop := sync.OnceFunc(func() { close(quit); <-done })
	t.Cleanup(func() { stop(); unix.Close(fd) })
	go func() {
		defer close(done)
		b := make([]byte, 65536)
		for {
			select {
			case <-quit:
				return
			default:
			}
			n, from, err := unix.Recvfrom(fd, b, 0)
			if link, ok := from.(*unix.SockaddrLinklayer); err != nil || !ok || link.Pkttype != unix.PACKET_OUTGOING || n < 28 || b[0] != 0x45 || b[9] != unix.IPPROTO_UDP {
				continue
			}
			if to := netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[16:20])), binary.BigEndian.Uint16(b[22:])); !to.Addr().IsLoopback() {
				counts[to]++
			}
		}
	}()
	return func() map[netip.AddrPort]int {
		stop()
		if len(counts) == 0 {
			t.Error("nothing was sent at all")
		}
		return counts
	}
}

// publishFrom publishes sound from a pair of ports.
func publishFrom(t *testing.T, k *keys, port int) *talker {
	t.Helper()
	client, err := rtspclient.Publish(t.Context(), "rtsp://"+k.address[false]+":8554/stage", k.sound(), k.pairOf(port))
	if err != nil {
		t.Fatal(err)
	}
	return talk(t, client)
}

// readAt plays that at a pair of ports.
func readAt(t *testing.T, k *keys, port int, payload func([]byte)) *rtspclient.Client {
	t.Helper()
	cfg := k.pairOf(port)
	cfg.Packet = func(p rtspclient.Packet) {
		if !p.RTCP && len(p.Data) > 12 {
			payload(p.Data[12:])
		}
	}
	client, err := rtspclient.Play(t.Context(), "rtsp://"+k.address[false]+":8554/stage", cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// pairOf has a client use a pair of ports of the reader's machine.
func (k *keys) pairOf(port int) *rtspclient.Config {
	cfg := k.config(cell{door: door{name: "udp", url: "rtsp://"}}, 0)
	cfg.ListenPair = func(netip.Addr) (a, b rtspclient.PacketConn, err error) {
		err = within(k.namespaces[false], func() error {
			x, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(10, 213, 77, 2), Port: port})
			if err != nil {
				return err
			}
			y, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(10, 213, 77, 2), Port: port + 1})
			a, b = x, y
			return err
		})
		return a, b, err
	}
	cfg.Dial = func(ctx context.Context, _ *rtsp.URL) (net.Conn, error) { return k.fromReader(ctx) }
	return cfg
}

// fromReader connects from the address that media is to go to.
func (k *keys) fromReader(ctx context.Context) (net.Conn, error) {
	return dialFrom(ctx, k.namespaces[false], net.IPv4(10, 213, 77, 2), k.address[false]+":8554")
}

// nameAnother asks to have the stream sent elsewhere, plays it all the same, and returns the answer to SETUP.
func nameAnother(t *testing.T, k *keys, parameter string) string {
	t.Helper()
	conn, err := k.fromReader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	url := "rtsp://" + k.address[false] + ":8554/stage"
	fmt.Fprintf(conn, "SETUP %s/trackID=0 RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP;unicast;%s;client_port=9000-9001\r\n\r\n", url, parameter)
	answer := make([]byte, 4096)
	n, err := conn.Read(answer)
	if err != nil {
		t.Fatal(err)
	}
	_, session, _ := strings.Cut(string(answer[:n]), "Session: ")
	session, _, _ = strings.Cut(session, ";")
	fmt.Fprintf(conn, "PLAY %s RTSP/1.0\r\nCSeq: 2\r\nSession: %s\r\n\r\n", url, strings.TrimSpace(session))
	conn.SetReadDeadline(time.Now().Add(time.Second))
	io.Copy(io.Discard, conn) // a second of media, if there is to be any
	return string(answer[:n])
}
