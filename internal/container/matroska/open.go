package matroska

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/window"
)

// Bounds of what is read on opening.
const (
	maxElement  = 8 << 20 // bytes of an element that is read whole
	maxSteps    = 1 << 14 // elements that are stepped over to find them
	maxTracks   = 64
	maxScale    = second // nanoseconds of a tick
	firstBlocks = 128    // from which order and beginning are learnt
)

var (
	errNoTracks  = errors.New("no tracks")
	errNoSegment = errors.New("no segment")
	errTooLarge  = errors.New("element too large")
	errNumber    = errors.New("track number is not its own")
	errTooMany   = errors.New("too many tracks")
)

// A demuxer reads one file.
type demuxer struct {
	walk
	r        io.ReaderAt
	file     *container.File
	feeds    []*feed
	origin   int64            // of the segment's data, from which positions count
	seek     map[uint32]int64 // where the SeekHead says that elements are
	done     map[uint32]bool  // elements that were read
	cluster  int64            // the first one, 0 as long as it was not found
	duration float64          // ticks
}

// Open opens the first size bytes of r. The error is container.ErrFormat if they are no Matroska, a
// *container.DamagedError, or the reader's. The File goes on using r.
func Open(r io.ReaderAt, size int64, _ container.Options) (*container.File, error) {
	d, err := newDemuxer(r, size)
	if err != nil {
		return nil, err
	}
	first, err := d.first()
	if err := d.begin(earliest(first), first, err); err != nil {
		return nil, err
	}
	return d.file, nil
}

// newDemuxer reads what stands before the blocks.
func newDemuxer(r io.ReaderAt, size int64) (*demuxer, error) {
	d := &demuxer{r: r, file: &container.File{}, seek: make(map[uint32]int64), done: make(map[uint32]bool)}
	d.src, d.scale = window.New(r, size), 1_000_000
	if err := d.header(); err != nil {
		return nil, err
	}
	if err := d.head(); err != nil {
		return nil, err
	}
	return d, nil
}

// maxEBML bounds the EBML header, which has some forty bytes.
const maxEBML = 4 << 10

// header reads the EBML header, RFC 8794 §11.2, and what leads to the segment.
func (d *demuxer) header() error {
	b, err := d.src.Peek(0, maxEBML)
	if err != nil {
		return err
	}
	id, size, n := header(b)
	if id != idEBML || n == 0 || size < 0 || size > int64(len(b)-n) || !readable(b[n:n+int(size)]) {
		return container.ErrFormat
	}
	at := int64(n) + size
	for range maxSteps {
		e, err := d.element(at, d.src.Size())
		if e.id == idSegment {
			return d.segment(e)
		}
		switch {
		case errors.Is(err, io.EOF):
			return damaged(at, errNoSegment)
		case err != nil:
			return err
		case e.end == unknown:
			return damaged(at, errElement)
		}
		at = e.end
	}
	return damaged(at, errNoSegment)
}

// readable tells whether a header is of a document that this package can read.
func readable(b []byte) bool {
	known := false
	for id, v := range children(b) {
		switch id {
		case idDocType:
			known = text(v) == "matroska" || text(v) == "webm"
		case idMaxIDLen:
			known = known && number(v) <= 4
		case idMaxSizeLen:
			known = known && number(v) <= 8
		}
	}
	return known
}

// segment goes to the first element of the segment.
func (d *demuxer) segment(e element) error {
	d.at, d.origin, d.end = e.body, e.body, e.end
	switch {
	case e.end == unknown:
		d.end = d.src.Size()
	case e.end > d.src.Size():
		d.end = d.src.Size()
		d.damage = damaged(d.end, io.ErrUnexpectedEOF)
	}
	d.clusterEnd = d.end
	return nil
}

// head reads what stands before the first cluster, and what the SeekHead says is elsewhere, and goes to that cluster.
func (d *demuxer) head() error {
	err := d.search()
	switch {
	case d.done[idTracks]: // if the file is damaged behind them, the scan will find it
		if d.cluster > 0 {
			d.at = d.cluster
		}
		return nil
	case err != nil && !errors.Is(err, io.EOF):
		return err
	}
	return damaged(d.at, errNoTracks)
}

