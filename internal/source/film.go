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

// A Sink takes the packets of a film when they are due.
type Sink interface {
	Write(track int, pkt rtp.Packet, at time.Time) error
	// Report is told which wall time a timestamp of a track stands for.
	Report(track int, r rtp.SenderReport, at time.Time)
	// Flush comes behind each burst.
	Flush()
}

// Run plays the film into a sink until its end, which is io.EOF, until the sink fails, or ctx ends.
func (f Film) Run(ctx context.Context, to Sink) error {
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
		if err != nil {
			return err
		}
		if len(b.Packets) > 0 {
			for i := range b.Packets {
				if err := to.Write(int(b.Packets[i].Track), b.RTP(i), now); err != nil {
					return err
				}
			}
			p.Advance(len(b.Packets))
			continue
		}
		to.Flush()
		if now.Sub(reported) >= reportInterval {
			reported = now
			report(to, p, tracks, now)
		}
		sleep(ctx, time.Until(wait))
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		now = time.Now()
	}
}

// report ties the timestamps of all tracks to one clock.
func report(to Sink, p rtspserver.Playback, tracks int, now time.Time) {
	for track := range tracks {
		if wall, ts, ok := p.Report(track, now); ok {
			to.Report(track, rtp.SenderReport{SSRC: p.SSRC(track), NTP: rtp.NTPTime(wall), RTPTime: ts}, now)
		}
	}
}

// Into is a live presentation as a sink.
type Into struct{ Live *rtspserver.Live }

// Write appends a packet.
func (i Into) Write(track int, pkt rtp.Packet, at time.Time) error {
	return i.Live.Write(track, pkt, at)
}

// Report takes a sender report.
func (i Into) Report(track int, r rtp.SenderReport, at time.Time) {
	i.Live.Timeline().SenderReport(track, r, at)
}

// Flush shows readers what has come.
func (i Into) Flush() { i.Live.Flush() }
