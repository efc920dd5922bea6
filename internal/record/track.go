package record

import (
	"slices"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mp4/codecs"
	"github.com/pion/rtp"
	pionsdp "github.com/pion/sdp/v3"

	"github.com/baton-rtsp/baton/internal/payload"
	batonrtp "github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/sdp"
)

const (
	// maxSamples is how many samples of a track may wait for a fragment: more than any has.
	maxSamples = 4096
	// maxParts is how many packets may come without completing anything: more than the largest picture has. Decoders bound the
	// bytes of what they wait for, and not the number of its parts, which can be empty.
	maxParts = 1 << 15
)

// A track is one track of an MP4 file.
type track struct {
	index   int
	video   bool
	rate    int
	coding  coding
	parts   int // packets since something was complete
	inspect payload.Format
	ends    *ender // nil: each packet has whole units

	started bool
	first   batonrtp.ExtendedTimestamp
	origin  int64     // extended timestamp of the first unit, minus its place in the file
	place   int64     // of the last units
	came    time.Time // when they came
	late    int64     // how much later than that everything is, so that the first picture is decoded at zero
	samples []*fmp4.Sample
	times   []int64 // when each is decoded
	spare   int64   // how long the last sample was
}

// A coding turns packets into units, and units into samples.
type coding interface {
	decode(p *rtp.Packet) ([][]byte, error)
	codec() codecs.Codec // nil: not known yet
	random(units [][]byte) bool
	forget() // what is not complete yet
	// samples are those of units that came with a time, and how much later than the first each is decoded; of video there is
	// one, at its time of decoding.
	samples(units [][]byte, pts int64) ([]*fmp4.Sample, []int64)
}

// newTrack is nil for what an MP4 file cannot have.
func newTrack(m *sdp.Media, index int) *track {
	f := formatOf(m)
	if f == nil {
		return nil
	}
	t := &track{index: index, video: m.Type == "video", rate: f.ClockRate(), inspect: payload.New(m)}
	if t.coding = codingOf(f); t.coding == nil {
		return nil
	}
	if t.video {
		t.ends = &ender{fragments: payload.NewFragments(m.FormatList()[0].Encoding)}
	}
	return t
}

// codingOf is nil for what an MP4 file cannot have.
func codingOf(f format.Format) coding {
	switch f := f.(type) {
	case *format.H264:
		return newH264(f)
	case *format.H265:
		return newH265(f)
	case *format.MPEG4Audio:
		return newAAC(f)
	case *format.Opus:
		return newOpus(f)
	}
	return nil
}

// formatOf reads a media section by the library that has the decoders; nil when it cannot.
func formatOf(m *sdp.Media) format.Format {
	var parsed pionsdp.SessionDescription
	if parsed.Unmarshal((&sdp.Session{Media: []*sdp.Media{m}}).Append(nil)) != nil {
		return nil
	}
	var desc description.Session
	if desc.Unmarshal2(&parsed) != nil || len(desc.Medias) != 1 || len(desc.Medias[0].Formats) == 0 {
		return nil
	}
	return desc.Medias[0].Formats[0]
}

// begins tells whether a random access point begins with a packet.
func (t *track) begins(b []byte) bool {
	p := batonrtp.Packet(b)
	if p.Validate() != nil {
		return false
	}
	return t.inspect.Inspect(p.Payload(), p.Marker()).Key
}

// next is the packet that is to be decoded when one comes, and what it came in; nil when there is none yet. Units are parts of it,
// and stay.
func (t *track) next(p rtspclient.Packet) (*rtp.Packet, rtspclient.Packet) {
	pkt := &rtp.Packet{}
	if pkt.Unmarshal(slices.Clone(p.Data)) != nil {
		return nil, p
	}
	p.Data = nil
	if t.ends == nil {
		return pkt, p
	}
	return t.ends.push(pkt, p)
}

// decode returns the units that a packet completes.
func (t *track) decode(p *rtp.Packet) [][]byte {
	units, err := t.coding.decode(p)
	if err != nil { // more is to come, or some was lost
		if t.parts++; t.parts > maxParts {
			t.parts = 0
			t.coding.forget()
		}
		return nil
	}
	t.parts = 0
	return units
}

func (t *track) codec() codecs.Codec { return t.coding.codec() }

func (t *track) random(units [][]byte) bool { return t.coding.random(units) }

// undecided is the lateness of the track that a file begins with before its first sample.
const undecided = -1

// start puts the track in its place. The first of a file has no lead.
func (t *track) start(timestamp uint32, offset time.Duration, lead *track) {
	t.started, t.late = true, undecided
	if lead != nil {
		t.late = max(lead.late, 0) * int64(t.rate) / int64(lead.rate)
	}
	t.origin = t.first.Extend(timestamp) - int64(offset)*int64(t.rate)/int64(time.Second)
}

// early is how much earlier than it is shown a picture may be decoded, in seconds.
const early = 10

// astray is how much further than time has passed a timestamp may be from the last, in seconds.
const astray = 10

// at is the place of units in the file. Cameras have pictures among others that are stamped hours away, and clocks that are set: what
// follows such a step goes on where the track is, and what follows the step back too.
func (t *track) at(timestamp uint32, came time.Time) int64 {
	pts := t.first.Extend(timestamp) - t.origin
	if !t.came.IsZero() {
		passed := int64(came.Sub(t.came).Seconds() * float64(t.rate))
		if step := pts - t.place - passed; step > astray*int64(t.rate) || step < -astray*int64(t.rate) {
			t.origin += step
			pts -= step
		}
	}
	t.place, t.came = pts, came
	return pts
}

// append takes units of a time that came at another.
func (t *track) append(units [][]byte, timestamp uint32, came time.Time) {
	lead := int64(early * t.rate)
	pts := t.at(timestamp, came) + lead
	samples, times := t.coding.samples(units, pts)
	for i, s := range samples {
		if times[i] -= lead; t.late == undecided {
			t.late = max(-times[i], 0)
		}
		times[i] += t.late
		if n := len(t.times); n > 0 && times[i] <= t.times[n-1] || times[i] < 0 || n >= maxSamples {
			continue // time does not go back in a file
		}
		t.samples, t.times = append(t.samples, s), append(t.times, times[i])
	}
}

// take takes out the samples whose duration is known: all but the last, at the end all.
func (t *track) take(end bool) (samples []*fmp4.Sample, base uint64) {
	n := len(t.samples)
	if n == 0 || n == 1 && !end {
		return nil, 0
	}
	for i := range n - 1 {
		t.spare = t.times[i+1] - t.times[i]
		t.samples[i].Duration = uint32(t.spare)
	}
	keep := 1
	if end {
		t.samples[n-1].Duration, keep = uint32(max(t.spare, 1)), 0
	}
	samples, base = t.samples[:n-keep:n-keep], uint64(t.times[0])
	t.samples, t.times = append([]*fmp4.Sample(nil), t.samples[n-keep:]...), append([]int64(nil), t.times[n-keep:]...)
	return samples, base
}
