// Package sdp reads and writes session descriptions (RFC 8866, and RFC 4566 before it) as RTSP
// uses them (RFC 2326 appendix C).
//
// It is lenient in and strict out. [Parse] takes what cameras and encoders really send, repairs
// what can be repaired, and returns a [Session] that [Session.Append] writes as RFC 8866 asks:
// lines in order, CRLF, every mandatory field present. Parsing what was appended gives the same
// Session again.
//
// The package knows how payload types, a=rtpmap and a=fmtp belong together ([Media.FormatList])
// and the static payload types of RFC 3551. What a format's parameters mean is not its business.
// It uses the standard library only, opens nothing and starts nothing.
//
// No value of this package is safe for concurrent use while one goroutine changes it; values
// that nobody changes may be shared.
package sdp
