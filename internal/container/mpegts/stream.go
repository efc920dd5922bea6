package mpegts

import "github.com/baton-rtsp/baton/internal/container/annexb"

// A stream finds the samples in an elementary stream that it gets piece by piece.
type stream interface {
	// begin says that a PES packet with times begins with the next piece.
	begin(t moment)
	// lose says that something is missing before the next piece.
	lose()
	write(b []byte, at annexb.Place)
	// close says that the stream ends.
	close()
}
