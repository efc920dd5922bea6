package relay

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/baton-rtsp/baton/rtspclient"
)

// errChanged means that the source has described something else the second time.
var errChanged = errors.New("relay: the source describes something else now")

// begun makes a PLAY, and waits for the first packet where it may not come: behind a firewall or a NAT that drops UDP. When none
// comes, the session is ended and the same is asked for over the next lower transport: the viewer is answered what holds there, and
// stored media begins at the position that was asked for. A session over which media has come is not doubted again.
func (p *playback) begun(ctx context.Context, tracks uint64, play *rtspclient.PlayRequest) (*rtspclient.PlayResult, error) {
	for {
		p.listen()
		answer, err := p.presentation.Client().Play(ctx, play)
		if err == nil {
			err = p.comes(ctx)
		}
		if !errors.Is(err, rtspclient.ErrSilence) {
			return answer, err
		}
		p.fall(err)
		if err := p.again(ctx, tracks); err != nil {
			return nil, err
		}
	}
}

// listen forgets that something has come, unless that counts for good.
func (p *playback) listen() {
	if p.proved {
		return
	}
	select {
	case <-p.heard:
	default:
	}
}

// comes waits until media comes, where there is another way to have it when it does not: then its error is
// [rtspclient.ErrSilence].
func (p *playback) comes(ctx context.Context) error {
	if p.proved || p.lowers[0] == rtspclient.TCP || len(p.lowers) == 1 {
		return nil
	}
	client := p.presentation.Client()
	patience := time.NewTimer(p.patience())
	defer patience.Stop()
	select {
	case <-p.heard:
		p.proved = true
		return nil
	case <-patience.C:
		return rtspclient.ErrSilence
	case <-ctx.Done():
		return ctx.Err()
	case <-p.presentation.stop:
		return context.Canceled
	case <-client.Done():
		return client.Err()
	}
}

func (p *playback) patience() time.Duration {
	if d := p.presentation.cfg.Client.Patience; d > 0 {
		return d
	}
	return rtspclient.DefaultPatience
}

// fall goes on to the next lower transport, and tells why.
func (p *playback) fall(why error) {
	from, to := p.lowers[0], p.lowers[1]
	p.lowers = p.lowers[1:]
	p.presentation.log.Warn("source is had over another transport", "from", from, "to", to, "why", why)
	if told := p.presentation.cfg.Client.FellBack; told != nil {
		told(from, to, why)
	}
}

// again sets up the tracks that were, over a connection of its own: cameras close theirs with the session, and forget what they
// have described (DSC-10).
func (p *playback) again(ctx context.Context, tracks uint64) error {
	old := p.presentation.Client()
	sent := old.Playable()
	part(old)
	c, err := rtspclient.Open(ctx, p.presentation.cfg.URL, &p.presentation.cfg.Client)
	if err != nil {
		return err
	}
	if !slices.Equal(c.Playable(), sent) || !p.presentation.replace(c) {
		c.Close()
		return errChanged
	}
	tracks |= p.setUp
	p.setUp = 0
	return p.setup(ctx, tracks)
}

// replace has another client in the place of one that is closed. It refuses when nobody needs it any more.
func (p *Presentation) replace(c *rtspclient.Client) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left {
		return false
	}
	p.client = c
	return true
}
