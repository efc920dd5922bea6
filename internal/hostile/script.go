package hostile

import (
	"encoding/binary"
	"iter"
	"runtime"
	"time"

	"github.com/baton-rtsp/baton/rtp"
)

// What a packet of a script is, in its first byte. Its length follows in two bytes, and its payload.
const (
	marker  = 1 << iota // the RTP marker bit
	next                // a timestamp later by 3000
	lost                // packets before it are missing
	leap                // its timestamp is hours away
	whole               // no payload but the packet, with whatever header
	second              // it comes a second later
	another             // it has another SSRC
)

// MaxScript bounds a script: what is behind it is not looked at.
const MaxScript = 256 << 10

// Packets are those of a script, with the time at which they come. Each may be kept.
func Packets(script []byte, payloadType uint8) iter.Seq2[time.Time, rtp.Packet] {
	script = script[:min(len(script), MaxScript)]
	return func(yield func(time.Time, rtp.Packet) bool) {
		h, at := rtp.Header{PayloadType: payloadType, Sequence: 65530, Timestamp: 1 << 31, SSRC: 7}, time.Unix(1_000_000, 0)
		for len(script) >= 3 {
			f, n := script[0], min(int(binary.BigEndian.Uint16(script[1:])), len(script)-3)
			body := script[3 : 3+n]
			script = script[3+n:]
			h.Marker, h.SSRC = f&marker != 0, 7+uint32(f&another)
			h.Sequence++
			if f&next != 0 {
				h.Timestamp += 3000
			}
			if f&lost != 0 {
				h.Sequence += 1 + uint16(n)
			}
			if f&leap != 0 {
				h.Timestamp += 1 << 30
			}
			if f&second != 0 {
				at = at.Add(time.Second)
			}
			p := rtp.Packet(append([]byte(nil), body...))
			if f&whole == 0 {
				p = append(rtp.AppendHeader(nil, h), body...)
			}
			if !yield(at, p) {
				return
			}
		}
	}
}

// Cost is how many bytes of memory are taken while f runs, by all goroutines, given back since or not.
func Cost(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
