package auth

import (
	"encoding/json"
	"io"
	"sync"
	"time"
)

// maxRefusals is how many refusals a second are written down one by one; more are counted. They cost their senders
// nothing, and a disk is soon full.
const maxRefusals = 50

// An Audit writes down who did what, as lines of JSON. No line has a password, a token or a query in it. It is safe
// for concurrent use, and nil is one that writes nothing.
type Audit struct {
	mu      sync.Mutex
	w       io.Writer
	second  int64 // of which refusals are counted
	refused int
}

// NewAudit writes to w.
func NewAudit(w io.Writer) *Audit { return &Audit{w: w} }

// A record is one line.
type record struct {
	Time     time.Time `json:"time"`
	User     string    `json:"user,omitempty"`
	Action   Action    `json:"action,omitempty"`
	Method   string    `json:"method,omitempty"`
	Path     string    `json:"path,omitempty"`
	Address  string    `json:"address,omitempty"`
	Protocol string    `json:"protocol,omitempty"`
	Allowed  bool      `json:"allowed"`
	Why      string    `json:"why,omitempty"`
	Omitted  int       `json:"omitted,omitempty"` // refusals before this line
}

// Note writes down one decision; err is why it was no.
func (a *Audit) Note(r *Request, principal string, err error) {
	if a == nil {
		return
	}
	line := record{
		Time: time.Now().UTC(), User: principal, Action: r.Action, Method: r.Method, Path: cut(r.Path, 512),
		Address: r.Address.Unmap().String(), Protocol: r.Protocol, Allowed: err == nil,
	}
	if err != nil {
		line.Why = err.Error()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if second := line.Time.Unix(); second != a.second {
		line.Omitted = max(a.refused-maxRefusals, 0)
		a.second, a.refused = second, 0
	}
	if err != nil {
		if a.refused++; a.refused > maxRefusals {
			return
		}
	}
	if b, err := json.Marshal(line); err == nil {
		a.w.Write(append(b, '\n')) // a log that cannot be written stops nobody
	}
}

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}
