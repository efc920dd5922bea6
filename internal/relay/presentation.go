package relay

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/baton-rtsp/baton/internal/reach"
	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
	"github.com/baton-rtsp/baton/timeline"
)

// patience is how long what was described waits to be opened.
const patience = 10 * time.Second

// farewell is how long the source may take to answer TEARDOWN.
const farewell = time.Second

// errOpened is returned to the second who opens a presentation.
var errOpened = errors.New("relay: opened already")

// Config says what is shown, and how it is had.
type Config struct {
	URL    string            // of the source, with user and password
	Client rtspclient.Config // Lowers are tried in turn, as rtspclient.Play does; Packet and Flush are filled in
	Logger *slog.Logger
}

// A Presentation is a source as one viewer sees it, which makes one session of it, once.
type Presentation struct {
	cfg      Config
	desc     *rtspserver.Description
	playback *playback
	log      *slog.Logger

	// guarded by mu
	mu     sync.Mutex
	client *rtspclient.Client
	left   bool // nobody needs a client any more

	claimed chan struct{} // closed when it is opened
	once    sync.Once
	stop    chan struct{} // closed when nobody needs it any more
	close   func()
}

// Open connects to a source and describes it. [Presentation.Run] has to be called then.
func Open(ctx context.Context, cfg Config) (*Presentation, error) {
	p := &Presentation{cfg: cfg, log: cfg.Logger, claimed: make(chan struct{}), stop: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.stop) })
	pb := &playback{presentation: p, lowers: cfg.Client.Lowers, turn: make(chan struct{}, 1), heard: make(chan struct{}, 1)}
	if reach.IsWeb(cfg.URL) { // inside of which nothing else goes
		pb.lowers = []rtspclient.Lower{rtspclient.TCP}
	}
	pb.queue.init()
	p.cfg.Client.Packet, p.cfg.Client.Flush = pb.packet, pb.wake
	c, err := rtspclient.Open(ctx, cfg.URL, &p.cfg.Client)
	if err != nil {
		return nil, err
	}
	p.client, p.playback = c, pb
	desc, sent := c.Description(), c.Playable()
	if c.Description() != desc { // it has announced another meanwhile
		c.Close()
		return nil, errChanged
	}
	if len(sent) == 0 || len(sent) > timeline.MaxTracks {
		c.Close()
		return nil, &rtsp.StatusError{Code: rtsp.StatusBadGateway, Text: "Source Describes Nothing To Play"}
	}
	pb.begin(desc, sent)
	p.desc = describe(desc, sent)
	return p, nil
}

// describe is what viewers are told of a source.
func describe(source *sdp.Session, sent []int) *rtspserver.Description {
	desc := source.Clone()
	media := desc.Media
	desc.Media = nil
	for _, i := range sent {
		desc.Media = append(desc.Media, media[i])
	}
	d := &rtspserver.Description{SDP: desc}
	d.Range, _ = desc.Attr("range")
	if d.Range == "" && len(desc.Media) > 0 {
		d.Range, _ = desc.Media[0].Attr("range")
	}
	r, err := rtsp.ParseRange(strings.TrimSpace(d.Range))
	if err != nil { // nothing that could be understood: it is as if it were not there
		d.Range, d.Live = "", true
		return d
	}
	d.Live = r.Start.Kind == rtsp.PositionNow
	return d
}

// Run keeps the session of the source until nobody needs it any more, and ends it then. It is called once.
func (p *Presentation) Run() {
	unused := time.NewTimer(patience)
	defer unused.Stop()
	select {
	case <-p.claimed:
	case <-unused.C:
	case <-p.Client().Done():
	case <-p.stop:
	}
	p.once.Do(p.close) // from now on nobody opens it
	p.used()
	p.leave()
}

// used waits until nobody needs the session any more, and has its end told when it ends before. A client that another takes the
// place of is no end.
func (p *Presentation) used() {
	for {
		c := p.Client()
		select {
		case <-c.Done():
		case <-p.stop:
			return
		}
		select {
		case p.playback.turn <- struct{}{}: // behind the request that may have ended it
			p.playback.leave()
		case <-p.stop:
			return
		}
		if p.Client() == c {
			p.playback.lost(c.Err())
			<-p.stop
			return
		}
	}
}

// leave ends the session of the source.
func (p *Presentation) leave() {
	if n := p.playback.queue.omitted(); n > 0 {
		p.log.Info("viewer was too slow", "packets left out", n)
	}
	p.mu.Lock()
	p.left = true
	p.mu.Unlock()
	part(p.Client())
}

// part closes a client, and waits a little for the answer to its TEARDOWN: who sees what is exchanged sees that it has ended.
func part(c *rtspclient.Client) {
	if c.Err() == nil && c.Session() != "" {
		ctx, cancel := context.WithTimeout(context.Background(), farewell)
		defer cancel()
		c.Teardown(ctx) // whatever it answers: the connection is closed
	}
	c.Close()
}

// Client is the connection to the source, which may be another later.
func (p *Presentation) Client() *rtspclient.Client {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.client
}

// Usable tells whether it can still be opened.
func (p *Presentation) Usable() bool {
	select {
	case <-p.stop:
		return false
	case <-p.claimed:
		return false
	case <-p.Client().Done():
		return false
	default:
		return true
	}
}

// Close ends it, if it has not been opened; if it has, its playback does that. It may be called more than once.
func (p *Presentation) Close() { p.close() }

// Describe is what the source said.
func (p *Presentation) Describe() *rtspserver.Description { return p.desc }

// Open makes the playback, once.
func (p *Presentation) Open() (rtspserver.Playback, error) {
	err := errOpened
	p.once.Do(func() {
		close(p.claimed)
		err = nil
	})
	if err != nil {
		return nil, &rtsp.StatusError{Code: rtsp.StatusServiceUnavailable, Err: err}
	}
	return p.playback, nil
}

// lowersOf are the lower transports to try: interleaved first, which is what a recorder is paced by.
func lowersOf(list []rtspclient.Lower) []rtspclient.Lower {
	if len(list) == 0 {
		return []rtspclient.Lower{rtspclient.TCP, rtspclient.UDP}
	}
	return slices.Clone(list)
}
