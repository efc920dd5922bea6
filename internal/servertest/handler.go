package servertest

import (
	"context"
	"sync"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
)

// A Handler names presentations that a test puts there, and takes publishers at any other path.
type Handler struct {
	// OnOpen, if set, is asked first; returning nil, nil goes on.
	OnOpen func(ctx context.Context, r *rtspserver.Request) (rtspserver.Presentation, error)
	// OnPublish, if set, is asked first; an error refuses.
	OnPublish func(r *rtspserver.Request, desc *sdp.Session) error
	// Reorder is that of every publication.
	Reorder time.Duration
	// MaxBitRate is that of every publication.
	MaxBitRate int64
	// Left gets why each publisher left.
	Left chan error

	mu            sync.Mutex
	presentations map[string]rtspserver.Presentation
	playbacks     int
}

func newHandler() *Handler {
	return &Handler{presentations: map[string]rtspserver.Presentation{}, Left: make(chan error, 64)}
}

// Put gives a path a presentation.
func (h *Handler) Put(path string, p rtspserver.Presentation) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.presentations[path] = p
}

// Live gives a path a live presentation of an SDP, to which the test writes.
func (h *Handler) Live(path, description string) *rtspserver.Live {
	live := rtspserver.NewLive(Parse(description), &rtspserver.LiveConfig{Readers: h.count()})
	h.Put(path, live)
	return live
}

// Parse reads a description; it panics where that cannot be read.
func Parse(description string) *sdp.Session {
	desc, err := sdp.Parse([]byte(description))
	if err != nil {
		panic(err)
	}
	return desc
}

// count follows how many playbacks of one presentation are open.
func (h *Handler) count() func(n int) {
	last := 0
	return func(n int) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.playbacks += n - last
		last = n
	}
}

func (h *Handler) open() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.playbacks
}

// Get is what a path names, nil if nothing.
func (h *Handler) Get(path string) rtspserver.Presentation {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.presentations[path]
}

// Open finds a presentation.
func (h *Handler) Open(ctx context.Context, r *rtspserver.Request) (rtspserver.Presentation, error) {
	if h.OnOpen != nil {
		if p, err := h.OnOpen(ctx, r); p != nil || err != nil {
			return p, err
		}
	}
	if p := h.Get(r.Path); p != nil {
		return p, nil
	}
	return nil, &rtsp.StatusError{Code: rtsp.StatusNotFound}
}

// Publish takes any publisher at a path that nothing else has.
func (h *Handler) Publish(_ context.Context, r *rtspserver.Request, desc *sdp.Session) (*rtspserver.Publication, error) {
	if h.OnPublish != nil {
		if err := h.OnPublish(r, desc); err != nil {
			return nil, err
		}
	}
	if h.Get(r.Path) != nil {
		return nil, &rtsp.StatusError{Code: rtsp.StatusForbidden}
	}
	live := rtspserver.NewLive(desc, &rtspserver.LiveConfig{Readers: h.count()})
	h.Put(r.Path, live)
	return &rtspserver.Publication{Live: live, Reorder: h.Reorder, MaxBitRate: h.MaxBitRate, Done: func(err error) {
		h.mu.Lock()
		delete(h.presentations, r.Path)
		h.mu.Unlock()
		live.End(err)
		select {
		case h.Left <- err:
		default:
		}
	}}, nil
}
