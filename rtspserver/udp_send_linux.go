package rtspserver

import (
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/baton-rtsp/baton/timeline"
)

// The kernel cuts one send into at most this many datagrams, of at most so many bytes in all (udp(7)).
const (
	maxSegments = 64
	maxRunBytes = 65507
)

// A systemUDP sends runs of packets by one sendmsg each, which the kernel cuts into datagrams
// (UDP_SEGMENT). The parts lie in the log as they are: the iovecs step over the framing bytes and over
// the packets of other tracks. The zero value sends nothing.
type systemUDP struct {
	rc  syscall.RawConn // nil: the portable sender serves
	v6  bool            // the socket's family; one of IPv6 takes IPv4 peers as mapped addresses
	gso atomic.Bool     // runs can be sent; a route without checksum offload takes that away (EIO)

	// guarded by mu
	mu   sync.Mutex
	idle []*udpRun // shards send at the same time: at most as many as there are of them
}

// open finds out what a socket can do. Connections that are not of the system can do nothing here.
func (u *systemUDP) open(conn PacketConn) {
	rc := rawConn(conn)
	if rc == nil {
		return
	}
	rc.Control(func(fd uintptr) {
		family, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN)
		if err != nil || family != unix.AF_INET && family != unix.AF_INET6 {
			return
		}
		u.rc, u.v6 = rc, family == unix.AF_INET6
		_, err = unix.GetsockoptInt(int(fd), unix.SOL_UDP, unix.UDP_SEGMENT)
		u.gso.Store(err == nil)
		// With the right to, beyond net.core.wmem_max.
		if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, sendBuffer) != nil {
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUF, sendBuffer)
		}
	})
}

// segments tells whether one call can send many datagrams.
func (u *systemUDP) segments() bool { return u.gso.Load() }

// sendTrack sends the packets of one track; false when the portable sender has to.
//
// hot: 0 allocs, 2 locks held for a few words.
func (u *systemUDP) sendTrack(s *udpSocket, b *timeline.Batch, track uint8, to *peer) bool {
	dst := *to.addr.Load()
	if u.rc == nil || dst.Addr().Zone() != "" {
		return false
	}
	r := u.take()
	r.to(dst, u.v6)
	for i := range b.Packets {
		if b.Packets[i].Track != track {
			continue
		}
		packet := b.RTP(i)
		limit := maxSegments
		if to.whole.Load() || !u.gso.Load() {
			limit = 1
		}
		if r.n > 0 && !r.fits(len(packet), limit) {
			u.flush(s, r, to)
		}
		r.add(packet)
		if len(packet) < r.size { // only the last of a run may be shorter
			u.flush(s, r, to)
		}
	}
	if r.n > 0 {
		u.flush(s, r, to)
	}
	u.give(r)
	return true
}

func (u *systemUDP) take() *udpRun {
	u.mu.Lock()
	defer u.mu.Unlock()
	last := len(u.idle) - 1
	if last < 0 {
		return newUDPRun()
	}
	r := u.idle[last]
	u.idle = u.idle[:last]
	return r
}

func (u *systemUDP) give(r *udpRun) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.idle = append(u.idle, r)
}

// flush sends a run and empties it. When the kernel does not cut it, its packets go one by one, and so do
// those that follow: of all peers when the route has no checksum offload (EIO), of this one when its
// packets are larger than its path takes (EINVAL, EMSGSIZE) and must be fragmented.
func (u *systemUDP) flush(s *udpSocket, r *udpRun, to *peer) {
	err := r.write(u.rc, 0, r.n)
	if r.n > 1 && (err == unix.EIO || err == unix.EINVAL || err == unix.EMSGSIZE) {
		if err != unix.EIO {
			to.whole.Store(true)
		} else if u.gso.CompareAndSwap(true, false) {
			s.server.cfg.Logger.Info("UDP is sent packet by packet", "local", s.conn.LocalAddr(), "err", err)
		}
		for i := range r.n {
			if r.write(u.rc, i, i+1) == unix.EAGAIN {
				s.server.stats.unsent.Add(1)
			}
		}
	} else if err == unix.EAGAIN {
		s.server.stats.unsent.Add(uint64(r.n))
	}
	if r.told {
		r.told = false
		s.told()
	}
	clear(r.iov[:r.n]) // an idle run must not hold on to the log
	r.n, r.size, r.total = 0, 0, 0
}

