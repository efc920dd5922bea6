package rtspserver

import (
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/timeline"
)

// A caster sends a live presentation to a multicast group, as long as some reader is a member. It is a visitor of a shard, as
// readers are, with a cursor of its own: members have none of what it sends to do.
type caster struct {
	// constant
	server *Server
	key    castKey
	tl     *timeline.Timeline // that it sends
	group  netip.Addr
	local  netip.Addr
	port   uint16
	ttl    int
	cname  string
	conn   *net.UDPConn // sends RTP and RTCP
	seat   *timeline.Seat

	// guarded by the server's castMu: which tracks of which sessions there are, and whether they are played
	members map[*transport]bool

	// ended says that it will send nothing any more, see over
	ended atomic.Bool

	// owned by the shard
	playback Playback
	playing  bool
	closed   bool
	tracks   []castTrack
}

// A castTrack is one track of a group.
type castTrack struct {
	tally
	wanted    bool
	rtp, rtcp netip.AddrPort
}

// newCaster opens what it takes to send to a group. Nothing is sent yet.
func newCaster(s *Server, key castKey, group netip.Addr) (*caster, error) {
	cfg := key.live.cfg.Multicast
	c := &caster{
		server: s, key: key, tl: key.live.Timeline(), group: group, local: key.local, port: cfg.Port, ttl: max(cfg.TTL, 1),
		cname: s.cnameAt(key.local.String()), members: map[*transport]bool{},
	}
	if c.port == 0 {
		c.port = defaultMulticastPort
	}
	var err error
	if c.conn, err = openGroup(group, key.local, c.ttl); err != nil {
		return nil, err
	}
	c.playback = key.live.playback(c.tl, timeline.StartKeyframe)
	for i := range min(c.tl.Tracks(), maxMulticastTracks) {
		port := c.port + 2*uint16(i)
		c.tracks = append(c.tracks, castTrack{
			tally: tally{ssrc: c.tl.SSRC(i)}, rtp: netip.AddrPortFrom(group, port), rtcp: netip.AddrPortFrom(group, port+1),
		})
	}
	c.seat = s.shards.Seat(c)
	c.seat.Do(func() { c.playback.Attach(c.seat) })
	return c, nil
}

// over tells whether it sends nothing any more: the presentation has ended, or has other tracks now. It finds that out by itself only
// when it is visited next; who joins meanwhile would be left behind.
func (c *caster) over() bool { return c.ended.Load() || c.tl != c.key.live.Timeline() }

// refresh begins or ends what members want. The server's castMu is held.
func (c *caster) refresh() {
	var wanted uint64
	for t, on := range c.members {
		if on {
			wanted |= 1 << t.track
		}
	}
	c.seat.Do(func() { c.send(wanted) })
}

// send sends these tracks from now on. On the shard.
func (c *caster) send(wanted uint64) {
	now := time.Now()
	for i := range c.tracks {
		t := &c.tracks[i]
		if on := wanted>>i&1 == 1; on != t.wanted {
			t.wanted, t.reportAt = on, now
		}
	}
	if c.closed {
		return
	}
	c.playback.Select(wanted)
	switch {
	case wanted != 0 && !c.playing:
		_, err := c.playback.Play(now, &PlayRequest{})
		c.playing = err == nil
		c.seat.Wake()
	case wanted == 0 && c.playing:
		c.playback.Pause(now, nil)
		c.playing = false
		c.seat.At(time.Time{})
	}
}

// Visit sends what is new. It runs on the shard.
//
// hot: 0 allocs, no lock.
func (c *caster) Visit(now time.Time) {
	if !c.playing || c.closed {
		return
	}
	next := c.reports(now)
	for {
		b, wait, err := c.playback.Next(now)
		var changed *changedError
		switch {
		case errors.As(err, &changed) && changed.same:
			continue
		case err != nil: // members hear of it themselves: they follow the presentation too
			c.ended.Store(true)
			c.playing = false
			c.seat.At(time.Time{})
			return
		}
		if len(b.Packets) == 0 {
			next = earlier(next, wait)
			break
		}
		for i := range b.Packets {
			c.packet(&b, i)
		}
		c.playback.Advance(len(b.Packets))
	}
	c.seat.At(next)
}

// packet sends one packet. What the network does not take is lost.
func (c *caster) packet(b *timeline.Batch, i int) {
	track := int(b.Packets[i].Track)
	if track >= len(c.tracks) || !c.tracks[track].wanted {
		return
	}
	t := &c.tracks[track]
	c.conn.WriteToUDPAddrPort(b.RTP(i), t.rtp)
	t.count(b, i)
}

// reports sends the sender reports that are due and returns when the next one is.
func (c *caster) reports(now time.Time) (next time.Time) {
	for i := range c.tracks {
		t := &c.tracks[i]
		if !t.wanted {
			continue
		}
		if b := t.due(c.playback, i, c.cname, now); b != nil {
			c.conn.WriteToUDPAddrPort(b, t.rtcp)
		}
		next = earlier(next, t.reportAt)
	}
	return next
}

// Panicked ends what has panicked; its members time out or leave.
func (c *caster) Panicked(value any, stack []byte) {
	c.ended.Store(true)
	c.playing, c.closed = false, true
	c.server.panicked("a caster", value, stack, "group", c.group)
}

// close says BYE (RTP-09) and gives everything back. The server's castMu is held.
func (c *caster) close() {
	c.seat.Do(func() {
		if c.closed {
			return
		}
		c.closed = true
		for i := range c.tracks {
			if t := &c.tracks[i]; t.sent {
				c.conn.WriteToUDPAddrPort(t.bye(c.playback, i, c.cname, "nobody listens"), t.rtcp)
			}
		}
	})
	c.seat.Do(func() {
		c.seat.Close()
		c.playback.Close()
	})
	c.conn.Close()
}
