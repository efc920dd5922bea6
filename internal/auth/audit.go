package auth

import (
	"cmp"
	"encoding/json"
	"io"
	"sync"
	"time"
)

// maxNobody is how many lines a second are written about those who are nobody in particular: refused, or let in as everybody is; more
// are counted. They cost their senders nothing, and a disk is soon full.
const maxNobody = 50

// maxMethod is how much of a method is written, in bytes. Those of HTTP can be any word.
const maxMethod = 32

// An Audit writes down who did what, as lines of JSON. No line has a password, a token or a query in it. It is safe
// for concurrent use, and nil is one that writes nothing.
type Audit struct {
	// Failed is told when a line cannot be written, once until one can be; nil: nobody is. It is set before use.
	Failed func(error)

	mu     sync.Mutex
	w      io.Writer
	second int64 // of which lines about nobody are counted
	nobody int
	failed bool // the last line was not written whole
	torn   bool // part of it stands there
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
	Omitted  int       `json:"omitted,omitempty"` // lines about nobody in particular, before this one
}

// Note writes down one decision; err is why it was no.
func (a *Audit) Note(r *Request, principal string, err error) {
	if a == nil {
		return
	}
	line := record{
		Time: time.Now().UTC(), User: principal, Action: r.Action, Method: cut(r.Method, maxMethod), Path: cut(cmp.Or(r.Path, r.Resource), 512),
		Address: r.Address.Unmap().String(), Protocol: r.Protocol, Allowed: err == nil,
	}
	if err != nil {
		line.Why = err.Error()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if second := line.Time.Unix(); second != a.second {
		line.Omitted = max(a.nobody-maxNobody, 0)
		a.second, a.nobody = second, 0
	}
	if err != nil || principal == "" {
		if a.nobody++; a.nobody > maxNobody {
			return
		}
	}
	a.write(&line)
}

// write writes a line. A log that cannot be written stops nobody, but somebody should know; and what was written of a line before the
// disk was full must not spoil the next one.
func (a *Audit) write(line *record) {
	b, err := json.Marshal(line)
	if err != nil {
		return
	}
	if a.torn {
		b = append([]byte("\n"), b...)
	}
	n, err := a.w.Write(append(b, '\n'))
	if err != nil && !a.failed && a.Failed != nil {
		a.Failed(err)
	}
	a.failed, a.torn = err != nil, err != nil && (n > 0 || a.torn)
}

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}
