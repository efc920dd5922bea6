package annexb

import (
	"bytes"
	"errors"
	"io"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h265"

	"github.com/baton-rtsp/baton/internal/container"
)

// Bounds of what is read on opening: the parameter sets are at the very beginning, but where a file was cut.
const (
	shortHead = 1 << 20
	longHead  = 8 << 20
)

const clockRate = 90000

// defaultRate holds where neither the stream nor the operator says one.
const defaultRate = 25

// Open opens the first size bytes of r. The error is container.ErrFormat if they are no stream of H.264 or H.265, or the
// reader's. The File goes on using r. The pictures follow each other at the rate of the stream's VUI, else at that of opt.
func Open(r io.ReaderAt, size int64, opt container.Options) (*container.File, error) {
	head, err := readHead(r, min(size, shortHead))
	if err != nil {
		return nil, err
	}
	p, ok := probe(head)
	if ok && !p.split.Configured() && size > shortHead {
		if head, err = readHead(r, min(size, longHead)); err != nil {
			return nil, err
		}
		p, ok = probe(head)
	}
	if !ok || !p.split.Configured() || len(p.pictures) == 0 {
		return nil, container.ErrFormat
	}
	return p.file(r, size, head, opt), nil
}

// readHead reads the first bytes of a file.
func readHead(r io.ReaderAt, size int64) ([]byte, error) {
	b := make([]byte, size)
	n, err := r.ReadAt(b, 0)
	if n < len(b) && err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b[:n], nil
}

// A head is what was found at the beginning of a file.
type head struct {
	codec    container.Codec
	split    *Splitter
	pictures []Picture
}

// maxProbe is how many pictures of the head are looked at.
const maxProbe = 1024

// probe finds out whether a file is of one of the two codecs: it begins with a start code, and has nothing but NAL units
// of types that the codec has.
func probe(b []byte) (head, bool) {
	for _, codec := range []container.Codec{container.H265, container.H264} {
		if !plausible(b, codec) {
			continue
		}
		h := head{codec: codec, split: NewSplitter(codec)}
		h.split.Write(b, Place{}, func(p Picture) {
			if len(h.pictures) < maxProbe {
				h.pictures = append(h.pictures, p)
			}
		})
		if len(h.pictures) > 0 && len(h.split.sets) > 0 {
			return h, true
		}
	}
	return head{}, false
}

// plausible tells whether the first NAL units can be of a codec.
func plausible(b []byte, codec container.Codec) bool {
	const maxZeros, maxUnits = 64, 64
	zeros := 0
	for zeros < len(b) && zeros < maxZeros && b[zeros] == 0 {
		zeros++
	}
	if zeros < 2 || zeros == len(b) || b[zeros] != 1 {
		return false
	}
	b = b[zeros+1:]
	for range maxUnits {
		if len(b) < 2 {
			break
		}
		kind := b[0] & 0x1F
		good := kind > 0 && kind <= avcUnits
		if codec == container.H265 {
			good = b[0]>>1&0x3F <= hevcUnits && b[1]&7 != 0
		}
		if !good || b[0]&0x80 != 0 {
			return false
		}
		k := bytes.Index(b, startCode)
		if k < 0 {
			break
		}
		b = b[k+len(startCode):]
	}
	return true
}

// rate is how fast pictures follow each other by the VUI of the stream, the zero value if it does not say.
func (h *head) rate() Rate {
	if h.codec == container.H264 {
		return h.split.rate
	}
	for _, set := range h.split.sets {
		var sps h265.SPS
		if set.kind == hevcSPS && sps.Unmarshal(set.nal) == nil && sps.VUI != nil && sps.VUI.TimingInfo != nil {
			return Rate{int64(sps.VUI.TimingInfo.TimeScale), int64(sps.VUI.TimingInfo.NumUnitsInTick)}.checked()
		}
	}
	return Rate{}
}

// unit is how much Picture.Order goes on from one picture to the next: in H.264 encoders count fields, but some count
// frames.
func (h *head) unit() int {
	if h.codec == container.H265 {
		return 1
	}
	origin := 0
	for _, p := range h.pictures {
		if p.Reset {
			origin = p.Order
		}
		if (p.Order-origin)%2 != 0 {
			return 1
		}
	}
	return 2
}

// delay is how many pictures earlier than it is shown a picture must be decoded.
func (h *head) delay() int {
	q := sequencer{unit: h.unit(), add: func(container.Sample) bool { return true }}
	for _, p := range h.pictures {
		q.put(unit{Picture: p})
	}
	return q.lag
}

func (h *head) file(r io.ReaderAt, size int64, first []byte, opt container.Options) *container.File {
	rate := h.rate()
	if rate == (Rate{}) {
		rate = rateOf(opt.FrameRate)
	}
	if rate == (Rate{}) {
		rate = Rate{defaultRate, 1}
	}
	scale, duration := rate.timescale()
	build := container.NewBuilder()
	t := &container.Track{
		ID: 1, Codec: h.codec, Video: true, Timescale: int(scale), ClockRate: clockRate,
		Config: h.split.Config(), NALLength: NALLength, Index: build.Index(), Reader: newReader(r),
	}
	t.Width, t.Height = h.split.Size()
	s := &scanner{
		r: r, size: size, split: NewSplitter(h.codec), build: build,
		order: sequencer{unit: h.unit(), delay: h.delay(), duration: duration, add: build.Add},
	}
	s.begin = s.next
	f := &container.File{Tracks: []*container.Track{t}}
	s.write(first)
	if s.at >= size {
		s.finish()
		return f
	}
	build.Flush()
	f.Scan = s.scan
	pictures := float64(len(h.pictures)) / float64(max(h.pictures[len(h.pictures)-1].Start.Pos, 1)) * float64(size)
	f.Declared = time.Duration(min(pictures*float64(duration)/float64(scale), 1e9) * float64(time.Second))
	return f
}
