package container

import (
	"encoding/binary"
	"math/bits"
)

// The data of a block is a byte that says which samples are keys, if some are a bitmap of 16 bytes, the parameters of the
// columns, and then sample after sample the bits of each column. A column costs no bits where its value is always the same,
// so that constant durations, contiguous samples and samples without reordering are free.
const (
	gapColumn      = iota // of the offset over the end of the previous sample
	sizeColumn            // of the sample
	skipColumn            // of the DTS over the end of the previous sample
	durationColumn        // of the sample
	shiftColumn           // from DTS to PTS
	columns
)

// Which samples of a block are keys.
const (
	noKeys = iota
	allKeys
	someKeys
)

// keysSize is the size of the bitmap of keys.
const keysSize = blockSize / 8

func (b *block) isKey(i int) bool {
	switch b.data[0] {
	case noKeys:
		return false
	case allKeys:
		return true
	}
	return b.data[1+i>>3]>>(i&7)&1 != 0
}

// keyBefore is the last key at or before sample i of the block, -1 if there is none.
func (b *block) keyBefore(i int) int {
	if b.data[0] == noKeys {
		return -1
	}
	for i >= 0 && !b.isKey(i) {
		i--
	}
	return i
}

// keyAfter is the first key at or after sample i of the block, blockSize if there is none.
func (b *block) keyAfter(i int) int {
	if b.data[0] == noKeys {
		return blockSize
	}
	for i < blockSize && !b.isKey(i) {
		i++
	}
	return i
}

// appendBlock appends the data of samples to b.
func appendBlock(b []byte, samples *[blockSize]Sample) []byte {
	b = appendKeys(b, samples)
	var values [columns][blockSize]int64
	split(samples, &values)
	var cols [columns]column
	for i := range cols {
		cols[i] = newColumn(&values[i])
		b = cols[i].append(b)
	}
	w := bitWriter{b: b}
	for i := range blockSize {
		for j := range cols {
			cols[j].write(&w, values[j][i])
		}
	}
	return w.flush()
}

func appendKeys(b []byte, samples *[blockSize]Sample) []byte {
	var keys [keysSize]byte
	n := 0
	for i := range samples {
		if samples[i].Key {
			keys[i>>3] |= 1 << (i & 7)
			n++
		}
	}
	switch n {
	case 0:
		return append(b, noKeys)
	case blockSize:
		return append(b, allKeys)
	}
	return append(append(b, someKeys), keys[:]...)
}

// split turns samples into columns.
func split(samples *[blockSize]Sample, values *[columns][blockSize]int64) {
	offset, dts := samples[0].Offset, samples[0].DTS
	for i := range samples {
		s := &samples[i]
		values[gapColumn][i] = s.Offset - offset
		values[sizeColumn][i] = int64(s.Size)
		values[skipColumn][i] = s.DTS - dts
		values[durationColumn][i] = int64(s.Duration)
		values[shiftColumn][i] = s.PTS - s.DTS
		offset, dts = s.Offset+int64(s.Size), s.DTS+int64(s.Duration)
	}
}

// header reads the parameters of the columns and returns what reads the bits behind them.
func (b *block) header(cols *[columns]column) bitReader {
	d := b.data[1:]
	if b.data[0] == someKeys {
		d = d[keysSize:]
	}
	for i := range cols {
		d = cols[i].parse(d)
	}
	return bitReader{b: d}
}

// A column is how the values of one column are coded: value = least + step*q, and q in Rice code with parameter k: the
// upper bits of q in unary, the lower k as they are.
type column struct {
	mode  uint8
	k     uint8
	least int64
	step  uint64
}

// Modes of a column.
const (
	constant = iota // least
	every           // a code for every sample
	flagged         // a bit for every sample: 0 means 0, 1 is followed by a code
)

// maxUnary is how long the unary part of a code can be. One as long is followed by q in 64 bits.
const maxUnary = 20

// newColumn finds the parameters that make values small.
func newColumn(values *[blockSize]int64) column {
	full, cost := fit(values[:])
	if full.mode == constant {
		return full
	}
	var others [blockSize]int64
	n := 0
	for _, v := range values {
		if v != 0 {
			others[n] = v
			n++
		}
	}
	if n == blockSize {
		return full
	}
	some, someCost := fit(others[:n])
	some.mode, some.step = flagged, max(some.step, 1)
	if blockSize+someCost < cost {
		return some
	}
	return full
}

// fit is the column with a code for each of the values, and how many bits the codes have.
func fit(values []int64) (column, int) {
	least, greatest := values[0], values[0]
	for _, v := range values {
		least, greatest = min(least, v), max(greatest, v)
	}
	c := column{mode: constant, least: least}
	if least == greatest {
		return c, len(values) // a bit each, if flagged
	}
	var q [blockSize]uint64
	for i, v := range values {
		q[i] = uint64(v) - uint64(least)
		c.step = gcd(c.step, q[i])
	}
	codes := q[:len(values)]
	sum := 0.0
	for i := range codes {
		if c.step > 1 {
			codes[i] /= c.step
		}
		sum += float64(codes[i])
	}
	// Of the parameters around the logarithm of the mean the one that is shortest.
	c.mode = every
	guess := uint8(bits.Len64(uint64(sum / float64(len(codes)))))
	best := 0
	for k := max(guess, 2) - 2; k <= min(guess, 62)+1; k++ {
		if n := cost(codes, k); best == 0 || n < best {
			best, c.k = n, k
		}
	}
	return c, best
}

func gcd(a, b uint64) uint64 {
	if a == 1 {
		return 1
	}
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// cost is how many bits codes have with a parameter.
func cost(codes []uint64, k uint8) int {
	n := 0
	for _, q := range codes {
		if upper := q >> k; upper < maxUnary {
			n += int(upper) + 1 + int(k)
		} else {
			n += maxUnary + 64
		}
	}
	return n
}

// append appends the parameters.
func (c *column) append(b []byte) []byte {
	b = binary.AppendVarint(append(b, c.mode), c.least)
	if c.mode == constant {
		return b
	}
	return binary.AppendUvarint(append(b, c.k), c.step)
}

// parse reads the parameters and returns what is behind them.
func (c *column) parse(b []byte) []byte {
	var n int
	c.mode = b[0]
	c.least, n = binary.Varint(b[1:])
	b = b[1+n:]
	if c.mode == constant {
		return b
	}
	c.k = b[0]
	c.step, n = binary.Uvarint(b[1:])
	return b[1+n:]
}

func (c *column) write(w *bitWriter, v int64) {
	switch c.mode {
	case constant:
		return
	case flagged:
		if v == 0 {
			w.write(0, 1)
			return
		}
		w.write(1, 1)
	}
	q := uint64(v) - uint64(c.least)
	if c.step > 1 { // most columns have 1, and dividing is what takes longest
		q /= c.step
	}
	upper := q >> c.k
	if upper >= maxUnary {
		w.write(1<<maxUnary-1, maxUnary)
		w.write(q, 64)
		return
	}
	w.write(1<<upper-1, uint(upper)+1)
	w.write(q, uint(c.k))
}

func (c *column) read(r *bitReader) int64 {
	switch c.mode {
	case constant:
		return c.least
	case flagged:
		if r.read(1) == 0 {
			return 0
		}
	}
	upper := r.unary()
	q := uint64(0)
	if upper >= maxUnary {
		q = r.read(64)
	} else {
		q = uint64(upper)<<c.k | r.read(uint(c.k))
	}
	return int64(uint64(c.least) + q*c.step)
}
