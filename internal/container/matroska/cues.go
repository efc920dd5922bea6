package matroska

import (
	"errors"
	"io"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
)

// ErrNoCues means that a file does not say where its parts are.
var ErrNoCues = errors.New("no cues")

// OpenAt is as Open, but the indexes begin at the last place before a time from which video, or else sound, can be played,
// as the file's Cues say it. Times are the same as those of Open. It serves to play what the scan of a large file has not
// come to. The error is ErrNoCues where this cannot be told.
func OpenAt(r io.ReaderAt, size int64, _ container.Options, at time.Duration) (*container.File, error) {
	d, err := newDemuxer(r, size)
	if err != nil {
		return nil, err
	}
	first, err := d.first()
	start := earliest(first)
	if err = ignoreDamage(err); err != nil || len(d.feeds) == 0 {
		return nil, orNoCues(err)
	}
	if d.at, err = d.cue(start + int64(at)); err != nil {
		return nil, err
	}
	d.clusterEnd, d.clusterTime = d.end, 0
	first, err = d.first()
	if err := d.begin(start, first, err); err != nil {
		return nil, err
	}
	return d.file, nil
}

func orNoCues(err error) error {
	if err != nil {
		return err
	}
	return ErrNoCues
}

// cue is the offset of the cluster in which playing at a time, in nanoseconds of the file, has to begin.
func (d *demuxer) cue(at int64) (int64, error) {
	position, ok := d.seek[idCues]
	if !ok {
		return 0, ErrNoCues
	}
	e, err := d.element(position, d.end)
	if err != nil || e.id != idCues || e.end == unknown {
		return 0, orNoCues(ignoreDamage(err))
	}
	b, err := d.load(e)
	if err != nil {
		return 0, err
	}
	track := d.feeds[0]
	for _, f := range d.feeds {
		if f.track.Video {
			track = f
			break
		}
	}
	cluster := d.nearest(b, uint64(track.track.ID), at)
	if c, err := d.element(cluster, d.end); c.id != idCluster {
		return 0, orNoCues(ignoreDamage(err))
	}
	return cluster, nil
}

// ignoreDamage is err but for what concerns the file's content.
func ignoreDamage(err error) error {
	var damage *container.DamagedError
	if errors.As(err, &damage) || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// nearest is where the cluster of the last cue of a track is that is not after a time, that of the first cluster if there
// is none.
func (d *demuxer) nearest(cues []byte, track uint64, at int64) int64 {
	cluster, best := d.cluster, int64(-1)
	for id, point := range children(cues) {
		if id != idCuePoint {
			continue
		}
		when, where := uint64(0), int64(-1)
		for id, v := range children(point) {
			switch id {
			case idCueTime:
				when = number(v)
			case idCueTrackPositions:
				if p := position(v, track); p >= 0 {
					where = p
				}
			}
		}
		if when > uint64(maxTime/d.scale) || where < 0 || where >= d.end-d.origin {
			continue
		}
		if ns := int64(when) * d.scale; ns <= at && ns > best {
			cluster, best = d.origin+where, ns
		}
	}
	return cluster
}

// position is where the cluster of a cue is, from the beginning of the segment's data; -1 if it is another track's.
func position(b []byte, track uint64) int64 {
	of, at := uint64(0), uint64(1<<63)
	for id, v := range children(b) {
		switch id {
		case idCueTrack:
			of = number(v)
		case idCueClusterPosition:
			at = number(v)
		}
	}
	if of != track || at >= 1<<62 {
		return -1
	}
	return int64(at)
}
