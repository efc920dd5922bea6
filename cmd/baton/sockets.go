package main

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/rtspserver"
)

// udpBuffer is what the kernel is asked to keep for each UDP socket, in bytes: bursts of key pictures.
const udpBuffer = 4 << 20

// Sockets are where a server is reached in clear text; they are closed by who serves them.
type sockets struct {
	rtsp      net.Listener
	rtp, rtcp rtspserver.PacketConn
	site      net.Listener // of the web side; nil: none
}

// openSockets listens at all of them, or at none.
func openSockets(cfg *config.Config) (*sockets, error) {
	var s sockets
	var err error
	if s.rtsp, err = net.Listen("tcp", cfg.RTSP); err != nil {
		return nil, taken("rtsp", cfg.RTSP, err)
	}
	if s.rtp, s.rtcp, err = listenUDP(cfg); err != nil {
		s.rtsp.Close()
		return nil, taken("udp", cfg.UDP.String(), err)
	}
	if cfg.HTTP == "" {
		return &s, nil
	}
	if s.site, err = net.Listen("tcp", cfg.HTTP); err != nil {
		s.close()
		return nil, taken("http", cfg.HTTP, err)
	}
	return &s, nil
}

// close gives back what nobody serves.
func (s *sockets) close() {
	s.rtsp.Close()
	s.rtp.Close()
	s.rtcp.Close()
	if s.site != nil {
		s.site.Close()
	}
}

// siteAddr is where the web side is, nil for nowhere.
func (s *sockets) siteAddr() net.Addr {
	if s.site == nil {
		return nil
	}
	return s.site.Addr()
}

// listenUDP opens the RTP and the RTCP socket, at the address of RTSP.
func listenUDP(cfg *config.Config) (rtp, rtcp rtspserver.PacketConn, err error) {
	host, _, err := net.SplitHostPort(cfg.RTSP)
	if err != nil {
		return nil, nil, err
	}
	if cfg.UDP.RTP == 0 {
		local, _ := netip.ParseAddr(host) // a name, or nothing: all addresses
		rtp, rtcp, err = rtspserver.ListenFreePair(local)
	} else {
		if rtp, err = listenPort(host, cfg.UDP.RTP); err != nil {
			return nil, nil, err
		}
		if rtcp, err = listenPort(host, cfg.UDP.RTCP); err != nil {
			rtp.Close()
		}
	}
	if err != nil {
		return nil, nil, err
	}
	for _, c := range []rtspserver.PacketConn{rtp, rtcp} {
		if u, ok := c.(*net.UDPConn); ok { // as much as the system allows
			u.SetReadBuffer(udpBuffer)
			u.SetWriteBuffer(udpBuffer)
		}
	}
	return rtp, rtcp, nil
}

func listenPort(host string, port uint16) (rtspserver.PacketConn, error) {
	addr, err := net.ResolveUDPAddr("udp", net.JoinHostPort(host, strconv.Itoa(int(port))))
	if err != nil {
		return nil, err
	}
	return net.ListenUDP("udp", addr)
}

// taken says in a sentence why an address cannot be listened on.
func taken(flag, addr string, err error) error {
	return fmt.Errorf("--%s %s cannot be listened on, perhaps another program uses it: %w", flag, addr, err)
}
