package rtsp

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

const (
	maxRate     = 1e6 // of Scale and Speed
	maxRateText = 32  // bytes
)

// ParseScale parses a Scale header (RFC 2326 §12.34): the rate of the presentation, negative for backwards, never 0, at most
// a million either way. The error is a *[SyntaxError].
func ParseScale(s string) (float64, error) {
	text := trim(s)
	digits, negative := strings.CutPrefix(text, "-")
	v, err := parseRate(digits)
	if err != nil {
		return 0, &SyntaxError{Field: "Scale", Value: s, Err: err}
	}
	if negative {
		v = -v
	}
	return v, nil
}

// ParseSpeed parses a Speed header (RFC 2326 §12.35): the rate of delivery, above 0 and at most a million, or a range of them
// "lo-hi" (RFC 7826 §18.50). One number is both lo and hi. The error is a *[SyntaxError].
func ParseSpeed(s string) (lo, hi float64, err error) {
	first, second, found := strings.Cut(s, "-")
	if !found {
		second = first
	}
	if lo, err = parseRate(trim(first)); err == nil {
		hi, err = parseRate(trim(second))
	}
	if err == nil && lo > hi {
		err = errors.New("empty range")
	}
	if err != nil {
		return 0, 0, &SyntaxError{Field: "Speed", Value: s, Err: err}
	}
	return lo, hi, nil
}

// parseRate parses a positive decimal number without exponent. A comma is taken for the decimal point too.
func parseRate(s string) (float64, error) {
	if i := strings.IndexByte(s, ','); i >= 0 {
		s = s[:i] + "." + s[i+1:]
	}
	whole, frac, _ := strings.Cut(s, ".")
	if len(s) > maxRateText || !isDigits(whole) || frac != "" && !isDigits(frac) {
		return 0, errors.New("not a decimal number")
	}
	v, err := strconv.ParseFloat(whole+"."+frac, 64)
	if err != nil || v <= 0 || v > maxRate {
		return 0, errRange
	}
	return v, nil
}

// FormatScale returns the value of a Scale or Speed header: as many decimals as needed, at least one.
func FormatScale(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if v == math.Trunc(v) {
		s += ".0"
	}
	return s
}
