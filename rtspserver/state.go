package rtspserver

import (
	"strings"

	"github.com/baton-rtsp/baton/rtsp"
)

// A State is where a session stands (RFC 2326 appendix A).
type State uint8

// The states of RFC 2326 appendix A.2.
const (
	Init State = iota
	Ready
	Playing
	Recording
)

func (s State) String() string {
	return [...]string{"Init", "Ready", "Playing", "Recording"}[s]
}

// A role is what a session was set up for: the mode of its first SETUP.
type role uint8

const (
	reads role = iota
	publishes
)

// A step is one cell of the state table: the state that a successful request leads to, or the status
// with which it is refused.
type step struct {
	next    State
	refusal rtsp.StatusCode
}

func to(s State) step                     { return step{next: s} }
func refuse(c rtsp.StatusCode) step       { return step{refusal: c} }
func invalidIn() step                     { return refuse(rtsp.StatusMethodNotValidInThisState) }
func notAllowed() step                    { return refuse(rtsp.StatusMethodNotAllowed) }
func allowIn(r role, s State) string      { return strings.Join(allowed(r, s), ", ") }
func statusError(c rtsp.StatusCode) error { return &rtsp.StatusError{Code: c} }

// statefulMethods are the columns of the table; the others change no state and are always valid
// (STA-01).
const statefulMethods = " SETUP PLAY PAUSE RECORD TEARDOWN ANNOUNCE "

// transition is the state table: what a method does to a session. RFC 2326 appendix A.2, with what
// clients need where the RFC is silent or stricter than they are: PAUSE in Ready and RECORD while
// Recording change nothing (STA-10), SETUP while Playing adds a track (STA-04), PLAY while Playing seeks
// or goes on (STA-05).
func transition(r role, s State, m rtsp.Method) step {
	switch s {
	case Init:
		switch m {
		case rtsp.MethodSetup:
			return to(Ready)
		case rtsp.MethodTeardown, rtsp.MethodAnnounce:
			return to(Init)
		}
	case Ready:
		switch m {
		case rtsp.MethodSetup, rtsp.MethodPause:
			return to(Ready)
		case rtsp.MethodPlay:
			if r == publishes {
				return notAllowed()
			}
			return to(Playing)
		case rtsp.MethodRecord:
			if r == reads {
				return notAllowed()
			}
			return to(Recording)
		case rtsp.MethodAnnounce:
			if r == publishes {
				return to(Ready)
			}
		case rtsp.MethodTeardown:
			return to(Init)
		}
	case Playing:
		switch m {
		case rtsp.MethodSetup, rtsp.MethodPlay:
			return to(Playing)
		case rtsp.MethodPause:
			return to(Ready)
		case rtsp.MethodTeardown:
			return to(Init)
		}
	case Recording:
		switch m {
		case rtsp.MethodRecord, rtsp.MethodAnnounce:
			return to(Recording)
		case rtsp.MethodPause:
			return to(Ready)
		case rtsp.MethodTeardown:
			return to(Init)
		}
	}
	return invalidIn()
}

// allowed lists the methods that are valid for a session, for an Allow header.
func allowed(r role, s State) []string {
	list := []string{"OPTIONS", "DESCRIBE"}
	for _, m := range strings.Fields(statefulMethods) {
		if transition(r, s, rtsp.Method(m)).refusal == 0 {
			list = append(list, m)
		}
	}
	return append(list, "GET_PARAMETER", "SET_PARAMETER")
}

// check refuses a method that is not valid now, with the Allow header that RFC 2326 §11.3.1 and §11.3.6
// ask for.
func check(r role, s State, m rtsp.Method) (State, error) {
	cell := transition(r, s, m)
	if cell.refusal == 0 {
		return cell.next, nil
	}
	err := &rtsp.StatusError{Code: cell.refusal}
	err.Header.Set("Allow", allowIn(r, s))
	return s, err
}
