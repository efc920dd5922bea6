package lab

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"time"
)

const (
	frameRate   = 20
	interval    = time.Second / frameRate
	clockRate   = 90000
	payloadType = 26 // motion JPEG (RFC 3551), though what follows is not as RFC 2435 wants it
	headerSize  = 12
	maxDatagram = 65507 // what UDP over IPv4 can carry
	maxImage    = maxDatagram - headerSize
)

// Why a frame is not sent.
var (
	errLater = errors.New("frame is not indexed yet")
	errLarge = errors.New("image is larger than a datagram")
)

// A player sends a film to one client. Its methods are for one goroutine.
type player struct {
	out   Datagrams
	to    netip.AddrPort
	movie *movie
	ssrc  uint32
	log   *slog.Logger

	stop context.CancelFunc
	done chan struct{} // closed when nothing is sent any more; nil: never played

	// owned by run while it runs
	frame  int // the next one, from 0
	warned bool
	packet []byte
}

// playing tells whether frames are being sent.
func (p *player) playing() bool {
	select {
	case <-p.done:
		return false
	default:
		return p.done != nil
	}
}

// play goes on where pause has stopped, or begins anew behind the end.
func (p *player) play(ctx context.Context) {
	if p.playing() {
		return
	}
	ctx, p.stop = context.WithCancel(ctx)
	done := make(chan struct{})
	p.done = done
	go func() { // ends with pause, or with the film
		defer close(done)
		contained(p.log, func() { p.run(ctx) })
	}()
}

// pause stops: when it returns, nothing is sent any more.
func (p *player) pause() {
	if p.done != nil {
		p.stop()
		<-p.done
	}
}

// run sends a frame each interval.
func (p *player) run(ctx context.Context) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for p.send() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
	p.frame = 0
}

// send sends the next frame, and tells whether there may be another. What is too large or damaged is left out, what the
// network does not take is lost.
func (p *player) send() bool {
	if p.packet == nil {
		p.packet = make([]byte, headerSize, 64<<10)
	}
	image, err := p.movie.image(p.frame, p.packet[headerSize:headerSize])
	switch {
	case err == io.EOF:
		return false
	case err == errLater:
		return true
	case err != nil:
		if !p.warned {
			p.log.Warn("frame is left out, and others like it without a line", "frame", p.frame+1, "err", err)
		}
		p.warned = true
		p.frame++
		return true
	}
	p.packet = append(p.packet[:headerSize], image...)
	p.header(p.frame)
	p.out.WriteToUDPAddrPort(p.packet, p.to)
	p.frame++
	return true
}

// header writes an RTP header (RFC 3550 §5.1). The clients drop frames whose number is not above the last one, so the first
// is 1. The marker stays off: their own server never sets it.
func (p *player) header(frame int) {
	p.packet[0], p.packet[1] = 2<<6, payloadType
	binary.BigEndian.PutUint16(p.packet[2:], uint16(frame+1))
	binary.BigEndian.PutUint32(p.packet[4:], uint32(frame*(clockRate/frameRate)))
	binary.BigEndian.PutUint32(p.packet[8:], p.ssrc)
}
