package rtspserver

import (
	"net/netip"
	"sync"
	"time"

	"github.com/baton-rtsp/baton/rtp"
)

// handleSize is how much of a session id may be shown. The rest, 64 random bits, stays between the server and the client.
const handleSize = 16

// SessionStats is a look at a [Session]. It holds no secret: neither the session id, which controls the session, nor the
// query of its URL.
type SessionStats struct {
	// Handle names the session, see [Session.Handle].
	Handle string
	// Path is that of the presentation, without slashes at its ends.
	Path string
	// Publishes tells a publisher from a reader.
	Publishes bool
	// State is where the session stands; Init once it has ended.
	State State
	// Remote is the address of the connection from which it was controlled last.
	Remote netip.AddrPort
	// Transports are those of its tracks, each kind once: "udp", "tcp", "multicast", "websocket".
	Transports []string
	// Packets is how many RTP packets it has sent or received, and Bytes the size of their payload. What a group gets is no
	// member's own: members of one have none.
	Packets, Bytes uint64
	// Lost is how many packets were lost on the way: those a publisher sent, by their numbers, or those that the
	// client says it has missed. Less than 0 means that some came twice.
	Lost int64
	// Since is when the session was made.
	Since time.Time
}

// Handle names the session for people and for logs: the first half of its id, with which nothing can be controlled.
func (s *Session) Handle() string { return s.id[:handleSize] }

// Publishes tells whether the session is a publisher's; the others are readers'.
func (s *Session) Publishes() bool { return s.role == publishes }

// Stats is what the session is doing and has done. It waits for the session's shard, so it must not be called on one.
func (s *Session) Stats() SessionStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := SessionStats{
		Handle: s.Handle(), Path: s.path, Publishes: s.Publishes(), State: s.state, Since: s.began,
		Remote: netip.AddrPortFrom(s.host, 0), Transports: s.kinds(),
	}
	if s.conn != nil {
		stats.Remote = s.conn.remote
	}
	if s.reader != nil {
		stats.Packets, stats.Bytes = s.reader.sent()
		stats.Lost = s.reader.loss.total()
	}
	if s.publisher != nil {
		stats.Packets, stats.Bytes, stats.Lost = s.publisher.received()
	}
	return stats
}

// kinds are the kinds of transport that the session has, each once. The session is locked.
func (s *Session) kinds() (list []string) {
	seen := map[string]bool{}
	for _, t := range s.transports {
		if t == nil || seen[t.kind()] {
			continue
		}
		seen[t.kind()] = true
		list = append(list, t.kind())
	}
	return list
}

// kind is a word for what a transport is.
func (t *transport) kind() string {
	switch {
	case t.caster != nil:
		return "multicast"
	case t.conn == nil:
		return "udp"
	}
	if _, web := t.conn.nc.(*webSocketConn); web {
		return "websocket"
	}
	return "tcp"
}

// sent is what all tracks were sent, in packets and bytes of payload.
func (r *reader) sent() (packets, octets uint64) {
	r.do(func() {
		for _, s := range r.senders {
			if s != nil {
				packets, octets = packets+s.packets, octets+s.octets
			}
		}
		packets, octets = packets+r.gone.packets, octets+r.gone.octets
	})
	return packets, octets
}

// retire takes a track's transport away, and remembers what it has sent. It runs on the shard.
func (r *reader) retire(track int) {
	if s := r.senders[track]; s != nil {
		r.gone.packets += s.packets
		r.gone.octets += s.octets
	}
	r.senders[track] = nil
}

// received is what came of all tracks, in packets and bytes of payload, and what did not.
func (p *publisher) received() (packets, octets uint64, lost int64) {
	for _, in := range p.inbound {
		in.mu.Lock()
		packets, octets, lost = packets+in.packets, octets+in.octets, lost+in.lost
		if in.receiver != nil {
			lost += in.receiver.Lost()
		}
		in.mu.Unlock()
	}
	return packets, octets, lost
}

// A loss is how many packets a client says it has missed (RFC 3550 §6.4.1).
type loss struct {
	mu     sync.Mutex
	tracks []int32 // by track
}

// note takes the first report block of a packet: a client hears one source a track.
func (l *loss) note(track int, p rtp.RTCP) {
	for block := range p.Reports() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if track >= len(l.tracks) {
			l.tracks = resized(l.tracks, track+1)
		}
		l.tracks[track] = block.TotalLost
		return
	}
}

func (l *loss) total() (n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, lost := range l.tracks {
		n += int64(lost)
	}
	return n
}
