package mp4

import (
	"encoding/binary"
	"slices"
	"testing"
)

// Boxes, to make files that no program makes.

// atom is a box with a type and what is in it: numbers in the size they have, bytes, text.
func atom(tag string, parts ...any) []byte {
	b := make([]byte, 4, 64)
	b = append(b, tag...)
	for _, p := range parts {
		b = appendPart(b, p)
	}
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	return b
}

func appendPart(b []byte, part any) []byte {
	switch p := part.(type) {
	case []byte:
		return append(b, p...)
	case string:
		return append(b, p...)
	case int: // the usual size
		return binary.BigEndian.AppendUint32(b, uint32(p))
	default:
		b, err := binary.Append(b, binary.BigEndian, p)
		if err != nil {
			panic(err)
		}
		return b
	}
}

// numbers is a table: how many rows of a width there are, and the rows.
func numbers(width int, values ...int) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(values)/width))
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, uint32(v))
	}
	return b
}

// A film is a file in the making.
type film struct {
	tracks    []trak
	extra     [][]byte // in "moov"
	timescale int      // of the movie; 0 means 1000
}

type trak struct {
	id        int // 0 means 1
	timescale int
	entry     []byte   // sample description
	tables    [][]byte // beside "stsd" in "stbl"
	extra     [][]byte // in "trak"
	dref      []byte
}

// moov is the movie header.
func (f *film) moov() []byte {
	scale := f.timescale
	if scale == 0 {
		scale = 1000
	}
	parts := []any{atom("mvhd", 0, 0, 0, scale, 0, make([]byte, 80))}
	for _, t := range f.tracks {
		parts = append(parts, t.atom())
	}
	for _, b := range f.extra {
		parts = append(parts, b)
	}
	return atom("moov", parts...)
}

func (t *trak) atom() []byte {
	id := max(t.id, 1)
	stbl := []any{atom("stsd", 0, 1, t.entry)}
	for _, b := range t.tables {
		stbl = append(stbl, b)
	}
	dref := t.dref
	if dref == nil {
		dref = atom("dref", 0, 1, atom("url ", 1))
	}
	parts := []any{
		atom("tkhd", 3, 0, 0, id, make([]byte, 68)),
		atom("mdia",
			atom("mdhd", 0, 0, 0, t.timescale, 0, 0),
			atom("minf", atom("dinf", dref), atom("stbl", stbl...))),
	}
	for _, b := range t.extra {
		parts = append(parts, b)
	}
	return atom("trak", parts...)
}

// video is a sample description of 64×48 pixels.
func video(tag string, boxes ...any) []byte {
	return atom(tag, append([]any{
		make([]byte, 6), uint16(1), make([]byte, 16), uint16(64), uint16(48), make([]byte, visualHead-28),
	}, boxes...)...)
}

// audio is a sample description.
func audio(tag string, channels, bits, rate int, boxes ...any) []byte {
	return atom(tag, append([]any{
		make([]byte, 6), uint16(1), make([]byte, 8), uint16(channels), uint16(bits), 0, rate << 16,
	}, boxes...)...)
}

func avcC() []byte {
	return atom("avcC", []byte{1, 66, 0, 30, 0xFF, 0xE1, 0, 2, 0x67, 1, 1, 0, 2, 0x68, 2})
}

func avc1() []byte { return video("avc1", avcC()) }

// esds says AAC LC of 48 kHz, stereo.
func esds() []byte {
	return atom("esds", 0, []byte{3, 22, 0, 0, 0, 4, 17, 0x40, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 2, 0x11, 0x90})
}

func mp4a() []byte { return audio("mp4a", 2, 16, 48000, esds()) }

func ftyp() []byte { return atom("ftyp", "isom", 0, "isom") }

// simple are the tables of samples that lie one behind the other in one chunk.
func simple(offset, duration int, sizes ...int) [][]byte {
	return [][]byte{
		atom("stts", 0, numbers(2, len(sizes), duration)),
		atom("stsc", 0, numbers(3, 1, len(sizes), 1)),
		atom("stsz", 0, 0, numbers(1, sizes...)),
		atom("stco", 0, numbers(1, offset)),
	}
}

// file is the movie header behind ftyp, and media data of a size. The offset of that is returned by media.
func (f *film) file(size int) []byte {
	return slices.Concat(ftyp(), atom("mdat", make([]byte, size)), f.moov())
}

// firstByte is where the media data of file begins.
const firstByte = 20 + 8

func TestAtoms(t *testing.T) {
	if got := len(ftyp()) + 8; got != firstByte {
		t.Errorf("media data begins at %d", got)
	}
}
