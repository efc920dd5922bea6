package gateway

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/baton-rtsp/baton/rtspclient"
)

// Bounds of what waits for a page: one that is slower loses what comes, and is told how much.
const (
	maxWaiting = 4 << 20
	maxPages   = 16
	writeLimit = 10 * time.Second
	maxHistory = 256 << 10 // bytes of messages that a page sees which were exchanged before it looked
)

// A trace shows pages what the gateway exchanges with the server: a WebSocket of binary messages, each of one entry or more. An entry is
// the length of a JSON object in four bytes, big-endian, the object, the length of the data, and the data.
type trace struct {
	mu     sync.Mutex
	pages  map[*page]bool
	closed bool
	past   [][]byte // messages and notes
	size   int      // of past, in bytes
}

// A page is one that looks on.
type page struct {
	wake    chan struct{} // capacity 1
	waiting []byte        // guarded by the trace's mu, as is lost
	lost    int
}

// An entry is what a page is told of one thing that was exchanged.
type entry struct {
	At      int64  `json:"at"` // microseconds since 1970
	Sent    bool   `json:"sent,omitempty"`
	Kind    string `json:"kind"` // message, rtp, rtcp; note, whose data is a sentence; or lost, with Lost
	Track   int    `json:"track,omitempty"`
	Lower   string `json:"lower,omitempty"`
	Channel uint8  `json:"channel,omitempty"`
	Local   string `json:"local,omitempty"`
	Remote  string `json:"remote,omitempty"`
	Lost    int    `json:"lost,omitempty"`
}

func newTrace() *trace { return &trace{pages: map[*page]bool{}} }

// add tells the pages.
func (t *trace) add(x rtspclient.Trace) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.pages) == 0 && !x.Message {
		return
	}
	e := entry{At: x.At.UnixMicro(), Sent: x.Sent, Kind: "message", Local: address(x.Local), Remote: address(x.Remote)}
	data := x.Data
	switch {
	case x.Message:
		data = masked(data)
	case x.RTCP:
		e.Kind = "rtcp"
	default:
		e.Kind = "rtp"
	}
	if !x.Message {
		e.Track, e.Lower, e.Channel = x.Track, x.Lower.String(), x.Channel
	}
	t.show(e, data, x.Message)
}

// fellBack tells the pages that media comes by another transport than the one that was asked for first.
func (t *trace) fellBack(from, to rtspclient.Lower, why error) {
	text := fmt.Sprintf("Over %s now: the server does not send over %s.", to, from)
	if errors.Is(why, rtspclient.ErrSilence) {
		text = fmt.Sprintf("Over %s now: nothing has come over %s, which a firewall or NAT may drop.", to, from)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.show(entry{At: time.Now().UnixMicro(), Kind: "note"}, []byte(text), true)
}

// show has the pages see an entry, those too that come later when it is kept. The trace is locked.
func (t *trace) show(e entry, data []byte, kept bool) {
	b := encode(e, data)
	if kept {
		t.keep(b)
	}
	for p := range t.pages {
		p.push(b)
	}
}

// keep keeps a message for pages that come later. The trace is locked.
func (t *trace) keep(b []byte) {
	t.past, t.size = append(t.past, b), t.size+len(b)
	for t.size > maxHistory {
		t.size -= len(t.past[0])
		t.past = t.past[1:]
	}
}

// push queues an entry. The trace is locked.
func (p *page) push(b []byte) {
	if len(p.waiting)+len(b) > maxWaiting {
		p.lost++
		return
	}
	p.waiting = append(p.waiting, b...)
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

func encode(e entry, data []byte) []byte {
	head, err := json.Marshal(e)
	if err != nil {
		panic(err) // it has nothing that could fail
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(head)))
	b = append(b, head...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
	return append(b, data...)
}

func address(a net.Addr) string {
	if a == nil {
		return ""
	}
	return a.String()
}

// basic is a password in clear text.
var basic = regexp.MustCompile(`(?im)^(authorization:\s*basic\s+)\S+`) // read only

func masked(b []byte) []byte { return basic.ReplaceAll(b, []byte("$1(hidden)")) }

// ServeHTTP shows one page what is exchanged, until it goes.
func (t *trace) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := t.enter() // before the page is answered: it sees all that it does from then on
	if p != nil {
		defer t.leave(p)
	}
	ws, err := websocket.Accept(w, r, nil) // pages of the same origin only
	if err != nil {
		return
	}
	defer ws.CloseNow()
	if p == nil {
		ws.Close(websocket.StatusTryAgainLater, "too many pages")
		return
	}
	gone := ws.CloseRead(r.Context()) // pages say nothing
	for {
		select {
		case <-gone.Done():
			return
		case <-p.wake:
		}
		b, open := t.take(p)
		if !open {
			ws.Close(websocket.StatusGoingAway, "baton play has ended")
			return
		}
		ctx, cancel := context.WithTimeout(gone, writeLimit)
		err := ws.Write(ctx, websocket.MessageBinary, b)
		cancel()
		if err != nil {
			return
		}
	}
}

func (t *trace) enter() *page {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || len(t.pages) >= maxPages {
		return nil
	}
	p := &page{wake: make(chan struct{}, 1)}
	t.pages[p] = true
	for _, b := range t.past {
		p.push(b)
	}
	return p
}

func (t *trace) leave(p *page) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.pages, p)
}

// take takes what waits for a page.
func (t *trace) take(p *page) (b []byte, open bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	b, p.waiting = p.waiting, nil
	if p.lost > 0 {
		b = append(b, encode(entry{At: time.Now().UnixMicro(), Kind: "lost", Lost: p.lost}, nil)...)
		p.lost = 0
	}
	return b, !t.closed
}

// close sends the pages away.
func (t *trace) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for p := range t.pages {
		select {
		case p.wake <- struct{}{}:
		default:
		}
	}
}
