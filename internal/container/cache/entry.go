package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc64"
	"math"
	"strings"

	"github.com/baton-rtsp/baton/internal/container"
)

// An entry begins with what it is, with its version, and the checksum of what follows: the ID, then for each track what
// it is and its index. Numbers and lengths are as encoding/binary has them. The version goes up when a demuxer finds
// other samples than before, and when entries are written in another way.
const (
	magic    = "Baton index 1\n"
	headSize = len(magic) + 8
)

// Names of entries: the hash of what tells files apart, and an ending.
const (
	ending   = ".index"
	hashSize = 16
	nameSize = 2*hashSize + len(ending)
)

var errEntry = errors.New("no entry of this file")

// name is the name of the entry of a file, whatever its version.
func (id ID) name() string {
	sum := sha256.Sum256([]byte(id.file))
	return hex.EncodeToString(sum[:hashSize]) + ending
}

// isName tells whether a file may be an entry.
func isName(name string) bool {
	hash, ok := strings.CutSuffix(name, ending)
	return ok && len(name) == nameSize && strings.Trim(hash, "0123456789abcdef") == ""
}

func (id ID) append(b []byte) []byte {
	b = appendString(b, id.file)
	b = binary.AppendVarint(b, id.size)
	b = binary.AppendVarint(b, id.modified.Unix())
	b = binary.AppendVarint(b, int64(id.modified.Nanosecond()))
	return binary.BigEndian.AppendUint64(b, math.Float64bits(id.rate))
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendTrack appends what a track is, as far as its samples depend on it.
func appendTrack(b []byte, t *container.Track) []byte {
	b = binary.AppendVarint(b, int64(t.ID))
	b = appendString(b, string(t.Codec))
	return binary.AppendVarint(b, int64(t.Timescale))
}

// marshal makes the entry of a file.
func marshal(id ID, f *container.File) ([]byte, error) {
	b := id.append(make([]byte, headSize))
	b = binary.AppendUvarint(b, uint64(len(f.Tracks)))
	for _, t := range f.Tracks {
		b = appendTrack(b, t)
		index, err := t.Index.AppendBinary(nil)
		if err != nil {
			return nil, fmt.Errorf("track %d: %w", t.ID, err)
		}
		b = append(binary.AppendUvarint(b, uint64(len(index))), index...)
	}
	copy(b, magic)
	binary.BigEndian.PutUint64(b[len(magic):], checksum(b))
	return b, nil
}

// checksum is that of an entry.
func checksum(b []byte) uint64 {
	return crc64.Checksum(b[headSize:], crc64.MakeTable(crc64.ECMA))
}

// unmarshal returns the indexes of the tracks of f from an entry, which must be of this very file. They keep b.
func unmarshal(b []byte, id ID, f *container.File) ([]*container.Index, error) {
	if len(b) < headSize || string(b[:len(magic)]) != magic || binary.BigEndian.Uint64(b[len(magic):]) != checksum(b) {
		return nil, errEntry
	}
	rest, ok := bytes.CutPrefix(b[headSize:], binary.AppendUvarint(id.append(nil), uint64(len(f.Tracks))))
	var all []*container.Index
	for _, t := range f.Tracks {
		if rest, ok = bytes.CutPrefix(rest, appendTrack(nil, t)); !ok {
			return nil, errEntry
		}
		size, n := binary.Uvarint(rest)
		if n <= 0 || size > uint64(len(rest)-n) {
			return nil, errEntry
		}
		end := n + int(size)
		x, err := container.ParseIndex(rest[n:end])
		if err != nil {
			return nil, err
		}
		if !agree(t.Index, x) {
			return nil, errEntry
		}
		all, rest = append(all, x), rest[end:]
	}
	if !ok || len(rest) > 0 {
		return nil, errEntry
	}
	return all, nil
}

// agree tells whether all that is known of a track is in the index that was stored.
func agree(known, stored *container.Index) bool {
	a, b := known.Cursor(0), stored.Cursor(0)
	for range known.Len() {
		s, _ := a.Next()
		if t, ok := b.Next(); !ok || s != t {
			return false
		}
	}
	return true
}
