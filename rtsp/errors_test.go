package rtsp

import (
	"errors"
	"fmt"
	"io"
	"testing"
)

// The reason phrases of RFC 2326 §7.1.1. SYN-26: an unknown code is read as the x00 of its class.
func TestStatusTexts(t *testing.T) {
	for code, want := range map[StatusCode]string{
		100: "Continue", 200: "OK", 201: "Created", 250: "Low on Storage Space", 300: "Multiple Choices",
		301: "Moved Permanently", 302: "Moved Temporarily", 303: "See Other", 304: "Not Modified", 305: "Use Proxy",
		400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
		405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required", 408: "Request Time-out",
		410: "Gone", 411: "Length Required", 412: "Precondition Failed", 413: "Request Entity Too Large",
		414: "Request-URI Too Large", 415: "Unsupported Media Type", 451: "Parameter Not Understood",
		452: "Conference Not Found", 453: "Not Enough Bandwidth", 454: "Session Not Found",
		455: "Method Not Valid in This State", 456: "Header Field Not Valid for Resource", 457: "Invalid Range",
		458: "Parameter Is Read-Only", 459: "Aggregate Operation Not Allowed", 460: "Only Aggregate Operation Allowed",
		461: "Unsupported Transport", 462: "Destination Unreachable", 463: "Key Management Failure",
		500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
		504: "Gateway Time-out", 505: "RTSP Version Not Supported", 551: "Option Not Supported",
		299: "OK", 499: "Bad Request", 599: "Internal Server Error", 0: "", 99: "", 600: "", -200: "",
	} {
		if got := code.Text(); got != want {
			t.Errorf("%d: %q, want %q", code, got, want)
		}
	}
	if StatusCode(299).Class() != 2 || !StatusCode(299).Success() || StatusNotFound.Success() || StatusCode(1000).Class() != 0 {
		t.Error("class")
	}
}

func TestStatusOfAnError(t *testing.T) {
	syntax := &SyntaxError{Field: "Range", Value: "x", Err: io.EOF}
	refusal := &StatusError{Code: StatusForbidden, Err: syntax}
	message := &MessageError{Status: StatusRequestURITooLong, Err: syntax}
	for _, c := range []struct {
		err  error
		want StatusCode
	}{
		{nil, 200},
		{syntax, 400},
		{refusal, 403},
		{message, 414},
		{io.EOF, 500},
		{fmt.Errorf("setup: %w", refusal), 403},
		{errors.Join(io.EOF, syntax), 400},
		{errors.Join(io.EOF, message), 414},
		{errors.Join(io.EOF, &StatusError{Code: StatusGone}), 410},
	} {
		if got := StatusOf(c.err); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
	for _, err := range []error{syntax, refusal, message} {
		if !errors.Is(err, io.EOF) || err.Error() == "" {
			t.Errorf("%v does not unwrap to its cause", err)
		}
	}
}
