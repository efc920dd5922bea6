package payload

import (
	"bytes"
	"encoding/binary"

	"github.com/google/go-cmp/cmp"
)

// storedTrack is a track with samples of it, and how to get from a sample, and
// from its payloads, the units that both carry: NAL units, OBUs or the bytes.
type storedTrack struct {
	name    string
	track   Track
	samples [][]byte
	units   func(sample []byte) ([][]byte, bool) // false for what is no sample
	join    func(list []sent) ([][]byte, bool)
}

// lengths puts a length of four bytes in front of each NAL unit.
func lengths(nals ...[]byte) []byte {
	var b []byte
	for _, nal := range nals {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(nal))), nal...)
	}
	return b
}

// obus gives each OBU, written without size, its size.
func obus(list ...[]byte) []byte {
	var b []byte
	for _, u := range list {
		b = appendLEB128(append(b, u[0]|2), len(u)-1)
		b = append(b, u[1:]...)
	}
	return b
}

// ac3Frame is a frame of 48 kHz, 384 kbit/s.
func ac3Frame() []byte {
	b := fill(1536)
	copy(b, []byte{0x0B, 0x77, 0x12, 0x34, 0x1C, 0x40, 0xE1})
	return b
}

func storedTracks() []storedTrack {
	idr, slice := cat([]byte{0x65, 0x88}, fill(3000)), cat([]byte{0x41, 0x9A}, fill(300))
	idr265, slice265 := cat([]byte{0x26, 0x01, 0xAF}, fill(3000)), cat([]byte{0x02, 0x01, 0xD0}, fill(300))
	key, inter := cat([]byte{0x30, 0x10}, fill(3000)), cat([]byte{0x30, 0x30}, fill(200))
	return []storedTrack{
		{"H264", Track{Encoding: "H264"}, [][]byte{
			lengths([]byte{9, 0x10}, testSPS, testPPS, []byte{6, 5, 1, 1, 0x80}, idr),
			lengths(slice), lengths(slice, slice, idr, slice), lengths(idr, idr), lengths([]byte{}, slice),
		}, nalUnitsOf(4, h264Unit1), joinUnits(joinH264Units)},
		{"H265", Track{Encoding: "H265"}, [][]byte{
			lengths([]byte{0x46, 1, 0x10}, testVPS265, testSPS265, testPPS265, idr265),
			lengths(slice265), lengths(slice265, slice265, idr265, slice265), lengths(idr265, []byte{0x48, 1}),
		}, nalUnitsOf(4, h265Unit), joinUnits(joinH265Units)},
		{"AV1", Track{Encoding: "AV1"}, [][]byte{
			obus([]byte{0x10}, testSequence, key), obus([]byte{0x10}, inter), obus(inter, inter, inter, inter, inter),
			cat(obus([]byte{0x10}, testSequence), key), obus(cat([]byte{0x34, 0x08}, key[1:]), cat([]byte{0x34, 0x10}, key[1:])),
		}, obusOf, joinAV1Units},
		{"VP8", Track{Encoding: "VP8"}, [][]byte{cat([]byte{0x10, 0x02, 0}, fill(3000)), cat([]byte{0x11}, fill(200))}, theSample, joinVP8Bytes},
		{"VP9", Track{Encoding: "VP9"}, [][]byte{cat([]byte{0x82, 0x49}, fill(3000)), cat([]byte{0x86}, fill(200))}, theSample, joinVP9Bytes},
		{"MP4V-ES", Track{Encoding: "MP4V-ES"}, [][]byte{
			cat(testVOL, []byte{0, 0, 1, 0xB6, 0x10}, fill(3000)), cat([]byte{0, 0, 1, 0xB6, 0x50}, fill(200)),
		}, theSample, joinHeadless(0)},
		{"mpeg4-generic", Track{Encoding: "mpeg4-generic", ClockRate: 48000, Channels: 2}, [][]byte{fill(300), fill(3000), fill(8191)}, upTo(8191), joinAACUnit},
		{"opus", Track{Encoding: "opus", Channels: 2}, [][]byte{fill(160)}, theSample, joinHeadless(0)},
		{"MPA", Track{Encoding: "MPA"}, [][]byte{mp3(), cat(mp3(), fill(1200))}, upTo(1 << 16), joinMPAFrame},
		{"ac3", Track{Encoding: "ac3", ClockRate: 48000, Channels: 6}, [][]byte{ac3Frame(), ac3Frame()[:700]}, theSample, joinAC3Frame},
		{"PCMU", Track{Encoding: "PCMU", ClockRate: 8000}, [][]byte{fill(160), fill(4000)}, wholeTicks(1), joinTicks(1)},
		{"PCMA stereo", Track{Encoding: "PCMA", ClockRate: 8000, Channels: 2}, [][]byte{fill(320), fill(4001)}, wholeTicks(2), joinTicks(2)},
		{"L16", Track{Encoding: "L16", ClockRate: 44100, Channels: 2}, [][]byte{fill(3528), fill(8003)}, wholeTicks(4), joinTicks(4)},
	}
}

