package rtspserver

import (
	"net/netip"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
)

// Transition is a cell of the state table: the next state, or the status of the refusal.
func Transition(publisher bool, s State, m rtsp.Method) (State, rtsp.StatusCode) {
	r := reads
	if publisher {
		r = publishes
	}
	cell := transition(r, s, m)
	return cell.next, cell.refusal
}

// NewSessionID makes a Session id.
func NewSessionID() string { return newSessionID() }

// OpenGroup lets tests send to a group.
var OpenGroup = openGroup

// Neighbourhood is what counts as one address.
func Neighbourhood(addr netip.Addr) netip.Addr { return neighbourhood(addr) }

// Late takes RTCP of a publisher that has passed the first look at whether it still is one.
func (s *Session) Late(track int, b []byte) { s.publisher.inbound[track].control(b, time.Now()) }
