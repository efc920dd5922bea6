package matroska

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
)

// checkEvery is how many blocks are read before it is seen whether to go on, and readers are shown what is known.
const checkEvery = 1024

// earliest is the time of the first of some blocks, from which the times of the presentation count.
func earliest(blocks []block) int64 {
	start := int64(0)
	for i := range blocks {
		if i == 0 || blocks[i].time < start {
			start = blocks[i].time
		}
	}
	return start
}

// begin sets the clocks and takes the first blocks, with the error that ended them. The rest is left to Scan.
func (d *demuxer) begin(start int64, first []block, err error) error {
	d.file.Declared = max(d.file.Declared-time.Duration(start), 0)
	for _, f := range d.feeds {
		f.begin(d.scale, start, first)
	}
	for i := range first {
		if e := d.take(&first[i]); e != nil {
			return e
		}
	}
	if err != nil {
		return d.ended(d.finish(err))
	}
	d.flush()
	d.file.Scan = d.scan
	return nil
}

// ended tells the damage of a file that can be opened, because something of it is whole, from other errors.
func (d *demuxer) ended(err error) error {
	if ignoreDamage(err) == nil && slices.ContainsFunc(d.feeds, (*feed).found) {
		return nil
	}
	return err
}

// first returns copies of the first blocks that matter. The error says why there are not as many as there might be.
func (d *demuxer) first() ([]block, error) {
	var first []block
	for range firstBlocks {
		b, err := d.next()
		if err != nil {
			return first, err
		}
		if b != nil && d.feed(b.track) != nil {
			first = append(first, *b)
			first[len(first)-1].sizes = slices.Clone(b.sizes)
		}
	}
	return first, nil
}

// scan reads the rest of the blocks.
func (d *demuxer) scan(ctx context.Context) error {
	for n := 1; ; n++ {
		b, err := d.next()
		if b != nil {
			err = d.take(b)
		}
		if err != nil {
			return d.finish(err)
		}
		if b == nil || n%checkEvery == 0 {
			d.flush()
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
		}
	}
}

// take adds what is in a block.
func (d *demuxer) take(b *block) error {
	if f := d.feed(b.track); f != nil {
		return f.add(b, d.src)
	}
	return nil
}

func (d *demuxer) flush() {
	for _, f := range d.feeds {
		f.build.Flush()
	}
}

// finish completes the indexes, and returns what is wrong with the file.
func (d *demuxer) finish(err error) error {
	if errors.Is(err, io.EOF) {
		err = d.damage
	}
	for _, f := range d.feeds {
		f.finish(err)
	}
	return err
}

// ignoreDamage is err but for what concerns the file's content.
func ignoreDamage(err error) error {
	var damage *container.DamagedError
	if errors.As(err, &damage) || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
