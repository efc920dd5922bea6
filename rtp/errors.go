package rtp

import "errors"

// What is wrong with a packet. They are values, so that refusing a flood of bad packets allocates nothing.
var (
	// ErrTruncated: the packet ends before what its header announces (CSRCs, extension, padding, RTCP length).
	ErrTruncated = errors.New("rtp: packet is cut short")
	// ErrVersion: the version field is not 2.
	ErrVersion = errors.New("rtp: version is not 2")
	// ErrPadding: padding is longer than the space behind the header, or is on an RTCP packet that is not the last of its compound.
	ErrPadding = errors.New("rtp: wrong padding")
	// ErrNotRTCP: the packet type is outside of 192 to 223 (RFC 5761 §4).
	ErrNotRTCP = errors.New("rtp: not an RTCP packet type")
	// ErrReducedSize: the bounds hold, but the compound does not begin with SR or RR (RFC 3550 §6.1). RFC 5506 allows that where it was negotiated.
	ErrReducedSize = errors.New("rtp: compound does not begin with a report")
)