func h264Unit1(nal []byte) bool { return h264Unit(nal[0]) }

func nalUnitsOf(length int, good func(nal []byte) bool) func(sample []byte) ([][]byte, bool) {
	return func(sample []byte) ([][]byte, bool) {
		var list [][]byte
		for len(sample) >= length {
			n := 0
			for _, c := range sample[:length] {
				n = n*256 + int(c)
			}
			if sample = sample[length:]; n > len(sample) {
				return nil, false
			}
			if n > 0 && good(sample[:n]) {
				list = append(list, sample[:n])
			}
			sample = sample[n:]
		}
		return list, len(list) > 0
	}
}

func obusOf(sample []byte) ([][]byte, bool) {
	var list [][]byte
	for len(sample) > 0 {
		head := 1 + int(sample[0]>>2&1)
		if len(sample) < head {
			return nil, false
		}
		u, rest := sample[head:], []byte(nil)
		if sample[0]&2 != 0 {
			n, used := binary.Uvarint(u)
			if used <= 0 || used > 8 || n > uint64(len(u)-used) {
				return nil, false
			}
			u, rest = u[used:][:n], u[used+int(n):]
		}
		if kind := sample[0] >> 3 & 15; kind != 2 && kind != 8 {
			list = append(list, cat([]byte{sample[0] & 0xFC}, sample[1:head], u))
		}
		sample = rest
	}
	return list, len(list) > 0
}

func theSample(sample []byte) ([][]byte, bool) { return [][]byte{sample}, len(sample) > 0 }

func upTo(most int) func(sample []byte) ([][]byte, bool) {
	return func(sample []byte) ([][]byte, bool) {
		return [][]byte{sample}, len(sample) > 0 && len(sample) <= most
	}
}

func wholeTicks(tick int) func(sample []byte) ([][]byte, bool) {
	return func(sample []byte) ([][]byte, bool) {
		n := len(sample) / tick * tick
		return [][]byte{sample[:n]}, n > 0
	}
}

// joinUnits reads packets whose units may be aggregates or pieces: kind says which,
// unit makes the header of the unit that a first piece begins.
func joinUnits(read func(p []byte, list [][]byte, open *bool) ([][]byte, bool)) func(list []sent) ([][]byte, bool) {
	return func(list []sent) ([][]byte, bool) {
		var out [][]byte
		open, ok := false, true
		for _, s := range list {
			if out, ok = read(s.payload, out, &open); !ok {
				return nil, false
			}
		}
		return out, !open
	}
}

func joinH264Units(p []byte, out [][]byte, open *bool) ([][]byte, bool) {
	switch {
	case *open != (p[0]&31 == 28 && p[1]&0x80 == 0):
		return nil, false
	case p[0]&31 == 24:
		return aggregated(p[1:], out)
	case p[0]&31 != 28:
		return append(out, p), true
	}
	return fragmented(p[1], []byte{p[0]&0xE0 | p[1]&31}, p[2:], out, open)
}