// A udpRun is the arguments of one sendmsg: packets of equal size, of which the last may be shorter.
type udpRun struct {
	n, size, total int
	iov            [maxSegments]unix.Iovec
	name4          unix.RawSockaddrInet4
	name6          unix.RawSockaddrInet6
	control        struct {
		unix.Cmsghdr
		size uint16
		_    [6]byte
	}
	msg  unix.Msghdr
	err  error
	told bool             // of an ICMP error, see udpSocket.told
	call func(fd uintptr) // bound once: a closure for each write would be garbage
}

func newUDPRun() *udpRun {
	r := &udpRun{}
	r.control.Level, r.control.Type = unix.SOL_UDP, unix.UDP_SEGMENT
	r.control.SetLen(unix.CmsgLen(2))
	r.call = func(fd uintptr) { r.err = r.send(fd) }
	return r
}

// to addresses the runs that follow.
func (r *udpRun) to(dst netip.AddrPort, v6 bool) {
	port := [2]byte{byte(dst.Port() >> 8), byte(dst.Port())}
	if v6 {
		r.name6 = unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: dst.Addr().As16()}
		*(*[2]byte)(unsafe.Pointer(&r.name6.Port)) = port
		r.msg.Name, r.msg.Namelen = (*byte)(unsafe.Pointer(&r.name6)), unix.SizeofSockaddrInet6
		return
	}
	r.name4 = unix.RawSockaddrInet4{Family: unix.AF_INET}
	if a := dst.Addr().Unmap(); a.Is4() {
		r.name4.Addr = a.As4()
	}
	*(*[2]byte)(unsafe.Pointer(&r.name4.Port)) = port
	r.msg.Name, r.msg.Namelen = (*byte)(unsafe.Pointer(&r.name4)), unix.SizeofSockaddrInet4
}

func (r *udpRun) fits(size, limit int) bool {
	return r.n < limit && size <= r.size && r.total+size <= maxRunBytes
}

func (r *udpRun) add(packet []byte) {
	if r.n == 0 {
		r.size = len(packet)
	}
	r.iov[r.n].Base = &packet[0]
	r.iov[r.n].SetLen(len(packet))
	r.n++
	r.total += len(packet)
}

// write sends parts i to j (exclusive) of the run. It goes through Control, for Write would have the
// shards that share a socket take turns.
func (r *udpRun) write(rc syscall.RawConn, i, j int) error {
	r.msg.Iov = &r.iov[i]
	r.msg.SetIovlen(j - i)
	r.msg.Control = nil
	r.msg.SetControllen(0)
	if j-i > 1 {
		r.control.size = uint16(r.size)
		r.msg.Control = (*byte)(unsafe.Pointer(&r.control))
		r.msg.SetControllen(unix.CmsgSpace(2))
	}
	err := rc.Control(r.call)
	if err == nil {
		err = r.err
	}
	return err
}

// send never waits. An error of an earlier datagram is reported at the next, which is then sent again.
func (r *udpRun) send(fd uintptr) error {
	var errno syscall.Errno
	for tries := 0; tries < 3; tries++ {
		_, _, errno = unix.Syscall(unix.SYS_SENDMSG, fd, uintptr(unsafe.Pointer(&r.msg)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
		if errno != unix.EINTR && errno != unix.ECONNREFUSED {
			break
		}
		r.told = r.told || errno == unix.ECONNREFUSED
	}
	runtime.KeepAlive(r)
	if errno != 0 {
		return errno
	}
	return nil
}
