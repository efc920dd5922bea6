package rtsp

// maxCSeq is the number of digits of a CSeq that are taken: those of 64 bits.
const maxCSeq = 20

// ParseCSeq checks the value of a CSeq header and returns it exactly as sent, since a response repeats it so
// (RFC 2326 §12.17): up to 20 digits, leading zeros kept. The error is a *[SyntaxError].
func ParseCSeq(s string) (string, error) {
	s = trim(s)
	if !isDigits(s) || len(s) > maxCSeq {
		return "", &SyntaxError{Field: "CSeq", Value: s}
	}
	return s, nil
}
