package vod

import (
	"sync"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/timeline"
)

// What a film keeps for its playbacks: so many scratches, with buffers of so many bytes at most.
const (
	keepScratches = 32
	keepBuffer    = 256 << 10
)

// A pool is the scratches that no playback of a film is using. It is safe for concurrent use.
type pool struct {
	mu   sync.Mutex
	free []*scratch // guarded by mu
}

func (p *pool) get() *scratch {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.free)
	if n == 0 {
		return new(scratch)
	}
	s := p.free[n-1]
	p.free = p.free[:n-1]
	return s
}

func (p *pool) put(s *scratch) {
	if cap(s.bytes) > keepBuffer || cap(s.sample) > keepBuffer {
		return
	}
	s.lane = nil
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) < keepScratches {
		p.free = append(p.free, s)
	}
}

// A scratch holds one sample and its packets while they are being sent. Playbacks borrow them: one that
// waits for its next sample holds none.
type scratch struct {
	lane   *lane
	sample []byte
	bytes  []byte
	list   []timeline.Packet
	sent   int // of list
	ts     uint32
}

// left is how many packets have not gone out.
func (s *scratch) left() uint16 { return uint16(len(s.list) - s.sent) }

func (s *scratch) rest() timeline.Batch {
	return timeline.Batch{Bytes: s.bytes, Packets: s.list[s.sent:]}
}

// release gives the scratch back.
func (p *playback) release() {
	s := p.batch
	if s == nil {
		return
	}
	p.batch = nil
	p.film.pool.put(s)
}

// drop forgets what is left of a sample, as if it had never been numbered.
func (p *playback) drop() {
	if p.batch != nil {
		p.batch.lane.seq -= p.batch.left()
		p.release()
	}
}

// packetize makes the packets of a lane's next sample. A sample that is broken is left out.
func (p *playback) packetize(l *lane) {
	s := p.film.pool.get()
	s.lane, s.bytes, s.list, s.sent = l, s.bytes[:0], s.list[:0], 0
	p.batch = s
	play := p.pace.clock(l.pts())
	s.ts = l.timestamp(play)
	p.note(l)
	sample, err := l.track.Reader.ReadSample(l.next, s.sample)
	if err == nil {
		s.sample = sample
		err = l.packets.Packetize(sample, p.film.cfg.MaxPacket-rtp.HeaderSize, p.emit)
	}
	if err != nil {
		p.film.warn.Do(func() {
			p.film.cfg.Logger.Warn("sample cannot be sent", "film", p.film.cfg.Name, "track", l.track.ID, "at", l.pts(), "err", err)
		})
	}
	if p.now.keysOnly() {
		p.turnKey(l)
	} else {
		l.step()
	}
	if len(s.list) == 0 {
		p.release()
	}
}

// note keeps what is sent as the mark from which the clocks go on.
func (p *playback) note(l *lane) {
	m, length, decoded := &p.last, l.length(), l.dts()
	if p.now.scale != 1 {
		length = min(length, keyInterval)
	}
	if p.now.keysOnly() {
		decoded = l.pts()
	}
	if l == p.lead || !m.set {
		m.due, m.play, m.length = p.pace.due(decoded), p.pace.clock(decoded), length
	}
	m.beyond = max(m.beyond, p.pace.clock(l.pts())+length)
	m.set = true
}

// append adds one packet to the batch.
func (p *playback) append(b []byte, ticks uint32, marker bool) {
	s := p.batch
	size := rtp.HeaderSize + len(b)
	var flags timeline.Flags
	if marker {
		flags = timeline.Marker
	}
	ts := s.ts + ticks
	s.list = append(s.list, timeline.Packet{
		Offset: uint32(len(s.bytes)), Size: uint16(size), Track: uint8(s.lane.number), Timestamp: ts, Flags: flags,
	})
	s.bytes = append(s.bytes, '$', uint8(2*s.lane.number), byte(size>>8), byte(size))
	s.bytes = rtp.AppendHeader(s.bytes, rtp.Header{
		Marker: marker, PayloadType: s.lane.payload, Sequence: s.lane.seq, Timestamp: ts, SSRC: s.lane.ssrc,
	})
	s.bytes = append(s.bytes, b...)
	s.lane.seq++
}
