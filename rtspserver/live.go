package rtspserver

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/sdp"
	"github.com/baton-rtsp/baton/timeline"
)

// ErrEnded is why readers are sent away when a live presentation ends; its text says more where there is
// more to say.
var ErrEnded = errors.New("presentation ended")

// ErrLag is why a reader is sent away that takes nothing, see [Lag].
var ErrLag = errors.New("reader takes nothing")

// Lag says what becomes of readers that are too slow. The zero value leaves them as much as the window holds.
type Lag struct {
	// Jump is how far a reader may be behind before it skips to the newest random access point, if that is ahead; 0: as
	// far as the window goes. It is observed to within a fifth.
	Jump time.Duration
	// CloseAfter is how long a reader may take nothing of what there is before its session ends with ErrLag; 0: until
	// the session times out.
	CloseAfter time.Duration
}

// LiveStats is a look at the readers of a [Live] presentation.
type LiveStats struct {
	Readers int
	Jumps   uint64 // how often one skipped pictures because it was too slow
	Lagged  uint64 // how many were sent away because they took nothing
}

// LiveConfig says how a [Live] presentation behaves. The zero value is useful.
type LiveConfig struct {
	Timeline timeline.Config
	// Start says where readers begin, if their URL does not (see [Live.Starting]).
	Start timeline.Start
	// Lag says what becomes of readers that are too slow.
	Lag Lag
	// Multicast has it sent to a group too, for those who ask for that; nil: not.
	Multicast *Multicast
	// Readers is told how many sessions have the presentation open whenever that changes, for sources
	// that run only while somebody watches. It must not block, nor call the presentation. May be nil.
	Readers func(n int)
}

// A Live presentation is fed by one source at a time through its timeline, and read by any number of
// sessions. Its methods are safe for concurrent use.
type Live struct {
	cfg     LiveConfig
	jumps   atomic.Uint64
	lagged  atomic.Uint64
	version atomic.Uint64                     // counts changes of the description
	tl      atomic.Pointer[timeline.Timeline] // replaced under mu

	// guarded by mu
	mu      sync.Mutex
	desc    *sdp.Session
	shown   []byte // media sections as described last
	readers int
	source  *Session // the publisher, if that is the source
	ended   error
}

// NewLive makes a presentation of what a description announces. It starts nothing.
func NewLive(desc *sdp.Session, cfg *LiveConfig) *Live {
	if cfg == nil {
		cfg = &LiveConfig{}
	}
	l := &Live{cfg: *cfg, desc: forReaders(desc)}
	if l.cfg.Lag.Jump > 0 && l.cfg.Timeline.Spell == 0 {
		l.cfg.Timeline.Spell = max(l.cfg.Lag.Jump/5, time.Millisecond)
	}
	l.desc.Origin.ID, l.desc.Origin.Version = uint64(rand.Uint32()), 1
	l.desc.Origin.Username = "-"
	l.tl.Store(timeline.New(l.desc.Media, &l.cfg.Timeline))
	return l
}

// forReaders is a publisher's description without what concerns only the publisher.
func forReaders(desc *sdp.Session) *sdp.Session {
	s := desc.Clone()
	s.Connection, s.Origin.Address = "", ""
	for _, key := range []string{
		"control", "range", "sendonly", "recvonly", "sendrecv", "inactive", "tool", "type",
		"rtcp", "rtcp-mux", "rtcp-rsize", "source-filter", "crypto", "key-mgmt", "setup", "connection", "fingerprint",
		"ice-ufrag", "ice-pwd", "ice-options", "ice-lite", "candidate", "end-of-candidates", // of its transport
	} {
		s.DelAttr(key)
		for _, m := range s.Media {
			m.DelAttr(key)
		}
	}
	for _, m := range s.Media {
		m.Proto, m.Connection = "RTP/AVP", ""
	}
	return s
}

// Describe is the description for readers, with what was learned from the packets themselves.
func (l *Live) Describe() *Description {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.desc.Clone()
	l.Timeline().Describe(s.Media)
	now := (&sdp.Session{Media: s.Media}).Append(nil)
	if l.shown != nil && !bytes.Equal(now, l.shown) {
		l.desc.Origin.Version++ // SDP-06
	}
	l.shown = now
	s.Origin.Version = l.desc.Origin.Version
	return &Description{SDP: s, Live: true}
}

// Open makes a playback that follows the timeline.
func (l *Live) Open() (Playback, error) { return l.open(l.cfg.Start) }

// Starting is the presentation for readers who begin in another way than others.
func (l *Live) Starting(start timeline.Start) Presentation { return startingLive{l, start} }

type startingLive struct {
	*Live
	start timeline.Start
}

func (l startingLive) Open() (Playback, error) { return l.open(l.start) }

