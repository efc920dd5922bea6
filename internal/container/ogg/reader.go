package ogg

import (
	"io"

	"github.com/baton-rtsp/baton/internal/container"
)

// A reader reads packets. One that lies on several pages has a sample that begins with the header of the first of them,
// on which it is the last one.
type reader struct {
	r     io.ReaderAt
	plain container.SampleReader
}

func (r reader) ReadSample(s container.Sample, buf []byte) ([]byte, error) {
	b, err := r.plain.ReadSample(s, buf)
	if err != nil {
		return nil, err
	}
	start, ok := spans(b)
	if !ok {
		return b, nil
	}
	if b, ok = join(b, start); !ok {
		return nil, &container.DamagedError{Offset: s.Offset, Err: errPage}
	}
	return b, nil
}

// spans tells whether b is a page that ends with the beginning of a packet, and more, and where that packet begins.
func spans(b []byte) (start int64, ok bool) {
	first, ok := parsePage(b, 0)
	if !ok || first.end >= int64(len(b)) {
		return 0, false
	}
	start = first.end
	for i := len(first.table) - 1; i >= 0 && first.table[i] == 255; i-- {
		start -= 255
	}
	return start, start < first.end
}

// join puts the pieces of the packet that begins there together, in place. It tells whether the packet was whole.
func join(b []byte, start int64) ([]byte, bool) {
	first, _ := parsePage(b, 0)
	n := first.end
	for at := first.end; at < int64(len(b)); {
		p, ok := parsePage(b[at:], at)
		if !ok {
			return nil, false
		}
		at = p.end
		if p.serial != first.serial {
			continue
		}
		size, whole := int64(0), false
		for _, x := range p.table {
			size += int64(x)
			if whole = x < 255; whole {
				break
			}
		}
		if p.body+size > int64(len(b)) {
			return nil, false
		}
		n += int64(copy(b[n:], b[p.body:p.body+size]))
		if whole {
			return b[start:n], true
		}
	}
	return nil, false
}
