package vod

import (
	"time"

	"github.com/baton-rtsp/baton/rtspserver"
)

// position puts all lanes where a span begins, and says where that really is: at a random access point
// of the pictures, unless another style was asked for (RFC 7826 §18.47).
func (p *playback) seek(s *span) {
	lead := p.lead
	i := lead.track.Index.KeyBefore(lead.find(s.start))
	switch s.style {
	case rtspserver.SeekCoRAP:
		if here := p.position(); p.standing && !s.reverse() && lead.has && here <= s.start && (i < 0 || lead.shown(i) <= here) {
			s.start = here // nearer than the random access point
			return
		}
	case rtspserver.SeekFirstPrior:
		i = lead.find(s.start)
	case rtspserver.SeekNext:
		if i = lead.find(s.start); lead.shown(i) < s.start-slack {
			i = p.following(i)
		}
	}
	lead.floor = -time.Hour
	lead.seek(max(i, 0))
	if lead.has {
		s.start = max(lead.pts(), 0)
		if !s.reverse() {
			lead.floor = lead.pts()
		}
	}
	for _, l := range p.lanes {
		if l != lead {
			l.accompany(s)
		}
	}
	p.standing = true
}

// following is the picture shown after picture i: not always the next to be decoded.
func (p *playback) following(i int) int {
	t := p.lead.track
	s, _ := t.Index.At(i)
	best, when := i, int64(1<<62)
	for j := max(i-maxReorder, 0); j < i+maxReorder; j++ {
		if n, ok := t.Index.At(j); ok && n.PTS > s.PTS && n.PTS < when {
			best, when = j, n.PTS
		}
	}
	return best
}

// accompany puts a lane that does not lead where the leading one begins.
func (l *lane) accompany(s *span) {
	i := l.find(s.start)
	if l.track.Video {
		i = max(l.track.Index.KeyBefore(i), 0)
	}
	l.floor = s.start - slack
	if l.track.Video {
		l.floor = -time.Hour
	}
	if l.seek(i); l.has && l.pts() < l.floor {
		l.step()
	}
}

// turnKey goes to the next key picture in the direction of play, at least keyInterval of the play clock
// away.
func (p *playback) turnKey(l *lane) {
	x, here := l.track.Index, l.pts()
	apart := time.Duration(float64(keyInterval) * max(p.now.scale, -p.now.scale))
	i := l.at - 1
	for {
		if p.now.reverse() {
			i = x.KeyBefore(i - 1)
		} else {
			i = x.KeyAfter(i + 1)
		}
		if i < 0 || i >= x.Len() {
			l.has = false
			return
		}
		if d := l.shown(i) - here; d >= apart || -d >= apart {
			l.seek(i)
			return
		}
		if p.now.reverse() && i == 0 {
			l.has = false
			return
		}
	}
}
