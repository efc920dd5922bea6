package config

import (
	"fmt"
	"math/big"
	"strings"
)

// Bytes is a size in bytes. Its text is a number with a unit: B, KB, MB, GB, TB
// (powers of 1000) or KiB, MiB, GiB, TiB (powers of 1024).
type Bytes int64

// The units of Bytes.
const (
	KB Bytes = 1000
	MB       = 1000 * KB
	GB       = 1000 * MB
	TB       = 1000 * GB

	KiB Bytes = 1024
	MiB       = 1024 * KiB
	GiB       = 1024 * MiB
	TiB       = 1024 * GiB
)

// byteUnits is in the order in which String tries them.
var byteUnits = []struct {
	name string
	size Bytes
}{
	{"TiB", TiB}, {"TB", TB}, {"GiB", GiB}, {"GB", GB},
	{"MiB", MiB}, {"MB", MB}, {"KiB", KiB}, {"KB", KB},
}

// maxNumber bounds the digits of a size, so that a fraction of the largest unit
// is still exact and cheap.
const maxNumber = 24

// ParseBytes parses a size such as "8MB", "1.5 GiB" or "65536" (bytes). Units
// are read without regard to case. The size is never negative; a fraction has to
// come out as whole bytes.
func ParseBytes(s string) (Bytes, error) {
	text := strings.TrimSpace(s)
	end := len(text)
	if i := strings.IndexFunc(text, notInNumber); i >= 0 {
		end = i
	}
	number, unit := text[:end], strings.TrimSpace(text[end:])
	r, ok := new(big.Rat), false
	if number != "" && len(number) <= maxNumber {
		r, ok = r.SetString(number)
	}
	if !ok {
		return 0, &valueError{text: fmt.Sprintf("%q is not a size such as 8MB", s)}
	}
	size, ok := unitSize(unit)
	if !ok {
		e := &valueError{text: fmt.Sprintf("%q is not a size: the units are B, KB, MB, GB, TB, KiB, MiB, GiB and TiB", s)}
		if _, ok := unitSize(unit + "B"); ok {
			e.hint = text + "B"
		}
		return 0, e
	}
	r.Mul(r, new(big.Rat).SetInt64(int64(size)))
	if !r.IsInt() || !r.Num().IsInt64() {
		return 0, &valueError{text: fmt.Sprintf("%q is not a whole number of bytes below 8 million TB", s)}
	}
	return Bytes(r.Num().Int64()), nil
}

func notInNumber(r rune) bool { return (r < '0' || r > '9') && r != '.' }

func unitSize(unit string) (Bytes, bool) {
	if unit == "" || strings.EqualFold(unit, "B") {
		return 1, true
	}
	for _, u := range byteUnits {
		if strings.EqualFold(unit, u.name) {
			return u.size, true
		}
	}
	return 0, false
}

// String returns the size in the largest unit in which it is a whole number.
// [ParseBytes] reads it back as the same size.
func (b Bytes) String() string {
	if b != 0 {
		for _, u := range byteUnits {
			if b%u.size == 0 {
				return fmt.Sprintf("%d%s", b/u.size, u.name)
			}
		}
	}
	return fmt.Sprintf("%dB", int64(b))
}
