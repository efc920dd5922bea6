// Package lab serves motion JPEG files to the clients of a well-known networking exercise and its offspring, so that what
// students write runs against Baton unchanged. What those clients speak looks like RTSP and is not: it has a package and an
// address of its own, and touches nothing else.
//
// A request has three lines or two, ended by LF or CRLF or by nothing, with or without a blank line behind:
//
//	SETUP movie.Mjpeg RTSP/1.0                     SETUP movie.Mjpeg
//	CSeq: 1                                         1
//	Transport: RTP/UDP; client_port= 25000          RTSP/1.0 RTP/UDP 25000
//
//	PLAY movie.Mjpeg RTSP/1.0                      PLAY
//	CSeq: 2                                        2
//	Session: 123456
//
// An answer always has three: status, CSeq, and Session, a number, 0 where there is none. One connection has one session.
//
// Frames go to the port that was named, at the address of the connection and nowhere else, 20 a second: a whole JPEG image
// behind an RTP header of 12 bytes, with payload type 26 and the number of the frame, from 1, as sequence number. It is not
// the format of RFC 2435. Those clients read 20480 bytes at most; larger images, up to what fits a datagram, are sent all
// the same.
package lab
