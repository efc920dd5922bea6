package rtspclient

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/sdp"
)

// A Lower is a lower transport: what carries RTP and RTCP (RFC 2326 §12.39).
type Lower uint8

// The lower transports.
const (
	UDP       Lower = iota // a pair of ports for each track
	TCP                    // interleaved with the requests (RFC 2326 §10.12)
	Multicast              // a group that the server names
)

func (l Lower) String() string {
	switch l {
	case TCP:
		return "TCP"
	case Multicast:
		return "multicast"
	}
	return "UDP"
}

// Defaults of a [Config].
const (
	DefaultTimeout   = 10 * time.Second
	DefaultPatience  = 3 * time.Second
	DefaultReorder   = 50 * time.Millisecond
	DefaultUserAgent = "Baton"
)

// Config says how a client behaves. The zero value is useful. It is copied.
type Config struct {
	// Lowers are the lower transports to try, in order; nil means UDP, then TCP. [Play] goes on to the next when the server
	// refuses one with 461, or when nothing comes over it.
	Lowers []Lower
	// Tracks chooses what [Play] sets up; nil means every track that the server sends (ONVIF back channels are left out).
	Tracks func(m *sdp.Media) bool

	// Packet gets every packet of every track that came, RTP in the order of its sequence numbers. It is called from one
	// goroutine for a track, but from several at a time, and must not wait: nothing is read meanwhile.
	Packet func(Packet)
	// Flush, if set, is called behind a run of packets that came at once. It must not wait.
	Flush func()
	// Described is told when the server has changed the description with ANNOUNCE (RFC 2326 §10.3). It must not wait.
	Described func(*sdp.Session)
	// FellBack is told when one of Lowers did not work and the next is tried, and why: a refusal, or [ErrSilence]. It must not wait.
	FellBack func(from, to Lower, why error)
	// Trace, if set, sees all that is exchanged. It is called from several goroutines and must not wait.
	Trace func(Trace)

	// User and Password are used when the URL has none, for RTSP and for a handshake of WebSocket that wants them. AllowBasic lets
	// them be sent in clear text, to a server that asks for nothing better and is not reached by TLS: whoever listens has them then.
	User, Password string
	AllowBasic     bool

	UserAgent string        // "" means DefaultUserAgent; some cameras refuse requests without (CAP-17)
	Timeout   time.Duration // for the answer to a request; 0 means DefaultTimeout
	Patience  time.Duration // how long Play waits for the first packet over UDP; 0 means DefaultPatience
	Reorder   time.Duration // how long a datagram may wait for those before it; 0 means DefaultReorder
	// Silence ends a client that plays when no packet has come for so long; 0 means that it waits for ever.
	Silence time.Duration

	// RequestURL is what requests name over WebSocket, where the URL names the server's page (ws://host/rtsp); "" means the same
	// host, port and path (rtsp://host:80/rtsp). It is not used elsewhere.
	RequestURL string
	// Dial opens a connection to the server of a URL; nil means TCP, and TLS for rtsps and wss with TLS as its configuration. For
	// ws and wss the WebSocket handshake follows.
	Dial func(ctx context.Context, u *rtsp.URL) (net.Conn, error)
	TLS  *tls.Config
	// Permit, if set, is asked before anything is sent to an address: the one that a name was resolved to when a connection is
	// opened, be it of a redirection or of a track on another host, and the one that a server says its media comes from. Its error
	// refuses. A Dial of one's own has to ask for itself.
	Permit func(addr netip.Addr) error
	// ListenPair opens the two sockets of a track at the address that the server is reached from; nil means an even port and
	// the next one, from ClientPort on when that is not 0.
	ListenPair func(local netip.Addr) (rtp, rtcp PacketConn, err error)
	ClientPort uint16
	// ListenGroup joins the groups that a track comes over by multicast, most often one group on two ports; nil means on the
	// interface that the system chooses.
	ListenGroup func(rtp, rtcp netip.AddrPort) (PacketConn, PacketConn, error)
	// Limits bound what is read; nil means those of [rtsp.Limits].
	Limits *rtsp.Limits
}

// A Packet is one RTP packet or RTCP compound packet that came.
type Packet struct {
	Track int
	RTCP  bool
	Data  []byte // until the call returns
	At    time.Time
}

// A Trace is one thing that was exchanged with the server.
type Trace struct {
	At      time.Time // of a datagram on Linux when the kernel received it, else when it was read
	Sent    bool      // else received
	Message bool      // a request or response of RTSP, byte for byte; else a packet
	Track   int       // of a packet
	RTCP    bool
	Lower   Lower // of a packet
	Channel uint8 // of an interleaved packet
	Local   net.Addr
	Remote  net.Addr
	Data    []byte // until the call returns
}

func (c *Config) filled() Config {
	f := Config{}
	if c != nil {
		f = *c
	}
	if len(f.Lowers) == 0 {
		f.Lowers = []Lower{UDP, TCP}
	}
	if f.UserAgent == "" {
		f.UserAgent = DefaultUserAgent
	}
	for _, d := range []struct {
		value *time.Duration
		def   time.Duration
	}{{&f.Timeout, DefaultTimeout}, {&f.Patience, DefaultPatience}, {&f.Reorder, DefaultReorder}} {
		if *d.value <= 0 {
			*d.value = d.def
		}
	}
	if f.Packet == nil {
		f.Packet = func(Packet) {}
	}
	if f.Flush == nil {
		f.Flush = func() {}
	}
	if f.FellBack == nil {
		f.FellBack = func(Lower, Lower, error) {}
	}
	if f.Dial == nil {
		f.Dial = f.dial
	}
	if f.ListenPair == nil {
		f.ListenPair = f.listenPair
	}
	if f.ListenGroup == nil {
		f.ListenGroup = listenGroup
	}
	return f
}

// dial connects as the scheme of a URL says.
func (c *Config) dial(ctx context.Context, u *rtsp.URL) (net.Conn, error) {
	address := net.JoinHostPort(u.Hostname(), strconv.Itoa(int(u.Port())))
	d := net.Dialer{Control: c.control}
	if u.Scheme != "rtsps" && u.Scheme != "wss" {
		return d.DialContext(ctx, "tcp", address)
	}
	secure := tls.Dialer{NetDialer: &d, Config: c.TLS}
	return secure.DialContext(ctx, "tcp", address)
}

// control asks Permit behind the resolver, so that no name leads past it.
func (c *Config) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	return c.permit(at.Addr())
}

func (c *Config) permit(addr netip.Addr) error {
	if c.Permit == nil {
		return nil
	}
	return c.Permit(addr.Unmap())
}