// search goes over elements up to the first cluster, or further if the tracks are not known by then.
func (d *demuxer) search() error {
	for range maxSteps {
		e, err := d.element(d.at, d.end)
		if e.id == idCluster && d.cluster == 0 {
			d.cluster = e.at
			if err := d.elsewhere(); err != nil {
				return err
			}
		}
		switch {
		case d.cluster > 0 && d.done[idTracks]:
			return nil
		case err != nil:
			return err
		case e.id == idCluster && e.end == unknown:
			e.end = e.body
		case e.end == unknown:
			return damaged(e.at, errElement)
		}
		if err := d.read(e); err != nil {
			return err
		}
		d.at = e.end
	}
	return damaged(d.at, errNoTracks)
}

// elsewhere reads what stands behind the clusters. A SeekHead that lies is ignored.
func (d *demuxer) elsewhere() error {
	for _, id := range [...]uint32{idInfo, idTracks} {
		at, ok := d.seek[id]
		if !ok || d.done[id] {
			continue
		}
		e, err := d.element(at, d.end)
		if err == nil && e.id == id && e.end != unknown {
			err = d.read(e)
		}
		if err = ignoreDamage(err); err != nil {
			return err
		}
	}
	return nil
}

// read reads an element of the segment if it matters and was not read yet.
func (d *demuxer) read(e element) error {
	var parse func([]byte)
	switch e.id {
	case idSeekHead:
		parse = d.seekHead
	case idInfo:
		parse = d.info
	case idTracks:
		parse = d.tracks
	}
	if parse == nil || d.done[e.id] {
		return nil
	}
	b, err := d.load(e)
	if err != nil {
		return err
	}
	d.done[e.id] = true
	parse(b)
	return nil
}

// load reads what an element holds.
func (d *demuxer) load(e element) ([]byte, error) {
	if e.end-e.body > maxElement {
		return nil, damaged(e.at, errTooLarge)
	}
	return io.ReadAll(io.NewSectionReader(d.r, e.body, e.end-e.body))
}

func (d *demuxer) seekHead(b []byte) {
	for id, v := range children(b) {
		if id != idSeek {
			continue
		}
		target, position := uint64(0), uint64(0)
		for id, v := range children(v) {
			switch id {
			case idSeekID:
				target = number(v)
			case idSeekPosition:
				position = number(v)
			}
		}
		if position < uint64(d.end-d.origin) && (target == idInfo || target == idTracks) {
			d.seek[uint32(target)] = d.origin + int64(position)
		}
	}
}

func (d *demuxer) info(b []byte) {
	for id, v := range children(b) {
		switch id {
		case idTimestampScale:
			if n := number(v); n > 0 && n <= maxScale {
				d.scale = int64(n)
			}
		case idDuration:
			d.duration = float(v)
		}
	}
	if ns := d.duration * float64(d.scale); ns > 0 && ns < maxTime {
		d.file.Declared = time.Duration(ns)
	}
}

// tracks reads the Tracks element.
func (d *demuxer) tracks(b []byte) {
	entries := 0
	for id, v := range children(b) {
		if id != idTrackEntry {
			continue
		}
		if entries++; entries > maxTracks {
			d.skip(0, errTooMany)
			return
		}
		e := parseEntry(v)
		f, err := e.track(d.r)
		switch {
		case e.number == 0 || e.number >= 1<<31 || d.feed(e.number) != nil:
			d.skip(e.number, errNumber)
		case err != nil:
			d.skip(e.number, err)
		default:
			f.start, f.frame, f.prefix = e.delay, e.frame, e.prefix
			d.feeds = append(d.feeds, f)
			d.file.Tracks = append(d.file.Tracks, f.track)
		}
	}
}

func (d *demuxer) skip(track uint64, err error) {
	d.file.Skipped = append(d.file.Skipped, fmt.Sprintf("track %d: %v", track, err))
}

// feed is the feed of a track, nil if it is not played.
func (d *demuxer) feed(track uint64) *feed {
	for _, f := range d.feeds {
		if uint64(f.track.ID) == track {
			return f
		}
	}
	return nil
}
