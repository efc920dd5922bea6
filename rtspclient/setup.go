package rtspclient

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtsp"
)

// errTransport is an answer to SETUP that the client did not ask for.
var errTransport = errors.New("rtspclient: the server settled for another transport")

// Setup asks for the transport of one track, by the index of its media section (RFC 2326 §10.4). [Client.Describe] or
// [Client.Announce] comes first. A track that is set up already gets the new transport. One whose URL is on another host than
// those of others is a session of its own there, which begins, plays and ends with this one.
func (c *Client) Setup(ctx context.Context, index int, lower Lower) (*Track, error) {
	c.mu.Lock()
	if c.desc == nil || index < 0 || index >= len(c.desc.Media) {
		c.mu.Unlock()
		return nil, fmt.Errorf("rtspclient: no track %d is described", index)
	}
	if c.web && lower != TCP {
		c.mu.Unlock()
		return nil, errWeb
	}
	desc, base, publishing, alone := c.desc, c.base, c.publishing, c.alone
	wall := &rtp.Wall{}
	for _, t := range c.tracks {
		if t != nil && t.client == c {
			wall = t.wall
		}
	}
	c.mu.Unlock()
	if url := c.elsewhere(desc, base, index); url != "" && !publishing && !alone && !c.web {
		return c.branch(ctx, url, desc, index, lower)
	}
	t := newTrack(c, index, desc.Media[index], wall)
	t.lower = lower
	spec, err := t.offer(publishing)
	if err != nil {
		return nil, err
	}
	if err := c.setup(ctx, t, base, spec); err != nil {
		t.abandon()
		return nil, err
	}
	if err := c.take(t); err != nil {
		t.abandon()
		return nil, err
	}
	return t, nil
}

// take has a track that is set up come in, instead of what it was before.
func (c *Client) take(t *Track) error {
	c.mu.Lock()
	if c.err != nil {
		defer c.mu.Unlock()
		return c.err
	}
	old := c.tracks[t.index]
	c.tracks[t.index] = t
	t.open()
	c.mu.Unlock()
	c.drop(old)
	return nil
}

// offer is the Transport header of a SETUP. The sockets of UDP are open then.
func (t *Track) offer(publishing bool) (rtsp.Transport, error) {
	spec := rtsp.Transport{Profile: "RTP/AVP", Delivery: rtsp.DeliveryUnicast, TTL: -1}
	if p := t.Media().Profile(); p == "RTP/AVPF" || p == "RTP/SAVP" || p == "RTP/SAVPF" {
		spec.Profile = p
	}
	if publishing {
		spec.Mode = []string{"record"} // in the letters that FFmpeg, which is a server too, knows
	}
	switch t.lower {
	case TCP:
		spec.Lower = rtsp.LowerTCP
		first := t.client.freeChannels()
		spec.Interleaved = rtsp.ChannelPair{RTP: first, RTCP: first + 1, Set: true}
	case Multicast:
		spec.Delivery = rtsp.DeliveryMulticast
	default:
		first, second, err := t.client.cfg.ListenPair(host(t.client.LocalAddr()))
		if err != nil {
			return spec, err
		}
		t.pair = newUDPPair(t, first, second)
		spec.ClientPort = t.pair.ports()
	}
	return spec, nil
}

// transportHeader writes the mode without the quotes that RFC 2326 §12.39 has, as all clients do: FFmpeg, when it is the
// server, knows no other.
func transportHeader(spec rtsp.Transport) string {
	return strings.Replace(spec.String(), `mode="record"`, "mode=record", 1)
}

// freeChannels is the first of two interleaved channels that no track has.
func (c *Client) freeChannels() uint8 {
	for ch := 0; ch < 256; ch += 2 {
		if c.conn.channels[ch].Load() == nil && c.conn.channels[ch+1].Load() == nil {
			return uint8(ch)
		}
	}
	return 0
}

// setup makes the request. Where the server does not know the track under its URL made by the one rule it is asked for by the
// other (URL-08).
func (c *Client) setup(ctx context.Context, t *Track, base string, spec rtsp.Transport) error {
	control := t.Media().Control()
	urls := []string{rtsp.ResolveControl(base, control), rtsp.JoinControl(base, control)}
	for _, url := range slices.Compact(urls) {
		if t.lower == TCP { // media may come before the answer
			t.bind(spec.Interleaved)
		}
		t.url = url
		resp, err := c.must(ctx, rtsp.MethodSetup, url, rtsp.Header{{Name: "Transport", Value: transportHeader(spec)}}, nil)
		if err == nil {
			return t.settle(resp, spec)
		}
		if t.lower == TCP {
			t.unbind()
		}
		var refused *rtsp.StatusError
		if !errors.As(err, &refused) || url == urls[len(urls)-1] || !slices.Contains(otherURL, refused.Code) || refused.Header.Has("Retry-After") {
			return err
		}
	}
	return nil
}

