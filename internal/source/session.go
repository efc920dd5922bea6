package source

import (
	"sync"
	"sync/atomic"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
)

// maxEarly is how many bytes may come from a source before its presentation is known: more than a group of pictures.
const maxEarly = 8 << 20

// A session is one connection to a source.
type session struct {
	url    string            // that it was started with
	cfg    rtspclient.Config // that of the Pull, with credentials for url
	client *rtspclient.Client
	live   atomic.Pointer[rtspserver.Live] // nil: not adopted yet

	// guarded by mu
	mu     sync.Mutex
	early  []rtspclient.Packet
	size   int
	tracks []int // of the presentation, by the index of the source's media section; constant once it is adopted
}

func newSession(url string, cfg rtspclient.Config) *session { return &session{url: url, cfg: cfg} }

// describe is what the source sends: the tracks that are set up. Each knows its media section: what the source has announced since
// may have fewer.
func (s *session) describe() *sdp.Session {
	desc := *s.client.Description()
	desc.Media = nil
	for _, t := range s.client.Tracks() {
		desc.Media = append(desc.Media, t.Media())
	}
	return desc.Clone()
}

// adopt writes to a presentation from now on, and what has come until now first.
func (s *session) adopt(live *rtspserver.Live) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, t := range s.client.Tracks() {
		s.tracks = append(s.tracks, make([]int, t.Index()+1-len(s.tracks))...)
		s.tracks[t.Index()] = i
	}
	for _, p := range s.early {
		s.write(live, p)
	}
	s.early = nil
	s.live.Store(live)
	live.Flush()
}

// packet takes what comes.
//
// hot: 0 allocs, 1 lock.
func (s *session) packet(p rtspclient.Packet) {
	if live := s.live.Load(); live != nil {
		s.write(live, p)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if live := s.live.Load(); live != nil {
		s.write(live, p)
		return
	}
	if s.size += len(p.Data); s.size > maxEarly {
		s.early, s.size = nil, len(p.Data)
	}
	p.Data = append([]byte(nil), p.Data...)
	s.early = append(s.early, p)
}

func (s *session) write(live *rtspserver.Live, p rtspclient.Packet) {
	if !p.RTCP {
		live.Write(s.tracks[p.Track], p.Data, p.At) // what makes no sense is refused, and left out
		return
	}
	for r := range rtp.Packets(p.Data) {
		if sr, ok := r.SenderReport(); ok {
			live.Timeline().SenderReport(s.tracks[p.Track], sr, p.At)
		}
	}
}

// flush shows readers what has come.
func (s *session) flush() {
	if live := s.live.Load(); live != nil {
		live.Flush()
	}
}

// described takes a newer description of the source, when it is of the same tracks.
func (s *session) described(*sdp.Session) {
	live := s.live.Load()
	if live == nil {
		return
	}
	if desc := s.describe(); live.Fits(desc) {
		live.Update(desc)
	}
}
