package rtspserver

import (
	"context"
	"strings"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/sdp"
)

// describe answers DESCRIBE with an SDP (RFC 2326 §10.2).
func (c *Conn) describe(x *exchange) error {
	if !rtsp.Accepts(x.req.Header, "application/sdp") {
		return statusError(rtsp.StatusNotAcceptable)
	}
	p, err := x.open()
	if err != nil {
		return err
	}
	d := p.Describe()
	if !d.Modified.IsZero() {
		if since, err := rtsp.ParseDate(x.req.Header.Get("If-Modified-Since")); err == nil && !d.Modified.Truncate(time.Second).After(since) {
			x.resp.Status = rtsp.StatusNotModified
			return nil
		}
		x.resp.Header.Set("Last-Modified", rtsp.FormatDate(d.Modified))
	}
	base := x.baseURL()
	x.resp.Header.Set("Content-Type", "application/sdp")
	x.resp.Header.Set("Content-Base", base)
	if d.Live {
		x.resp.Header.Set("Cache-Control", "no-cache")
	}
	desc := describeSDP(d, base, x.name.query, c.local.Addr().Is4())
	if live := liveOf(p); live != nil && live.cfg.Multicast != nil && live.cfg.Multicast.SSM {
		desc.SetAttr("source-filter", live.cfg.Multicast.filter(c.local.Addr().Unmap()))
	}
	x.resp.Body = desc.Append(nil)
	return nil
}

// open asks the handler for what the request names.
func (x *exchange) open() (p Presentation, err error) {
	err = x.ask(func(ctx context.Context, r *Request) error {
		p, err = x.conn.server.cfg.Handler.Open(ctx, r)
		return err
	})
	return p, err
}

// describeSDP fills in what depends on how the client came: control URLs and the address family. Where
// the request had a query, controls are absolute, since clients join them by different rules (URL-03).
func describeSDP(d *Description, base, query string, v4 bool) *sdp.Session {
	s := d.SDP.Clone()
	unspecified := "IN IP4 0.0.0.0"
	s.Origin.NetType, s.Origin.AddrType = "IN", "IP4"
	if s.Origin.Address == "" || !v4 {
		s.Origin.Address = "127.0.0.1"
	}
	if !v4 {
		unspecified, s.Origin.AddrType, s.Origin.Address = "IN IP6 ::", "IP6", "::1"
	}
	s.Connection, s.Timing = unspecified, "0 0"
	if s.Name == "" {
		s.Name = "Baton"
	}
	control, prefix := "*", ""
	if query != "" {
		control, prefix = strings.TrimSuffix(base, "/")+"?"+query, base
	}
	s.SetAttr("control", control)
	s.SetAttr("range", describedRange(d))
	for i, m := range s.Media {
		m.Port, m.Ports, m.Connection = 0, 0, ""
		m.SetAttr("control", trackURL(prefix, query, i))
	}
	return s
}

// describedRange is the a=range of a description: players show a seek bar by it (RNG-10).
func describedRange(d *Description) string {
	if d.Range != "" {
		return d.Range
	}
	r := rtsp.Range{Unit: rtsp.UnitNPT, Start: rtsp.Position{Kind: rtsp.PositionNow}}
	if !d.Live {
		r.Start = rtsp.Position{Kind: rtsp.PositionOffset}
		if d.Duration > 0 {
			r.End = rtsp.Position{Kind: rtsp.PositionOffset, Offset: d.Duration}
		}
	}
	return r.String()
}
