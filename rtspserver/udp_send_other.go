//go:build !linux

package rtspserver

import "github.com/baton-rtsp/baton/timeline"

// systemUDP is nothing: this system has no sender of its own, the portable one serves.
type systemUDP struct{}

func (*systemUDP) open(PacketConn) {}

func (*systemUDP) segments() bool { return false }

func (*systemUDP) sendTrack(*udpSocket, *timeline.Batch, uint8, *peer) bool { return false }