func joinH265Units(p []byte, out [][]byte, open *bool) ([][]byte, bool) {
	switch kind := p[0] >> 1 & 63; {
	case *open != (kind == 49 && p[2]&0x80 == 0):
		return nil, false
	case kind == 48:
		return aggregated(p[2:], out)
	case kind != 49:
		return append(out, p), true
	}
	return fragmented(p[2], []byte{p[0]&0x81 | p[2]&63<<1, p[1]}, p[3:], out, open)
}

func aggregated(b []byte, out [][]byte) ([][]byte, bool) {
	for count := 0; ; count++ {
		if len(b) == 0 {
			return out, count > 1
		}
		n := int(b[0])<<8 | int(b[1])
		out, b = append(out, b[2:2+n]), b[2+n:]
	}
}

func fragmented(flags byte, head, data []byte, out [][]byte, open *bool) ([][]byte, bool) {
	start, end := flags&0x80 != 0, flags&0x40 != 0
	if start && end || len(data) == 0 {
		return nil, false
	}
	if start {
		out = append(out, head)
	}
	out[len(out)-1] = append(out[len(out)-1], data...)
	*open = !end
	return out, true
}

func joinAV1Units(list []sent) ([][]byte, bool) {
	pieces, ok := joinAV1(list)
	var out [][]byte
	for _, p := range pieces {
		if !p.start || !p.end {
			return nil, false
		}
		out = append(out, p.data)
	}
	return out, ok
}

func joinHeadless(head int) func(list []sent) ([][]byte, bool) {
	return func(list []sent) ([][]byte, bool) {
		var out []byte
		for _, s := range list {
			if len(s.payload) <= head {
				return nil, false
			}
			out = append(out, s.payload[head:]...)
		}
		return [][]byte{out}, true
	}
}

func joinVP8Bytes(list []sent) ([][]byte, bool) {
	for i, s := range list {
		if want := map[bool]byte{true: 0x10, false: 0}[i == 0]; s.payload[0] != want {
			return nil, false
		}
	}
	return joinHeadless(1)(list)
}

func joinVP9Bytes(list []sent) ([][]byte, bool) {
	for i, s := range list {
		if s.payload[0]&^vp9Inter != map[bool]byte{true: 8}[i == 0]|map[bool]byte{true: 4}[i == len(list)-1] {
			return nil, false
		}
	}
	return joinHeadless(1)(list)
}

func joinAACUnit(list []sent) ([][]byte, bool) {
	out, ok := joinHeadless(4)(list)
	for _, s := range list {
		if size := int(s.payload[2])<<5 | int(s.payload[3])>>3; !ok || size != len(out[0]) || !bytes.Equal(s.payload[:2], []byte{0, 16}) || s.payload[3]&7 != 0 {
			return nil, false
		}
	}
	return out, ok
}

func joinMPAFrame(list []sent) ([][]byte, bool) {
	at := 0
	for _, s := range list {
		if int(binary.BigEndian.Uint32(s.payload)) != at {
			return nil, false
		}
		at += len(s.payload) - 4
	}
	return joinHeadless(4)(list)
}

func joinAC3Frame(list []sent) ([][]byte, bool) {
	out, ok := joinHeadless(2)(list)
	for i, s := range list {
		want := byte(3)
		switch {
		case len(list) == 1:
			want = 0
		case i == 0 && 8*(len(s.payload)-2) >= 5*len(out[0]):
			want = 1
		case i == 0:
			want = 2
		}
		if s.payload[0] != want || int(s.payload[1]) != len(list) {
			return nil, false
		}
	}
	return out, ok
}

func joinTicks(tick int) func(list []sent) ([][]byte, bool) {
	return func(list []sent) ([][]byte, bool) {
		_, ok := joinPCM(tick)(list)
		out, whole := joinHeadless(0)(list)
		return out, ok && whole
	}
}

// sameUnits compares units; nil and empty are the same.
func sameUnits(a, b [][]byte) string {
	return cmp.Diff(a, b, cmp.Comparer(func(x, y []byte) bool { return bytes.Equal(x, y) }))
}
