package avi

import (
	"encoding/binary"
	"io"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/window"
)

// A part is what an index, or the file itself, says of one chunk of media.
type part struct {
	stream int // -1: none of ours
	at     int64
	size   int64
}

// A source gives the parts of a file one after the other. The error is io.EOF behind the last one, a
// *container.DamagedError, or the reader's.
type source interface{ next() (part, error) }

// An oldIndex is idx1: entries of 16 bytes for all streams.
type oldIndex struct {
	src     *window.Window
	at, end int64
	base    int64 // that offsets in it count from
}

const oldEntry = 16

func (x *oldIndex) next() (part, error) {
	if x.end-x.at < oldEntry {
		return part{}, io.EOF
	}
	b, err := x.src.Peek(x.at, oldEntry)
	if err != nil {
		return part{}, err
	}
	if len(b) < oldEntry {
		return part{}, &container.DamagedError{Offset: x.at, Err: io.ErrUnexpectedEOF}
	}
	x.at += oldEntry
	return part{
		stream: streamOf(string(b[:4])),
		at:     x.base + int64(binary.LittleEndian.Uint32(b[8:])) + chunkHead,
		size:   int64(binary.LittleEndian.Uint32(b[12:])),
	}, nil
}

// settle finds what the offsets count from: the list of media, or, by some writers, the file. It tells whether the first
// entry is where it says.
func (x *oldIndex) settle(list int64) (bool, error) {
	first := *x
	for range 64 {
		p, err := first.next()
		if err != nil {
			return false, ignoreEnd(err)
		}
		if p.stream < 0 {
			continue
		}
		for _, base := range [...]int64{list, 0} {
			c, err := readChunk(x.src, p.at-chunkHead+base)
			if err == nil && streamOf(c.id) == p.stream && c.size == p.size {
				x.base = base
				return true, nil
			}
		}
		return false, nil
	}
	return false, nil
}

// Of the index of OpenDML: superIndex entries of an indx chunk give where the indexes of a stream lie, 8 bytes of offset,
// 4 of size, 4 of duration; these have a header and entries of 8 bytes.
const (
	superHead    = 24
	superEntry   = 16
	newHead      = chunkHead + 24
	newEntry     = 8
	notKey       = 1 << 31
	indexOfIndex = 0
	indexOfChunk = 1
)

// superIndex is the entries of an indx chunk, nil if there is no index of indexes in it.
func superIndex(b []byte) []byte {
	if len(b) < superHead || b[3] != indexOfIndex || binary.LittleEndian.Uint16(b) != superEntry/4 {
		return nil
	}
	count := int64(binary.LittleEndian.Uint32(b[4:]))
	b = b[superHead:]
	return b[:min(count, int64(len(b)/superEntry))*superEntry]
}

// A newIndex is that of OpenDML. It goes over the indexes of the streams in turns.
type newIndex struct {
	src     *window.Window
	streams []*stream
	turn    int   // stream whose index is read
	at, end int64 // entries of it
	base    int64 // that offsets in it count from
}

func (x *newIndex) next() (part, error) {
	for x.at >= x.end {
		if err := x.open(); err != nil {
			return part{}, err
		}
	}
	b, err := x.src.Peek(x.at, newEntry)
	if err != nil {
		return part{}, err
	}
	if len(b) < newEntry {
		return part{}, &container.DamagedError{Offset: x.at, Err: io.ErrUnexpectedEOF}
	}
	x.at += newEntry
	return part{
		stream: x.turn,
		at:     x.base + int64(binary.LittleEndian.Uint32(b)),
		size:   int64(binary.LittleEndian.Uint32(b[4:]) &^ notKey),
	}, nil
}

// open goes to the next index. They must lie one behind the other, so that none is read twice.
func (x *newIndex) open() error {
	for range x.streams {
		x.turn = (x.turn + 1) % len(x.streams)
		s := x.streams[x.turn]
		if s.track == nil || len(s.super) == 0 {
			continue
		}
		at := int64(binary.LittleEndian.Uint64(s.super))
		s.super = s.super[superEntry:]
		b, err := x.src.Peek(at, newHead)
		switch {
		case err != nil:
			return err
		case len(b) < newHead || at < s.reach || b[chunkHead+3] != indexOfChunk || b[chunkHead+2] != 0 ||
			binary.LittleEndian.Uint16(b[chunkHead:]) != newEntry/4:
			return &container.DamagedError{Offset: at, Err: errChunk}
		}
		size, count := int64(binary.LittleEndian.Uint32(b[4:])), int64(binary.LittleEndian.Uint32(b[chunkHead+4:]))
		x.base = int64(binary.LittleEndian.Uint64(b[chunkHead+12:]))
		x.at = at + newHead
		x.end = x.at + min(count, max(size+chunkHead-newHead, 0)/newEntry)*newEntry
		s.reach = x.end
		return nil
	}
	return io.EOF
}

// A walk goes from chunk to chunk where there is no index.
type walk struct {
	src *window.Window
	at  int64
}

func (x *walk) next() (part, error) {
	c, err := readChunk(x.src, x.at)
	switch {
	case err != nil:
		return part{}, err
	case c.id == "":
		return part{}, io.EOF
	case c.id == "RIFF" || c.id == "LIST" && (c.kind == "movi" || c.kind == "rec "):
		x.at += listHead
		return part{stream: -1}, nil
	case c.body+c.size > x.src.Size():
		return part{}, &container.DamagedError{Offset: x.at, Err: io.ErrUnexpectedEOF}
	}
	x.at = c.end()
	return part{streamOf(c.id), c.body, c.size}, nil
}
