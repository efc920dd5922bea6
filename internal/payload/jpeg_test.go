package payload

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// picture is an image of Go's own encoder: baseline, 4:2:0, standard tables.
func picture(t testing.TB, w, h, quality int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, color.RGBA{uint8(x * 3), uint8(y * 5), uint8(x * y), 255})
		}
	}
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, img, &stdjpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// segment makes a marker segment.
func segment(marker byte, body ...byte) []byte {
	return cat([]byte{0xFF, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body)
}

// drawn says how to draw a small image by hand.
type drawn struct {
	w, h, restart int
	sampling      byte // of luma
	wide          bool // quantization tables of 16 bits
	noHuffman     bool
	high          byte // upper byte of the first 16-bit quantizer
}

// draw makes an image whose blocks have only their DC coefficient, each macroblock
// brighter or darker than the one before it.
func draw(d drawn) []byte {
	b := []byte{0xFF, 0xD8}
	for id := range byte(2) {
		table := []byte{id}
		if d.wide {
			table[0] |= 0x10
		}
		for i := range byte(64) {
			if d.wide {
				table = append(table, 0)
				if i == 0 {
					table[1] = d.high
				}
			}
			table = append(table, 4+i+id)
		}
		b = append(b, segment(markDQT, table...)...)
	}
	if d.restart > 0 {
		b = append(b, segment(markDRI, byte(d.restart>>8), byte(d.restart))...)
	}
	b = append(b, segment(markSOF0, 8, byte(d.h>>8), byte(d.h), byte(d.w>>8), byte(d.w), 3,
		1, d.sampling, 0, 2, 0x11, 1, 3, 0x11, 1)...)
	for class := range jpegStandard {
		for id, table := range jpegStandard[class] {
			if !d.noHuffman {
				b = append(b, segment(markDHT, cat([]byte{byte(class<<4 | id)}, table.counts, table.values)...)...)
			}
		}
	}
	b = append(b, segment(markSOS, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0)...)
	return append(append(b, d.scan()...), 0xFF, markEOI)
}

// scan is the entropy-coded data: luma DC of category 3 (100) or 0 (00), end of
// block (1010), chroma DC 0 (00), end of block (00).
func (d drawn) scan() []byte {
	blocks := int(d.sampling>>4) * int(d.sampling&0xF)
	mw, mh := 8*int(d.sampling>>4), 8*int(d.sampling&0xF)
	count := (d.w + mw - 1) / mw * ((d.h + mh - 1) / mh)
	var out []byte
	var w bitWriter
	flush := func() {
		if w.free > 0 {
			w.put(1<<w.free-1, w.free)
		}
		for _, c := range w.b {
			if out = append(out, c); c == 0xFF {
				out = append(out, 0)
			}
		}
		w = bitWriter{}
	}
	for i := range count {
		if d.restart > 0 && i > 0 && i%d.restart == 0 {
			flush()
			out = append(out, 0xFF, byte(markRST0+(i/d.restart-1)%8))
		}
		for j := range blocks {
			if j == 0 {
				w.put(4, 3)
				w.put([]uint32{7, 5, 0, 2}[i%4], 3) // +7 +5 -7 -5
			} else {
				w.put(0, 2)
			}
			w.put(10, 4)
		}
		w.put(0, 8)
	}
	flush()
	return out
}

// rebuild makes a JPEG image of RTP payloads, as RFC 2435 appendix B does.
func rebuild(t testing.TB, list []sent, width, height int) []byte {
	t.Helper()
	first := list[0].payload
	restart := 0
	at := 8
	if first[4]&64 != 0 {
		restart, at = int(binary.BigEndian.Uint16(first[8:])), 12
	}
	if w, h := int(first[6])*8, int(first[7])*8; w > 0 && (w < width || w >= width+8 || h < height || h >= height+8) {
		t.Fatalf("size field says %d by %d", w, h)
	}
	precision, tables := first[at+1], first[at+4:at+4+int(binary.BigEndian.Uint16(first[at+2:]))]
	b := []byte{0xFF, 0xD8}
	for id := range byte(2) {
		n := 64 << (precision >> id & 1)
		b = append(b, segment(markDQT, cat([]byte{precision >> id & 1 << 4 & 0x10, 0}[:1], tables[:n])...)...)
		b[len(b)-n-1] |= id
		tables = tables[n:]
	}
	if len(tables) > 0 {
		t.Fatalf("%d bytes behind the tables", len(tables))
	}
	if restart > 0 {
		b = append(b, segment(markDRI, byte(restart>>8), byte(restart))...)
	}
	b = append(b, segment(markSOF0, 8, byte(height>>8), byte(height), byte(width>>8), byte(width), 3,
		1, 0x21+first[4]&1, 0, 2, 0x11, 1, 3, 0x11, 1)...)
	for class := range jpegStandard {
		for id, table := range jpegStandard[class] {
			b = append(b, segment(markDHT, cat([]byte{byte(class<<4 | id)}, table.counts, table.values)...)...)
		}
	}
	b = append(b, segment(markSOS, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0)...)
	pieces, ok := joinJPEG(list)
	if !ok {
		t.Fatal("payloads do not join")
	}
	return append(append(b, pieces[0].data...), 0xFF, markEOI)
}

// packetize collects the payloads of an image; last is the marker.
func packetize(img []byte, max int) ([]sent, error) {
	var p JPEGPacketizer
	var list []sent
	err := p.Packetize(img, max, func(payload []byte, _ uint32, marker bool) {
		list = append(list, sent{bytes.Clone(payload), 0, marker})
	})
	return list, err
}

func decode(t testing.TB, img []byte) image.Image {
	t.Helper()
	got, err := stdjpeg.Decode(bytes.NewReader(img))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// PLD-08, PLD-09, PLD-10: a decoder sees the same pixels after the way through RTP.
func TestJPEGComesBackAsItWas(t *testing.T) {
	for name, c := range map[string]struct {
		img  []byte
		w, h int
		kind byte
	}{
		"4:2:0":                      {picture(t, 320, 240, 90), 320, 240, 1},
		"odd size":                   {picture(t, 317, 233, 90), 317, 233, 1},
		"widest":                     {picture(t, 2040, 16, 50), 2040, 16, 1},
		"4:2:2":                      {draw(drawn{w: 320, h: 240, sampling: 0x21}), 320, 240, 0},
		"4:2:2, restart":             {draw(drawn{w: 320, h: 240, sampling: 0x21, restart: 3}), 320, 240, 64},
		"4:2:0, restart":             {draw(drawn{w: 640, h: 480, sampling: 0x22, restart: 40}), 640, 480, 65},
		"wide tables, small numbers": {draw(drawn{w: 64, h: 64, sampling: 0x22, wide: true}), 64, 64, 1},
		"without Huffman tables":     {draw(drawn{w: 64, h: 64, sampling: 0x22, noHuffman: true}), 64, 64, 1},
	} {
		for _, max := range []int{1400, 200} {
			list, err := packetize(c.img, max)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for i, e := range list {
				if len(e.payload) > max || e.payload[4] != c.kind || e.payload[5] != 255 || e.last != (i == len(list)-1) {
					t.Fatalf("%s: payload %d: %d bytes, type %d, Q %d, marker %v", name, i, len(e.payload), e.payload[4], e.payload[5], e.last)
				}
				if c.kind >= 64 && !bytes.Equal(e.payload[10:12], []byte{0xFF, 0xFF}) {
					t.Fatalf("%s: restart header %x", name, e.payload[8:12])
				}
			}
			if name == "without Huffman tables" {
				continue // image/jpeg does not read the original
			}
			want, got := decode(t, c.img), decode(t, rebuild(t, list, c.w, c.h))
			if !reflect.DeepEqual(want, got) {
				t.Fatalf("%s: other pixels", name)
			}
		}
	}
}

// PLD-10: 16-bit quantizers above 255 keep their precision.
func TestJPEGWideTables(t *testing.T) {
	list, err := packetize(draw(drawn{w: 64, h: 64, sampling: 0x22, wide: true, high: 1}), 1400)
	if err != nil {
		t.Fatal(err)
	}
	if got := list[0].payload[8:12]; !bytes.Equal(got, []byte{0, 3, 1, 0}) {
		t.Errorf("table header %x", got)
	}
	rebuild(t, list, 64, 64)
}

// PLD-11: above 2040 pixels the size is 0 and in SDP.
func TestJPEGLargerThanTheSizeField(t *testing.T) {
	for _, c := range []struct{ w, h int }{{2048, 16}, {16, 2048}, {3840, 2160}} {
		list, err := packetize(draw(drawn{w: c.w, h: c.h, sampling: 0x22}), 1400)
		if err != nil {
			t.Fatal(err)
		}
		if p := list[0].payload; p[6] != 0 || p[7] != 0 {
			t.Errorf("%v: size field %d %d", c, p[6], p[7])
		}
	}
	got := JPEGAttributes(3840, 2160)
	if got[0].Key != "x-dimensions" || got[0].Value != "3840,2160" || got[1].Key != "framesize" || got[1].Value != "26 3840-2160" {
		t.Errorf("got %v", got)
	}
}

// PLD-10: what receivers cannot decode is refused, and nothing is sent.
func TestJPEGThatRFC2435CannotCarry(t *testing.T) {
	good := draw(drawn{w: 64, h: 64, sampling: 0x22})
	replace := func(old, new []byte) []byte {
		out := bytes.Replace(good, old, new, 1)
		if bytes.Equal(out, good) {
			t.Fatalf("%x is not in the image", old)
		}
		return out
	}
	var gray bytes.Buffer
	if err := stdjpeg.Encode(&gray, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	sof := []byte{0xFF, markSOF0, 0, 17, 8}
	for name, c := range map[string]struct {
		img  []byte
		want error
	}{
		"progressive":            {replace(sof, []byte{0xFF, 0xC2, 0, 17, 8}), ErrUnsupported},
		"extended":               {replace(sof, []byte{0xFF, 0xC1, 0, 17, 8}), ErrUnsupported},
		"12 bits":                {replace(sof, []byte{0xFF, markSOF0, 0, 17, 12}), ErrUnsupported},
		"4:4:4":                  {draw(drawn{w: 64, h: 64, sampling: 0x11}), ErrUnsupported},
		"4:1:1":                  {draw(drawn{w: 64, h: 64, sampling: 0x41}), ErrUnsupported},
		"one component":          {gray.Bytes(), ErrUnsupported},
		"optimised Huffman":      {replace([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, []byte{1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}), ErrUnsupported},
		"tables exchanged":       {replace([]byte{3, 1, 0x00, 2, 0x11, 3, 0x11}, []byte{3, 1, 0x11, 2, 0x11, 3, 0x11}), ErrUnsupported},
		"several scans":          {replace(segment(markSOS, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0), segment(markSOS, 1, 1, 0x00, 0, 63, 0)), ErrUnsupported},
		"marker in the scan":     {cat(good[:len(good)-2], []byte{0xFF, 0xDC, 0, 4}), ErrUnsupported},
		"other component order":  {replace([]byte{3, 1, 0x00, 2, 0x11, 3, 0x11}, []byte{3, 1, 0x00, 3, 0x11, 2, 0x11}), ErrUnsupported},
		"table that is not sent": {replace([]byte{2, 0x11, 1, 3, 0x11, 1}, []byte{2, 0x11, 2, 3, 0x11, 2}), ErrMalformed},
		"third table":            {replace([]byte{2, 0x11, 1, 3, 0x11, 1}, []byte{2, 0x11, 1, 3, 0x11, 0}), ErrUnsupported},
		"no width":               {replace([]byte{8, 0, 64, 0, 64, 3}, []byte{8, 0, 64, 0, 0, 3}), ErrMalformed},
		"no image":               {[]byte("GIF89a"), ErrMalformed},
		"no scan":                {good[:100], ErrMalformed},
		"nothing":                {nil, ErrMalformed},
	} {
		list, err := packetize(c.img, 1400)
		if !errors.Is(err, c.want) || list != nil {
			t.Errorf("%s: got %v and %d payloads, want %v", name, err, len(list), c.want)
		}
	}
}

// Cameras leave EOI out, fill before it, or send bytes after it (PLD-12).
func TestJPEGEnds(t *testing.T) {
	good := draw(drawn{w: 64, h: 64, sampling: 0x22})
	want, err := packetize(good, 1400)
	if err != nil {
		t.Fatal(err)
	}
	scan := good[:len(good)-2]
	for name, img := range map[string][]byte{
		"without EOI": scan, "half an EOI": cat(scan, []byte{0xFF}), "fill bytes": cat(scan, []byte{0xFF, 0xFF, 0xFF, 0xD9}),
		"zeros after it": cat(good, make([]byte, 100)), "another image after it": cat(good, good),
		"garbage between segments": cat(good[:2], []byte{1, 2, 3}, good[2:]),
	} {
		got, err := packetize(img, 1400)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(sent{})); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

func TestJPEGTruncated(t *testing.T) {
	img := draw(drawn{w: 64, h: 64, sampling: 0x22, restart: 2})
	header := bytes.Index(img, []byte{0xFF, markSOS}) + 14
	for n := range img {
		list, err := packetize(img[:n], 1400)
		if (err == nil) != (n > header && img[header] != 0xFF || n > header+1) || err != nil && list != nil {
			t.Fatalf("%d of %d bytes: %v, %d payloads", n, len(img), err, len(list))
		}
	}
}

func TestJPEGSize(t *testing.T) {
	progressive := bytes.Replace(draw(drawn{w: 640, h: 360, sampling: 0x22}), []byte{0xFF, markSOF0, 0, 17}, []byte{0xFF, 0xC2, 0, 17}, 1)
	for name, img := range map[string][]byte{"baseline": picture(t, 640, 360, 50), "progressive": progressive} {
		if w, h, err := JPEGSize(img); w != 640 || h != 360 || err != nil {
			t.Errorf("%s: got %d by %d, %v", name, w, h, err)
		}
	}
	for n := range 100 {
		if _, _, err := JPEGSize(progressive[:n]); !errors.Is(err, ErrMalformed) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestJPEGPacketizerNeedsRoom(t *testing.T) {
	img := draw(drawn{w: 64, h: 64, sampling: 0x22})
	for _, max := range []int{-1, 0, 8, 8 + 4 + 128} {
		if list, err := packetize(img, max); !errors.Is(err, ErrSize) || list != nil {
			t.Errorf("max %d: %v", max, err)
		}
	}
	if _, err := packetize(img, 8+4+128+1); err != nil {
		t.Error(err)
	}
}

func TestJPEGPacketizerAllocatesNothing(t *testing.T) {
	var p JPEGPacketizer
	img := picture(t, 320, 240, 90)
	emit := func([]byte, uint32, bool) {}
	if n := testing.AllocsPerRun(20, func() { _ = p.Packetize(img, 1400, emit) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzJPEG(f *testing.F) {
	f.Add(picture(f, 32, 32, 50), uint16(300))
	f.Add(draw(drawn{w: 64, h: 64, sampling: 0x21, restart: 3}), uint16(160))
	f.Add(draw(drawn{w: 64, h: 64, sampling: 0x22, wide: true, high: 1}), uint16(300))
	f.Add(draw(drawn{w: 2048, h: 8, sampling: 0x22, noHuffman: true}), uint16(1400))
	f.Fuzz(func(t *testing.T, img []byte, max uint16) {
		w, h, sizeErr := JPEGSize(img)
		list, err := packetize(img, int(max))
		if err != nil {
			if list != nil {
				t.Fatalf("%d payloads and %v", len(list), err)
			}
			return
		}
		if sizeErr != nil {
			t.Fatal(sizeErr)
		}
		for _, e := range list {
			if len(e.payload) > int(max) {
				t.Fatalf("%d bytes, max %d", len(e.payload), max)
			}
		}
		again, err := packetize(rebuild(t, list, w, h), int(max))
		if diff := cmp.Diff(list, again, cmp.AllowUnexported(sent{})); err != nil || diff != "" {
			t.Fatalf("the way through RTP changes the image: %v\n%s", err, diff)
		}
	})
}

func BenchmarkJPEGPacketizer(b *testing.B) {
	var p JPEGPacketizer
	img := picture(b, 640, 360, 75)
	emit := func([]byte, uint32, bool) {}
	b.SetBytes(int64(len(img)))
	b.ReportAllocs()
	for b.Loop() {
		_ = p.Packetize(img, 1400, emit)
	}
}
