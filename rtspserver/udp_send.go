package rtspserver

import (
	"net/netip"

	"github.com/baton-rtsp/baton/timeline"
)

// sendBuffer is what a UDP socket asks the system for: one picture for hundreds of readers leaves in one
// burst, and what the socket does not take is lost.
const sendBuffer = 4 << 20

// sendTrack sends all packets of one track that are in a batch, in order: by the fastest way that this
// socket has. What the network does not take is lost, as datagrams are.
//
// hot: 0 allocs.
func (s *udpSocket) sendTrack(b *timeline.Batch, track uint8, to *peer) {
	if s.system.sendTrack(s, b, track, to) {
		return
	}
	dst := *to.addr.Load()
	for i := range b.Packets {
		if b.Packets[i].Track == track {
			s.send(b.RTP(i), dst)
		}
	}
}

// send writes one datagram. An error of an earlier datagram is reported at the next, which is then sent
// again.
func (s *udpSocket) send(b []byte, dst netip.AddrPort) {
	_, err := s.conn.WriteToUDPAddrPort(b, dst)
	if err != nil && isRefused(err) {
		s.told()
		_, err = s.conn.WriteToUDPAddrPort(b, dst)
	}
	if err != nil {
		s.server.stats.unsent.Add(1)
	}
}
