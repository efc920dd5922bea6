package annexb

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/baton-rtsp/baton/internal/container"
)

func cat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// stream puts NAL units behind start codes.
func stream(nals ...[]byte) []byte {
	var b []byte
	for _, nal := range nals {
		b = append(append(b, 0, 0, 0, 1), nal...)
	}
	return b
}

// small returns the streams in testdata.
func small(t testing.TB) map[string][]byte {
	t.Helper()
	list, err := filepath.Glob("testdata/*.h26?")
	if err != nil || len(list) == 0 {
		t.Fatal("no streams", err)
	}
	m := make(map[string][]byte)
	for _, path := range list {
		if m[filepath.Base(path)], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func codecOf(name string) container.Codec {
	if filepath.Ext(name) == ".h265" {
		return container.H265
	}
	return container.H264
}

// pictures splits a stream that comes in pieces of a size.
func pictures(codec container.Codec, b []byte, size int) []Picture {
	var list []Picture
	add := func(p Picture) { list = append(list, p) }
	s, at := NewSplitter(codec), int64(0)
	for piece := range slices.Chunk(b, size) {
		s.Write(piece, Place{at, 1000 + 2*at}, add)
		at += int64(len(piece))
	}
	s.Close(add)
	return list
}

// Where a stream is cut into pieces changes nothing but the offsets in the file.
func TestPiecesMakeNoDifference(t *testing.T) {
	for name, b := range small(t) {
		want := pictures(codecOf(name), b, len(b))
		if len(want) != 10 {
			t.Fatalf("%s: %d pictures", name, len(want))
		}
		for _, size := range []int{1, 2, 3, 4, 5, 7, 64, 184, 1000} {
			got := pictures(codecOf(name), b, size)
			for i := range got {
				within := got[i].Start.Pos % int64(size)
				if begin := 1000 + 2*(got[i].Start.Pos-within); got[i].Start.Offset != begin+within {
					t.Fatalf("%s, pieces of %d: %+v", name, size, got[i])
				}
				got[i].Start.Offset = want[min(i, len(want)-1)].Start.Offset
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s, pieces of %d (-want +got):\n%s", name, size, diff)
			}
		}
	}
}

var (
	// 640 by 360, log2_max_frame_num 4, pic_order_cnt_type 0 with 4 bits; of frames, and of fields.
	framesSPS = spsOf(true)
	fieldsSPS = spsOf(false)
	onlyPPS   = []byte{0x68, 0xCE, 0x38, 0x80}
)

// bitString packs a string of zeros and ones.
func bitString(s string) []byte {
	var b []byte
	for i, c := range s {
		if i%8 == 0 {
			b = append(b, 0)
		}
		b[i/8] |= byte(c-'0') << (7 - i%8)
	}
	return b
}

func spsOf(framesOnly bool) []byte {
	const ue0, ue39, ue21, ue10 = "1", "00000101000", "000010110", "0001011"
	b := ue0 + ue0 + ue0 + ue0 + "010" + "0" + ue39 // id, frame_num, order, its bits, one reference, no gaps, width
	if framesOnly {
		b += ue21 + "1"
	} else {
		b += ue10 + "00"
	}
	return cat([]byte{0x67, 66, 0, 30}, bitString(b+"1"+"0"+"0"+"1"))
}

// field is a slice of one field, or of a frame.
func slice(header byte, firstMB string, kind string, frame string, field string, order string) []byte {
	return cat([]byte{header}, bitString(firstMB+kind+"1"+frame+field+order+"10101010101"))
}

const (
	sliceP, sliceI = "00110", "0001000" // slice_type 5, 7
	idrID          = "1"
)

// The access units of H.264 §7.4.1.2.3, in streams made by hand.
func TestAccessUnitsOfH264(t *testing.T) {
	idr := slice(0x65, "1", sliceI, "0000", "", idrID+"0000")
	p1, p2 := slice(0x41, "1", sliceP, "0001", "", "0010"), slice(0x41, "1", sliceP, "0010", "", "0100")
	more, intra := slice(0x41, "010", sliceP, "0001", "", "0010"), slice(0x41, "1", sliceI, "0001", "", "0010")
	aud, sei, recovery, eos := []byte{9, 0xF0}, []byte{6, 5, 1, 1, 0x80}, []byte{6, 1, 1, 0x55, 6, 1, 0xC4, 0x80}, []byte{10}
	top := slice(0x65, "1", sliceI, "0000", "10", idrID+"0000")
	bottom := slice(0x41, "1", sliceP, "0000", "11", "0001")
	top2, bottom2 := slice(0x41, "1", sliceP, "0001", "10", "0010"), slice(0x41, "1", sliceP, "0001", "11", "0011")
	for name, c := range map[string]struct {
		nals   [][]byte
		begins []int // which NAL units do
		keys   []bool
	}{
		"one after the other":     {[][]byte{framesSPS, onlyPPS, idr, p1, p2}, []int{0, 3, 4}, []bool{true, false, false}},
		"delimiters":              {[][]byte{aud, framesSPS, onlyPPS, idr, aud, p1, aud, sei, p2}, []int{0, 4, 6}, []bool{true, false, false}},
		"several slices":          {[][]byte{framesSPS, onlyPPS, idr, p1, more, more, p2}, []int{0, 3, 6}, []bool{true, false, false}},
		"SEI between slices":      {[][]byte{framesSPS, onlyPPS, idr, p1, sei, more, p2}, []int{0, 3, 6}, []bool{true, false, false}},
		"first slice is lost":     {[][]byte{framesSPS, onlyPPS, aud, idr, aud, more, aud, p2}, []int{0, 4, 6}, []bool{true, false, false}},
		"recovery point":          {[][]byte{framesSPS, onlyPPS, idr, p1, recovery, intra, p2}, []int{0, 3, 4, 6}, []bool{true, false, true, false}},
		"SPS and an I slice":      {[][]byte{framesSPS, onlyPPS, idr, framesSPS, onlyPPS, intra, framesSPS, p2}, []int{0, 3, 6}, []bool{true, true, false}},
		"an I slice alone":        {[][]byte{framesSPS, onlyPPS, idr, intra}, []int{0, 3}, []bool{true, false}},
		"end of sequence":         {[][]byte{framesSPS, onlyPPS, idr, eos, framesSPS, onlyPPS, idr}, []int{0, 4}, []bool{true, true}},
		"cut in a picture":        {[][]byte{more, framesSPS, onlyPPS, idr}, []int{1}, []bool{true}},
		"no parameter sets":       {[][]byte{idr, p1}, []int{0, 1}, []bool{true, false}},
		"fields":                  {[][]byte{fieldsSPS, onlyPPS, top, bottom, top2, bottom2}, []int{0, 4}, []bool{true, false}},
		"fields with delimiters":  {[][]byte{aud, fieldsSPS, onlyPPS, top, aud, bottom, aud, top2, aud, sei, bottom2}, []int{0, 6}, []bool{true, false}},
		"a field alone":           {[][]byte{fieldsSPS, onlyPPS, top, top2, bottom2}, []int{0, 3}, []bool{true, false}},
		"two bottoms of a number": {[][]byte{fieldsSPS, onlyPPS, top, bottom, bottom}, []int{0, 4}, []bool{true, false}},
	} {
		var starts []int64
		at := int64(0)
		for i, nal := range c.nals {
			if slices.Contains(c.begins, i) {
				starts = append(starts, at)
			}
			at += int64(len(nal)) + 4
		}
		var got []int64
		var keys []bool
		for _, p := range pictures(container.H264, stream(c.nals...), 5) {
			got, keys = append(got, p.Start.Pos), append(keys, p.Key)
		}
		if !slices.Equal(got, starts) || !slices.Equal(keys, c.keys) {
			t.Errorf("%s: %v %v, want %v %v", name, got, keys, starts, c.keys)
		}
	}
}

func TestSplitterAllocatesNothing(t *testing.T) {
	begin := func(Picture) {}
	for name, b := range small(t) {
		s := NewSplitter(codecOf(name))
		s.Write(b, Place{}, begin)
		if n := testing.AllocsPerRun(10, func() {
			for piece := range slices.Chunk(b, 184) {
				s.Write(piece, Place{}, begin)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// NAL units behind lengths are those between start codes, however the stream is cut.
func TestLengths(t *testing.T) {
	for name, c := range map[string]struct{ in, want []byte }{
		"long start codes":    {[]byte{0, 0, 0, 1, 7, 8, 0, 0, 0, 1, 9}, []byte{0, 0, 0, 2, 7, 8, 0, 0, 0, 1, 9}},
		"short start codes":   {[]byte{0, 0, 1, 7, 8, 0, 0, 1, 9}, []byte{0, 0, 0, 2, 7, 8, 0, 0, 0, 1, 9}},
		"zeros between":       {[]byte{0, 0, 1, 7, 0, 0, 0, 0, 0, 0, 1, 9, 0, 0}, []byte{0, 0, 0, 1, 7, 0, 0, 0, 1, 9}},
		"something before":    {[]byte{5, 0, 5, 0, 0, 1, 7}, []byte{0, 0, 0, 1, 7}},
		"empty units":         {[]byte{0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 7, 0, 0, 1}, []byte{0, 0, 0, 1, 7}},
		"zeros inside":        {[]byte{0, 0, 1, 7, 0, 0, 2, 0, 1, 8}, []byte{0, 0, 0, 7, 7, 0, 0, 2, 0, 1, 8}},
		"no start code":       {[]byte{1, 2, 3}, nil},
		"a start code alone":  {[]byte{0, 0, 1}, nil},
		"nothing":             {nil, nil},
		"zeros":               {make([]byte, 20), nil},
		"two start codes":     {[]byte{0, 0, 1, 0, 0, 1}, nil},
		"unit that ends in 1": {[]byte{0, 0, 1, 1, 0, 0, 1, 1}, []byte{0, 0, 0, 1, 1, 0, 0, 0, 1, 1}},
	} {
		for size := 1; size <= len(c.in)+1; size++ {
			var l Lengths
			l.Reset(nil, len(c.in))
			for piece := range slices.Chunk(c.in, size) {
				l.Write(piece)
			}
			if got := l.Bytes(); !bytes.Equal(got, c.want) {
				t.Errorf("%s, pieces of %d: % x, want % x", name, size, got, c.want)
			}
		}
	}
}

// Memory that suffices is used again.
func TestLengthsUsesTheBuffer(t *testing.T) {
	in := small(t)["small.h264"]
	buf := make([]byte, 0, 2*len(in)+100)
	if n := testing.AllocsPerRun(10, func() {
		var l Lengths
		l.Reset(buf, len(in))
		l.Write(in)
		if b := l.Bytes(); &b[0] != &buf[:1][0] {
			t.Error("other memory")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
