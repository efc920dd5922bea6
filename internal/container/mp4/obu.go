package mp4

import (
	"encoding/binary"
	"slices"

	"github.com/baton-rtsp/baton/internal/container"
)

// obuSequenceHeader is the type of a sequence header (AV1 §6.2.2).
const obuSequenceHeader = 1

// Bits of an OBU header (AV1 §5.3.2).
const (
	obuExtension = 4
	obuHasSize   = 2
)

func obuKind(u []byte) int { return int(u[0] >> 3 & 15) }

// obuHead is the size of the header of an OBU, without its size field.
func obuHead(u []byte) int {
	if u[0]&obuExtension != 0 {
		return 2
	}
	return 1
}

// obuSize is the size of the OBU at the beginning of u with all it has, and whether it says so itself and is all there.
func obuSize(u []byte) (int, bool) {
	head := obuHead(u)
	if u[0]&obuHasSize == 0 || len(u) <= head {
		return 0, false
	}
	size, n := binary.Uvarint(u[head:])
	if n <= 0 || size > uint64(len(u)-head-n) {
		return 0, false
	}
	return head + n + int(size), true
}

// A sizer gives the last OBU of a temporal unit the size field it may lack (AV1 in ISO BMFF §2.4).
type sizer struct{ plain container.SampleReader }

func (r sizer) ReadSample(s container.Sample, buf []byte) ([]byte, error) {
	b, err := r.plain.ReadSample(s, buf)
	if err != nil {
		return nil, err
	}
	at := 0
	for at < len(b) {
		size, ok := obuSize(b[at:])
		if !ok {
			break
		}
		at += size
	}
	if at == len(b) || b[at]&obuHasSize != 0 {
		return b, nil // whole, or broken in a way that is not ours to mend
	}
	head := at + obuHead(b[at:])
	if head > len(b) {
		return b, nil
	}
	b[at] |= obuHasSize
	var field [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(field[:], uint64(len(b)-head))
	return slices.Insert(b, head, field[:n]...), nil
}