// otherURL are the answers of a server that does not know a track under a URL.
var otherURL = []rtsp.StatusCode{
	rtsp.StatusBadRequest, rtsp.StatusNotFound, rtsp.StatusParameterNotUnderstood, rtsp.StatusMethodNotValidInThisState, rtsp.StatusServiceUnavailable,
}

// settle reads what the server has settled for. Cameras leave much of it out: then what was asked for stands.
func (t *Track) settle(resp *rtsp.Response, asked rtsp.Transport) error {
	t.transport = asked
	if list, err := rtsp.ParseTransports(resp.Header.Values("Transport")); err == nil && len(list) > 0 {
		t.transport = list[0]
	}
	got := &t.transport
	switch t.lower {
	case TCP:
		if got.ClientPort.Set && !got.Interleaved.Set { // TRN-02
			return fmt.Errorf("%w: %s", errTransport, got)
		}
		if got.Interleaved.Set && got.Interleaved != asked.Interleaved { // others than asked for
			t.unbind()
			t.bind(got.Interleaved)
		}
	case Multicast:
		return t.join()
	default:
		if got.Interleaved.Set || got.Lower == rtsp.LowerTCP || got.Delivery == rtsp.DeliveryMulticast {
			return fmt.Errorf("%w: %s", errTransport, got)
		}
		return t.meet(got.ServerPort)
	}
	return nil
}

// meet says where media comes from and where reports go to, in so far as that is permitted.
func (t *Track) meet(ports rtsp.PortPair) error {
	server := t.server()
	at := moved(netip.AddrPortFrom(server, 0), t.Media())
	for _, addr := range []netip.Addr{server, at.Addr()} {
		if err := t.client.cfg.permit(addr); err != nil {
			return err
		}
	}
	t.pair.meet(server, ports)
	if !ports.Set && at.Port() != 0 {
		t.pair.rtcp.from = at.Addr()
		t.pair.rtcp.to.Store(&at)
	}
	return nil
}

// server is where media comes from: what the server says, else where the connection leads (RFC 2326 §12.39).
func (t *Track) server() netip.Addr {
	if a, err := netip.ParseAddr(t.transport.Source); err == nil && !a.IsUnspecified() && !a.IsLoopback() {
		return a.Unmap()
	}
	return host(t.client.RemoteAddr())
}

// join opens the group that the server named.
func (t *Track) join() error {
	group, err := netip.ParseAddr(t.transport.Destination)
	if err != nil || !group.IsMulticast() || !t.transport.Port.Set {
		return fmt.Errorf("%w: no group in %q", errTransport, t.transport)
	}
	ports := t.transport.Port
	rtpAt, rtcpAt := netip.AddrPortFrom(group, ports.RTP), netip.AddrPortFrom(group, ports.RTCP)
	if ports.RTCP == ports.RTP+1 { // what it is when nobody has said
		rtcpAt = moved(rtcpAt, t.Media())
	}
	first, second, err := t.client.cfg.ListenGroup(rtpAt, rtcpAt)
	if err != nil {
		return err
	}
	t.pair = newUDPPair(t, first, second)
	if source, err := netip.ParseAddr(t.transport.Source); err == nil {
		t.pair.rtp.from, t.pair.rtcp.from = source, source
	}
	t.pair.rtcp.to.Store(&rtcpAt) // reports go to the group
	return nil
}

// open lets what comes in.
func (t *Track) open() {
	if t.pair == nil {
		return
	}
	t.reorder = rtp.NewReorderer(t.client.cfg.Reorder, maxWaiting)
	t.pair.serve()
}

func (t *Track) bind(ch rtsp.ChannelPair) {
	t.channel, t.rtcp, t.lane = ch.RTP, ch.RTCP, &lane{t}
	t.client.conn.channels[ch.RTP].Store(t.lane)
	t.client.conn.channels[ch.RTCP].Store(t.lane)
}

// unbind gives the channels up, unless another track has them by now.
func (t *Track) unbind() {
	t.client.conn.channels[t.channel].CompareAndSwap(t.lane, nil)
	t.client.conn.channels[t.rtcp].CompareAndSwap(t.lane, nil)
}

// abandon gives up what was opened for a track that is not set up.
func (t *Track) abandon() {
	switch {
	case t.pair != nil:
		t.pair.close()
	case t.lower == TCP:
		t.unbind()
	}
}
