package avi

import (
	"encoding/binary"
	"errors"
	"iter"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/window"
)

// Lengths of the headers of a chunk, and of a list, which is a chunk with a type.
const (
	chunkHead = 8
	listHead  = 12
)

var (
	errChunk  = errors.New("no chunk")
	errLarge  = errors.New("headers too large")
	errStream = errors.New("no streams")
)

// A chunk is where a chunk of the file lies.
type chunk struct {
	id   string
	kind string // of a list, else what its first four bytes are
	at   int64
	body int64
	size int64
}

// end is where the next chunk begins: they are aligned to two bytes.
func (c chunk) end() int64 { return c.body + c.size + c.size&1 }

// isList tells whether a chunk has chunks in it.
func (c chunk) isList() bool { return c.id == "LIST" || c.id == "RIFF" }

// readChunk reads the header of the chunk at an offset. It has no ID where the file ends.
func readChunk(src *window.Window, at int64) (chunk, error) {
	b, err := src.Peek(at, listHead)
	if err != nil || len(b) < chunkHead {
		return chunk{}, err
	}
	c := chunk{id: string(b[:4]), kind: string(b[chunkHead:]), at: at, body: at + chunkHead}
	c.size = int64(binary.LittleEndian.Uint32(b[4:]))
	for _, x := range b[:4] {
		if x < ' ' || x > '~' {
			return chunk{}, &container.DamagedError{Offset: at, Err: errChunk}
		}
	}
	return c, nil
}

// chunks goes over the chunks in b, with their types if they are lists, up to the first that is not whole.
func chunks(b []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for len(b) >= chunkHead {
			id, size := string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:]))
			b = b[chunkHead:]
			if size > int64(len(b)) {
				return
			}
			body := b[:size]
			if id == "LIST" && size >= 4 {
				id, body = string(body[:4]), body[4:]
			}
			if !yield(id, body) {
				return
			}
			b = b[min(size+size&1, int64(len(b))):]
		}
	}
}

// streamOf is the number of the stream that a chunk of media belongs to, -1 if it is none.
func streamOf(id string) int {
	if len(id) < 4 || id[0] < '0' || id[0] > '9' || id[1] < '0' || id[1] > '9' {
		return -1
	}
	switch id[2:] {
	case "dc", "db", "wb":
		return int(id[0]-'0')*10 + int(id[1]-'0')
	}
	return -1
}
