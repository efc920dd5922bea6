// Package mpegts reads MPEG transport streams (ISO/IEC 13818-1) in packets of 188, 192 (Blu-ray, AVCHD) or 204 bytes: the
// first program with H.264, H.265, AAC in ADTS, MPEG audio, AC-3 or Opus. The file has no index. Opening reads its
// beginning, by which the tracks are known, and its end, by which it is known about how long it is; a first pass over all
// of it finds the samples. A sample's place is that of its first byte, its size what it has of the elementary stream, and
// reading it means to collect these bytes from the packets there. Package open calls it.
package mpegts
