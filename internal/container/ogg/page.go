package ogg

import (
	"bytes"
	"encoding/binary"

	"github.com/baton-rtsp/baton/internal/container/window"
)

// Lengths of the header of a page, RFC 3533 §6: without the table of segments, and with the largest.
const (
	minHeader = 27
	maxHeader = minHeader + 255
)

// capture begins every page of version 0.
const capture = "OggS\x00"

// Flags of a page.
const (
	flagContinued = 1 // begins with the rest of a packet
	flagBegin     = 2 // of a stream
	flagEnd       = 4 // of a stream
)

// A page is what the header of a page says.
type page struct {
	at      int64
	flags   byte
	granule int64 // position; -1 if no packet ends on the page
	serial  uint32
	table   []byte // of segments; valid until the next page is read
	body    int64
	end     int64
}

// parsePage reads the header of a page at an offset of the file, and tells whether b begins with one.
func parsePage(b []byte, at int64) (page, bool) {
	if len(b) < minHeader || string(b[:len(capture)]) != capture || len(b) < minHeader+int(b[26]) {
		return page{}, false
	}
	p := page{
		at:      at,
		flags:   b[5],
		granule: int64(binary.LittleEndian.Uint64(b[6:])),
		serial:  binary.LittleEndian.Uint32(b[14:]),
		table:   b[minHeader : minHeader+int(b[26])],
	}
	p.body = at + minHeader + int64(len(p.table))
	p.end = p.body
	for _, n := range p.table {
		p.end += int64(n)
	}
	return p, true
}

// A piece is what a page has of one packet.
type piece struct {
	at    int64
	size  int
	whole bool // the packet ends here
}

// pieces appends the pieces on a page to list.
func (p *page) pieces(list []piece) []piece {
	next := piece{at: p.body}
	for _, n := range p.table {
		next.size += int(n)
		if n < 255 {
			next.whole = true
			list = append(list, next)
			next = piece{at: next.at + int64(next.size)}
		}
	}
	if n := len(p.table); n > 0 && p.table[n-1] == 255 {
		list = append(list, next)
	}
	return list
}

// readPage reads the header of the page at an offset. ok is false if there is none.
func readPage(src *window.Window, at int64) (p page, ok bool, err error) {
	b, err := src.Peek(at, maxHeader)
	if err != nil {
		return page{}, false, err
	}
	p, ok = parsePage(b, at)
	return p, ok, nil
}

// seekPage is the next offset within so many bytes at which a page begins, -1 if there is none.
func seekPage(src *window.Window, at, within int64) (int64, error) {
	for end := min(at+within, src.Size()); at < end; {
		b, err := src.Peek(at, window.Max)
		if err != nil || len(b) < len(capture) {
			return -1, err
		}
		if i := bytes.Index(b, []byte(capture)); i >= 0 {
			return at + int64(i), nil
		}
		at += int64(len(b) - len(capture) + 1)
	}
	return -1, nil
}
