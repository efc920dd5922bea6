// Package annexb reads raw streams of H.264 and H.265 in the byte stream format (annex B of both). They have no index and
// no times: a first pass finds the access units, and the pictures follow each other at the rate that the stream or the
// operator says, in the order that the slice headers give. Package open calls it; package mpegts uses its [Splitter] and
// its [Lengths] for what is the same in MPEG-TS.
package annexb
