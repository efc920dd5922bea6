package config

import (
	"fmt"
	"strconv"
	"strings"
)

// BitRate is in bits a second. Its text is a number with a unit: b/s, kb/s, Mb/s
// or Gb/s (powers of 1000).
type BitRate int64

// The units of BitRate.
const (
	KbitPerSecond BitRate = 1000
	MbitPerSecond         = 1000 * KbitPerSecond
	GbitPerSecond         = 1000 * MbitPerSecond
)

// bitRateUnits is in the order in which String tries them.
var bitRateUnits = []struct {
	name string
	size BitRate
}{
	{"Gb/s", GbitPerSecond}, {"Mb/s", MbitPerSecond}, {"kb/s", KbitPerSecond}, {"b/s", 1},
}

// ParseBitRate parses a rate such as "8Mb/s" or "2.5 Mb/s". The unit is needed: it
// tells bits from bytes.
func ParseBitRate(s string) (BitRate, error) {
	for _, u := range bitRateUnits {
		number, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err == nil && n >= 0 && n*float64(u.size) < 1<<60 {
			return BitRate(n*float64(u.size) + 0.5), nil
		}
		break
	}
	e := &valueError{text: fmt.Sprintf("%q is not a bit rate such as 8Mb/s; the units are b/s, kb/s, Mb/s and Gb/s", s)}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		e.hint = s + "Mb/s"
	}
	return 0, e
}

// String returns the rate in the largest unit in which it is a whole number.
func (r BitRate) String() string {
	for _, u := range bitRateUnits {
		if r%u.size == 0 && (r != 0 || u.size == 1) {
			return fmt.Sprintf("%d%s", int64(r/u.size), u.name)
		}
	}
	return ""
}
