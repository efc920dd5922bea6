package timeline

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/baton-rtsp/baton/internal/payload"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/sdp"
)

// Limits of a [Config], and what its zero values mean.
const (
	DefaultWindow    = 8 << 20
	DefaultMaxPacket = 1400
	minWindow        = 64 << 10
	minMaxPacket     = 200
	// maxPacketLimit keeps a packet and its framing within the 16-bit length of an interleaved frame.
	maxPacketLimit = 65535
)

// ErrTrack is returned for a track that the presentation does not have.
var ErrTrack = errors.New("timeline: no such track")

// Config says how a timeline behaves. The zero value is useful.
type Config struct {
	// Window is how many bytes of media are kept, at least 64 KiB; 0 means DefaultWindow. A reader that
	// falls further behind skips to the newest random access point.
	Window int
	// Budget caps the memory of all timelines that share it; nil means no common cap.
	Budget *Budget
	// MaxPacket is the largest RTP packet, in bytes with its header, that is appended: larger ones are
	// fragmented once, here, so that sequence numbers stay common to all readers. 0 means
	// DefaultMaxPacket, which fits an Ethernet frame with room for IPv6, SRTP and tunnels.
	MaxPacket int
	// Spell is how much of what comes may go into a piece of the log, by time: [Cursor.Behind] can tell times apart
	// that are further apart. 0 means that only size counts.
	Spell time.Duration
	// Coalesce is how long after the first new packet readers may be woken, so that what a source spreads
	// over the interval of a picture leaves in fewer, larger writes; 0, the default: at once.
	Coalesce time.Duration
}

// A Timeline is the live media of one presentation.
//
// Write, SenderReport, Interrupt, Flush and Close may be called from any goroutine, one source at a
// time; cursors read at the same time without a lock.
type Timeline struct {
	log       log
	maxPacket int
	lead      uint64 // tracks whose random access points are where readers begin
	gated     uint64 // tracks of which nothing goes out before such a point
	coalesce  *coalesce
	stamped   sync.Pool // of *stamped, for bursts

	mu     sync.Mutex // one source writes; guards all following fields
	tracks []*track
	meter  meter
}

// New makes a timeline for the tracks of a presentation, in the order of their media sections. It panics
// when there are more than MaxTracks of them.
func New(media []*sdp.Media, cfg *Config) *Timeline {
	if len(media) > MaxTracks {
		panic(fmt.Sprintf("timeline: %d tracks", len(media)))
	}
	if cfg == nil {
		cfg = &Config{}
	}
	t := &Timeline{maxPacket: orDefault(cfg.MaxPacket, DefaultMaxPacket, minMaxPacket, maxPacketLimit)}
	budget := cfg.Budget
	if budget == nil {
		budget = &Budget{}
	}
	t.log.init(orDefault(cfg.Window, DefaultWindow, minWindow, math.MaxInt), budget)
	t.log.spell = cfg.Spell
	t.coalesce = newCoalesce(cfg.Coalesce, &t.log)
	wall := new(rtp.Wall) // one source, one wall clock
	for i, m := range media {
		tr := newTrack(uint8(i), m, wall)
		t.tracks = append(t.tracks, tr)
		if tr.gated {
			t.gated |= 1 << i
		}
	}
	t.lead = t.gated & -t.gated // the first video track whose key pictures are known
	return t
}

func orDefault(v, def, low, high int) int {
	if v == 0 {
		v = def
	}
	return min(max(v, low), high)
}

// Continue takes over the sequence numbers, timestamps and SSRCs of an older timeline, track by track,
// so that readers who move from one to the other see no jump. Call it before the first Write; old must
// not be written to any more.
func (t *Timeline) Continue(old *Timeline) {
	old.mu.Lock()
	defer old.mu.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, tr := range t.tracks {
		if i < len(old.tracks) {
			tr.succeed(old.tracks[i])
		}
	}
}

// Write appends one RTP packet of a track, as it came from the source at a time. Sequence numbers,
// timestamps and SSRC become those of the presentation; a packet that is too large is fragmented; the
// parameter sets that a random access point lacks are put in front of it. Readers hear of it with the
// next [Timeline.Flush]. It returns an error when pkt is no RTP packet or the timeline is closed, and then
// appends nothing.
//
// hot: 0 allocs, ≤1 lock; runs on the source's receive goroutine.
func (t *Timeline) Write(track int, pkt rtp.Packet, at time.Time) error {
	if err := pkt.Validate(); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if track < 0 || track >= len(t.tracks) {
		return ErrTrack
	}
	if cause := t.log.cause(); cause != nil {
		return cause
	}
	t.log.now = at
	t.meter.add(len(pkt), at)
	t.tracks[track].write(t, pkt, at)
	return nil
}

// Flush tells the readers that there is something new, at most [Config.Coalesce] later. Call it once
// behind a burst of packets.
func (t *Timeline) Flush() {
	if t.coalesce == nil {
		t.log.flush()
		return
	}
	t.coalesce.flush()
}

// SenderReport takes a sender report of the source for a track, as the source counts (RFC 3550 §6.4.1),
// heard at a time.
func (t *Timeline) SenderReport(track int, r rtp.SenderReport, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if track >= 0 && track < len(t.tracks) {
		t.tracks[track].reported(r, at)
	}
}

// Interrupt says that the source has gone and that another may follow: the next packet of each track
// goes on where the last one stopped, whatever its own sequence number and timestamp.
func (t *Timeline) Interrupt() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, tr := range t.tracks {
		tr.interrupt()
	}
}

// Close ends the timeline. Cursors return cause when they have read what is there.
func (t *Timeline) Close(cause error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.log.close(cause)
	t.coalesce.stop()
	t.log.release()
}

// Tracks is how many there are.
func (t *Timeline) Tracks() int { return len(t.tracks) }

// SSRC is the synchronisation source of a track, as readers see it.
func (t *Timeline) SSRC(track int) uint32 { return t.tracks[track].ssrc }

// Bytes is how much memory the log holds.
func (t *Timeline) Bytes() int {
	n := 0
	for _, c := range *t.log.view.Load() {
		n += len(c.buf)
	}
	return n
}

// Rate is how much comes now, in bits a second of RTP packets: 0 before the first seconds are over, and when nothing has come for some.
func (t *Timeline) Rate(now time.Time) float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.meter.rate(now)
}

// Packets is how many packets have been appended in all.
func (t *Timeline) Packets() uint64 { return t.log.head() }

// Upcoming is the sequence number that the next packet of a track will have; false while there has been
// none.
func (t *Timeline) Upcoming(track int) (seq uint16, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	tr := t.tracks[track]
	return tr.lastSeq + 1, tr.begun
}

// Redescribe takes a newer description of the same tracks in the same formats: parameter sets that are
// other ones take effect with the next packet.
func (t *Timeline) Redescribe(media []*sdp.Media) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, m := range media {
		if i < len(t.tracks) {
			t.tracks[i].redescribe(m)
		}
	}
}

// Describe writes into the media sections of a description what was learned from the packets, such as
// parameter sets that the source's own description lacked.
func (t *Timeline) Describe(media []*sdp.Media) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, m := range media {
		if i < len(t.tracks) {
			payload.Describe(t.tracks[i].format, m)
		}
	}
}
