package rtspserver

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
)

// Config says how a [Server] behaves. Zero values mean the defaults named at each field.
type Config struct {
	// Handler says what URLs name. Required.
	Handler Handler
	// Authorizer says who may do what; nil: everybody everything.
	Authorizer Authorizer
	// Logger gets one line for each session and each thing that went wrong; nil: none.
	Logger *slog.Logger
	// Name is sent as Server header; "Baton" if empty.
	Name string

	// SessionTimeout ends a session that shows no sign of life (RFC 2326 §12.37); 60 s. It is granted a
	// tenth more than it is told.
	SessionTimeout time.Duration
	// PublisherTimeout ends a publisher that sends nothing; 10 s.
	PublisherTimeout time.Duration
	// IdleTimeout closes a connection that has no session and sends nothing; 60 s.
	IdleTimeout time.Duration
	// RequestTimeout is how long a request may take from its first byte to its last; 10 s.
	RequestTimeout time.Duration
	// HandlerTimeout bounds each call of the handler; 10 s.
	HandlerTimeout time.Duration

	// MaxConns bounds connections in all, MaxConnsPerHost those of one address; 20000 and 5000. Beyond them, and the limits
	// below: 503 with Retry-After, a count in [Stats], and a line of the log a second at most. With IPv6 an address is a network
	// of 64 bits.
	MaxConns, MaxConnsPerHost int
	// MaxSessions bounds sessions in all, MaxSessionsPerHost those of one address, MaxSessionsPerUser those of one principal that
	// is not nobody in particular; 20000, 5000 and 5000.
	MaxSessions, MaxSessionsPerHost, MaxSessionsPerUser int
	// MaxReaders says how many sessions may read a path; 0, and nil: as many as there can be.
	MaxReaders func(path string) int
	// Limits bounds what one request may be; see [rtsp.Limits].
	Limits rtsp.Limits
	// StrangerMemory bounds what is held of a connection that has had no session yet, in bytes, at least 32 KiB; 64 KiB. Its
	// requests have to be smaller until then.
	StrangerMemory int

	// Origins are the web pages, besides those of the same host, that may use [Server.ServeWebSocket]: each
	// scheme://host[:port] as browsers send it, or "*" for all.
	Origins []string
	// Hosts are names by which such pages may reach the server, besides addresses, localhost, the name of this machine and the
	// hosts of Origins; "*" is any. A name that the server does not know may be one that an attacker has led here.
	Hosts []string

	// Shards is the number of sender goroutines; 0: one a core.
	Shards int
	// PortableIO selects the senders that work on every system instead of those of this one.
	PortableIO bool
	// ListenPair opens a pair of UDP sockets of its own for a session whose address cannot be told from
	// another's behind a NAT; nil: a free even/odd pair of the system.
	ListenPair func(local netip.Addr) (rtp, rtcp PacketConn, err error)
}

// PacketConn is what the server needs of a UDP socket; *net.UDPConn is one.
type PacketConn interface {
	net.PacketConn
	ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error)
	WriteToUDPAddrPort(b []byte, addr netip.AddrPort) (int, error)
}

// filled is a copy with the defaults in place.
func (c Config) filled() (Config, error) {
	if c.Handler == nil {
		return c, errors.New("rtspserver: no handler")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Name == "" {
		c.Name = "Baton"
	}
	if c.ListenPair == nil {
		c.ListenPair = ListenFreePair
	}
	setDefault(&c.SessionTimeout, 60*time.Second)
	setDefault(&c.PublisherTimeout, 10*time.Second)
	setDefault(&c.IdleTimeout, 60*time.Second)
	setDefault(&c.RequestTimeout, 10*time.Second)
	setDefault(&c.HandlerTimeout, 10*time.Second)
	setDefault(&c.MaxConns, 20000)
	setDefault(&c.MaxConnsPerHost, 5000)
	setDefault(&c.MaxSessions, 20000)
	setDefault(&c.MaxSessionsPerHost, 5000)
	setDefault(&c.MaxSessionsPerUser, 5000)
	setDefault(&c.StrangerMemory, 64<<10)
	c.StrangerMemory = max(c.StrangerMemory, 32<<10)
	return c, nil
}

func setDefault[T int | time.Duration](v *T, def T) {
	if *v == 0 {
		*v = def
	}
}
