package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/sdp"
)

// DefaultDuration is for how long media is measured.
const DefaultDuration = 5 * time.Second

// Config says how a server is looked at.
type Config struct {
	Client   rtspclient.Config // Packet, Trace and Lowers are filled in
	Duration time.Duration     // for which media is measured; 0 means DefaultDuration
}

// A Report is what was found. Times are in milliseconds.
type Report struct {
	URL        string            `json:"url"`
	Server     string            `json:"server,omitempty"`
	RoundTrip  float64           `json:"round_trip_ms"`
	Timeout    int               `json:"session_timeout_s,omitempty"`
	Listed     []rtsp.Method     `json:"methods_listed"`
	Methods    map[string]string `json:"methods"`    // as tried: the status
	Transports map[string]string `json:"transports"` // as tried: "works", or why not
	Tracks     []*Track          `json:"tracks"`
	Drift      *float64          `json:"clock_drift_ppm,omitempty"` // of the server's clock against ours; absent: no two sender reports came
	Oddities   []string          `json:"oddities,omitempty"`
}

// A Track is one track of it, as described and as it came.
type Track struct {
	Type      string  `json:"type"`
	Codec     string  `json:"codec"`
	Profile   string  `json:"profile,omitempty"`
	ClockRate int     `json:"clock_rate"`
	Channels  int     `json:"channels,omitempty"`
	Width     int     `json:"width,omitempty"`
	Height    int     `json:"height,omitempty"`
	FrameRate float64 `json:"frame_rate,omitempty"`   // measured
	BitRate   float64 `json:"bit_rate"`               // bits a second, measured
	GOP       float64 `json:"gop_pictures,omitempty"` // pictures from one random access point to the next; 0: not two were seen
	Packets   int64   `json:"packets"`
	Lost      int64   `json:"lost"`
	Jitter    float64 `json:"jitter_ms"`
}

// Run looks at the server of a URL. An error means that there is nothing to report on; what does not work otherwise is part of
// the report.
func Run(ctx context.Context, url string, cfg Config) (*Report, error) {
	if cfg.Duration <= 0 {
		cfg.Duration = DefaultDuration
	}
	p := &probe{cfg: cfg, report: &Report{Methods: map[string]string{}, Transports: map[string]string{}}}
	p.cfg.Client.Trace = p.odd.trace
	c, err := p.ask(ctx, url)
	if err != nil {
		return nil, err
	}
	defer c.Close() // at the end: gst-rtsp-server would end the media that it shares, and refuse it meanwhile
	measured := false
	for _, lower := range []rtspclient.Lower{rtspclient.UDP, rtspclient.TCP} {
		client, m, err := p.play(ctx, url, lower)
		p.report.Transports[strings.ToLower(lower.String())] = verdict(err)
		if err != nil {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			continue
		}
		if !measured {
			measured = true
			p.measure(ctx, client, m)
			p.try(ctx, client)
		}
		client.Close()
	}
	p.report.Oddities = p.odd.list()
	if !measured {
		return p.report, errors.New("nothing comes, over no transport")
	}
	return p.report, nil
}

// A probe is one look at a server.
type probe struct {
	cfg    Config
	report *Report
	odd    oddities
	desc   *sdp.Session
}

// ask asks what the server can do and what there is.
func (p *probe) ask(ctx context.Context, url string) (*rtspclient.Client, error) {
	cfg := p.cfg.Client
	c, err := rtspclient.Dial(ctx, url, &cfg)
	if err != nil {
		return nil, err
	}
	if err := p.describe(ctx, c); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (p *probe) describe(ctx context.Context, c *rtspclient.Client) (err error) {
	p.report.URL = c.URL()
	for range 3 { // the first may have been asked for credentials
		begun := time.Now()
		resp, err := c.Do(ctx, rtsp.MethodOptions, c.URL(), nil, nil)
		if err != nil {
			return err
		}
		if took := ms(time.Since(begun)); p.report.RoundTrip == 0 || took < p.report.RoundTrip {
			p.report.RoundTrip = took
		}
		p.report.Server = resp.Header.Get("Server")
		p.report.Methods[string(rtsp.MethodOptions)] = status(resp)
		p.report.Listed = nil
		for _, m := range resp.Header.List("Public") {
			p.report.Listed = append(p.report.Listed, rtsp.Method(m))
		}
	}
	if p.desc, err = c.Describe(ctx); err != nil {
		return err
	}
	p.report.Methods[string(rtsp.MethodDescribe)] = "200"
	return nil
}

func status(resp *rtsp.Response) string { return fmt.Sprintf("%d %s", resp.Status, resp.Reason) }

func ms(d time.Duration) float64 { return float64(d) / 1e6 }

// verdict is what came of a transport.
func verdict(err error) string {
	switch {
	case err == nil:
		return "works"
	case errors.Is(err, rtspclient.ErrSilence):
		return "nothing comes"
	}
	return err.Error()
}

// play begins to play over one transport.
func (p *probe) play(ctx context.Context, url string, lower rtspclient.Lower) (*rtspclient.Client, *meters, error) {
	m := newMeters(p.desc)
	cfg := p.cfg.Client
	cfg.Lowers, cfg.Packet = []rtspclient.Lower{lower}, m.packet
	c, err := rtspclient.Play(ctx, url, &cfg)
	if err != nil {
		return nil, nil, err
	}
	select { // over TCP it is not known yet whether anything comes
	case <-m.heard:
		return c, m, nil
	case <-time.After(rtspclient.DefaultPatience):
		err = rtspclient.ErrSilence
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-c.Done():
		err = c.Err()
	}
	c.Close()
	return nil, nil, err
}

// measure watches what comes for a while.
func (p *probe) measure(ctx context.Context, c *rtspclient.Client, m *meters) {
	select {
	case <-time.After(p.cfg.Duration):
	case <-c.Done():
	case <-ctx.Done():
	}
	for _, t := range c.Tracks() {
		p.report.Tracks = append(p.report.Tracks, m.track(t))
		p.odd.track(t, m.ssrc(t.Index()))
	}
	p.report.Drift = m.drift()
}

// try makes the requests of a session that plays.
func (p *probe) try(ctx context.Context, c *rtspclient.Client) {
	p.report.Methods[string(rtsp.MethodSetup)], p.report.Methods[string(rtsp.MethodPlay)] = "200", "200"
	p.report.Timeout = p.odd.timeout
	url := c.URL()
	for _, m := range []rtsp.Method{rtsp.MethodGetParameter, rtsp.MethodSetParameter, rtsp.MethodPause, rtsp.MethodTeardown} {
		resp, err := c.Do(ctx, m, url, nil, nil)
		if err != nil {
			p.report.Methods[string(m)] = err.Error()
			continue
		}
		p.report.Methods[string(m)] = status(resp)
		if resp.Status/100 != 2 && slices.Contains(p.report.Listed, m) {
			p.odd.add("%s is listed by OPTIONS and refused with %d", m, resp.Status)
		}
	}
}
