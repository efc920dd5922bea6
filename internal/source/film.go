package source

import (
	"context"
	"time"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspserver"
)

// reportInterval is between sender reports of a film.
const reportInterval = 5 * time.Second

// A Film has a stored presentation as a live one: from its beginning when somebody starts it, and again from there when it is
// made to loop.
type Film struct {
	Presentation rtspserver.Presentation
}

// Run plays the film into a live presentation until its end, which is io.EOF, or ctx ends.
func (f Film) Run(ctx context.Context, live *rtspserver.Live) error {
	p, err := f.Presentation.Open()
	if err != nil {
		return err
	}
	defer p.Close()
	tracks := len(f.Presentation.Describe().SDP.Media)
	p.Select(1<<tracks - 1)
	now := time.Now()
	if _, err := p.Play(now, &rtspserver.PlayRequest{}); err != nil {
		return err
	}
	var reported time.Time
	for {
		b, wait, err := p.Next(now)
		switch {
		case err != nil:
			return err
		case len(b.Packets) > 0:
			for i := range b.Packets {
				live.Write(int(b.Packets[i].Track), b.RTP(i), now)
			}
			p.Advance(len(b.Packets))
			continue
		}
		live.Flush()
		if now.Sub(reported) >= reportInterval {
			reported = now
			report(live, p, tracks, now)
		}
		sleep(ctx, time.Until(wait))
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		now = time.Now()
	}
}

// report ties the timestamps of all tracks to one clock.
func report(live *rtspserver.Live, p rtspserver.Playback, tracks int, now time.Time) {
	for track := range tracks {
		if wall, ts, ok := p.Report(track, now); ok {
			live.Timeline().SenderReport(track, rtp.SenderReport{SSRC: p.SSRC(track), NTP: rtp.NTPTime(wall), RTPTime: ts}, now)
		}
	}
}