func (l *Live) open(start timeline.Start) (Playback, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended != nil {
		return nil, &rtsp.StatusError{Code: rtsp.StatusNotFound, Err: l.ended}
	}
	l.readers++
	l.count()
	p := l.playback(l.Timeline(), start)
	p.reader = true
	return p, nil
}

// playback follows a timeline; whoever uses it is no reader yet.
func (l *Live) playback(tl *timeline.Timeline, start timeline.Start) *livePlayback {
	return &livePlayback{live: l, tl: tl, start: start, cursor: tl.Cursor(0), version: l.version.Load()}
}

// count tells the owner; the presentation is locked.
func (l *Live) count() {
	if l.cfg.Readers != nil {
		l.cfg.Readers(l.readers)
	}
}

func (l *Live) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.readers--
	l.count()
}

// Readers is how many sessions have the presentation open.
func (l *Live) Readers() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.readers
}

// Stats is how its readers do.
func (l *Live) Stats() LiveStats {
	return LiveStats{Readers: l.Readers(), Jumps: l.jumps.Load(), Lagged: l.lagged.Load()}
}

// Timeline is what a source writes to. It changes with Replace.
func (l *Live) Timeline() *timeline.Timeline { return l.tl.Load() }

// Write appends one RTP packet of a track, see [timeline.Timeline.Write]; Flush shows readers what was
// written.
func (l *Live) Write(track int, pkt rtp.Packet, at time.Time) error {
	return l.Timeline().Write(track, pkt, at)
}

// Flush shows readers what was written. Call it behind each burst.
func (l *Live) Flush() { l.Timeline().Flush() }

// Fits tells whether a source of another description can go on where the last one stopped: the same
// tracks, in the same formats.
func (l *Live) Fits(desc *sdp.Session) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(desc.Media) != len(l.desc.Media) {
		return false
	}
	for i, m := range desc.Media {
		if !sameFormats(m, l.desc.Media[i]) {
			return false
		}
	}
	return true
}

func sameFormats(a, b *sdp.Media) bool {
	fa, fb := a.FormatList(), b.FormatList()
	if a.Type != b.Type || len(fa) != len(fb) {
		return false
	}
	for i := range fa {
		x, y := &fa[i], &fb[i]
		if x.PayloadType != y.PayloadType || !x.Is(y.Encoding) || x.ClockRate != y.ClockRate || x.Channels != y.Channels {
			return false
		}
	}
	return true
}

// Update changes the description. Where the tracks stay what they were, readers stay too; otherwise a
// new timeline takes over and readers move to it. Those whose client takes ANNOUNCE get one (RFC 2326
// §10.3); those who would have to move and do not take it are sent away.
func (l *Live) Update(desc *sdp.Session) {
	if l.redescribe(desc, l.Fits(desc)) {
		l.Flush() // with nothing locked: it may visit readers
	}
}

// redescribe is Update, and tells whether readers are to hear of it.
func (l *Live) redescribe(desc *sdp.Session, same bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended != nil {
		return false
	}
	next := forReaders(desc)
	next.Origin = l.desc.Origin
	if bytes.Equal((&sdp.Session{Media: next.Media}).Append(nil), (&sdp.Session{Media: l.desc.Media}).Append(nil)) {
		return false
	}
	next.Origin.Version++
	l.desc, l.shown = next, nil
	if same {
		l.Timeline().Redescribe(next.Media)
		l.version.Add(1)
		return true
	}
	old, tl := l.Timeline(), timeline.New(next.Media, &l.cfg.Timeline)
	tl.Continue(old)
	l.tl.Store(tl)
	l.version.Add(1)
	old.Close(&changedError{live: l})
	return false
}

// Evict ends the session of the publisher, if there is one: another is to take its place. Readers stay.
func (l *Live) Evict() {
	l.mu.Lock()
	source := l.source
	l.mu.Unlock()
	if source != nil {
		source.end(errEvicted)
	}
}

func (l *Live) setSource(s *Session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.source = s
}

// Interrupt says that the source has gone and that another may follow.
func (l *Live) Interrupt() { l.Timeline().Interrupt() }

// End ends the presentation and its readers: BYE, then their sessions are gone. They are told
// [ErrEnded], with the text of cause if it is not nil: what ended the source, such as an io.EOF, would
// mean something else to them.
func (l *Live) End(cause error) {
	if cause == nil {
		cause = ErrEnded
	} else {
		cause = fmt.Errorf("%w: %v", ErrEnded, cause)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended == nil {
		l.ended = cause
		l.Timeline().Close(cause)
	}
}

// A changedError says that the description has changed: with same, only in parameters.
type changedError struct {
	live *Live
	same bool
}

func (e *changedError) Error() string { return "description changed" }
