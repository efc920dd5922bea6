package rtsp

import (
	"errors"
	"fmt"
)

// A SyntaxError says that a header, URL or body could not be parsed. As an answer it is 400 (Bad Request).
type SyntaxError struct {
	Field string // what was parsed: a header name, "URL", "start line", …
	Value string // the text that was refused
	Err   error  // why; may be nil
}

// Error quotes the value, cut to 80 bytes.
func (e *SyntaxError) Error() string {
	v := e.Value
	if len(v) > 80 {
		v = v[:80] + "…"
	}
	if e.Err == nil {
		return fmt.Sprintf("invalid %s %q", e.Field, v)
	}
	return fmt.Sprintf("invalid %s %q: %v", e.Field, v, e.Err)
}

// Unwrap returns the cause.
func (e *SyntaxError) Unwrap() error { return e.Err }

// A StatusError is a refusal: whoever handles a request returns it, and it becomes the response.
type StatusError struct {
	Code   StatusCode
	Text   string // the reason phrase; "" for Code.Text()
	Header Header // fields the response must carry, for example Allow with 405; may be nil
	Err    error  // the cause, for the log and not for the peer; may be nil
}

// Error returns the code, the text and the cause.
func (e *StatusError) Error() string {
	text := e.Text
	if text == "" {
		text = e.Code.Text()
	}
	if e.Err == nil {
		return fmt.Sprintf("%d %s", int(e.Code), text)
	}
	return fmt.Sprintf("%d %s: %v", int(e.Code), text, e.Err)
}

// Unwrap returns the cause.
func (e *StatusError) Unwrap() error { return e.Err }

// A MessageError is what [Reader.Next] returns for a message that breaks the rules. The server answers with Status and CSeq.
// When Fatal is false the message was consumed whole and the next one can be read; when it is true the place where the next
// one begins is unknown, or the peer speaks HTTP, and every further Next returns the same error.
type MessageError struct {
	Status StatusCode
	CSeq   string // as sent, "" when it could not be read
	Fatal  bool   // framing is lost: answer, then close
	Err    error  // why
}

// Error returns the status and the cause.
func (e *MessageError) Error() string {
	return fmt.Sprintf("message refused with %d: %v", int(e.Status), e.Err)
}

// Unwrap returns the cause.
func (e *MessageError) Unwrap() error { return e.Err }

// StatusOf returns the status code that answers err: 200 for nil, the code of a [StatusError] or [MessageError], 400 for a
// [SyntaxError], 500 for everything else. The outermost of them in the chain decides.
func StatusOf(err error) StatusCode {
	if err == nil {
		return StatusOK
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if code, ok := ownStatus(e); ok {
			return code
		}
	}
	return joinedStatus(err)
}

// ownStatus is the code that e itself, not one of its causes, stands for.
func ownStatus(e error) (StatusCode, bool) {
	switch e := e.(type) { //nolint:errorlint // the caller walks the chain
	case *StatusError:
		return e.Code, true
	case *MessageError:
		return e.Status, true
	case *SyntaxError:
		return StatusBadRequest, true
	}
	return 0, false
}

// joinedStatus finds the code in a tree made by errors.Join or several %w.
func joinedStatus(err error) StatusCode {
	var status *StatusError
	var message *MessageError
	var syntax *SyntaxError
	switch {
	case errors.As(err, &status):
		return status.Code
	case errors.As(err, &message):
		return message.Status
	case errors.As(err, &syntax):
		return StatusBadRequest
	}
	return StatusInternalServerError
}
