package rtsp

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// A RangeUnit is the unit in which a Range is told.
type RangeUnit uint8

// The units of RFC 2326 §3.5 to §3.7.
const (
	UnitNPT         RangeUnit = iota // normal play time: seconds from the start
	UnitSMPTE                        // SMPTE time code, by RFC 2326 §3.5 the same as UnitSMPTE30Drop
	UnitSMPTE30Drop                  // 30000/1001 frames a second, two frame numbers a minute left out but each tenth
	UnitSMPTE25                      // 25 frames a second
	UnitClock                        // wall time, UTC
)

// unitNames is a table: the units on the wire.
var unitNames = [...]string{"npt", "smpte", "smpte-30-drop", "smpte-25", "clock"}

// String returns the name of the unit on the wire.
func (u RangeUnit) String() string {
	if int(u) < len(unitNames) {
		return unitNames[u]
	}
	return fmt.Sprintf("RangeUnit(%d)", uint8(u))
}

// A PositionKind tells which part of a Position counts.
type PositionKind uint8

// The kinds of positions.
const (
	PositionNone   PositionKind = iota // left open
	PositionNow                        // "now": the live edge
	PositionOffset                     // Position.Offset
	PositionUTC                        // Position.UTC
)

// A Position is one end of a Range.
type Position struct {
	Kind   PositionKind
	Offset time.Duration // from the start of the presentation, not negative
	UTC    time.Time     // in UTC
}

// A Range is what a PLAY, PAUSE or RECORD is about (RFC 2326 §12.29): the half-open interval from Start to End. End is before
// Start when playing backwards.
type Range struct {
	Unit       RangeUnit
	Start, End Position
	Time       time.Time // ";time=": when it shall take effect; zero if absent
}

// ParseRange parses a Range header. One value without "-", as PAUSE may send, is a Start without End. A comma is taken for
// the decimal point too. An unknown unit is a *[StatusError] 501, all else that is wrong a *[SyntaxError].
func ParseRange(s string) (Range, error) {
	spec, params, _ := cut(s, ';')
	name, value, found := strings.Cut(spec, "=")
	if !found {
		return Range{}, rangeError(s, errors.New("no unit"))
	}
	r, err := parseUnit(trim(name))
	if err != nil {
		return Range{}, err
	}
	start, end, _ := strings.Cut(value, "-")
	if r.Start, err = r.parsePosition(trim(start)); err != nil {
		return Range{}, rangeError(s, err)
	}
	if r.End, err = r.parsePosition(trim(end)); err != nil {
		return Range{}, rangeError(s, err)
	}
	if r.Start.Kind == PositionNone && r.End.Kind == PositionNone {
		return Range{}, rangeError(s, errors.New("neither start nor end"))
	}
	if r.Time, err = parseRangeTime(params); err != nil {
		return Range{}, rangeError(s, err)
	}
	return r, nil
}

func parseUnit(name string) (Range, error) {
	for i, known := range unitNames {
		if strings.EqualFold(name, known) {
			return Range{Unit: RangeUnit(i)}, nil
		}
	}
	if !isToken(name) {
		return Range{}, rangeError(name, errors.New("bad unit"))
	}
	return Range{}, &StatusError{Code: StatusNotImplemented, Err: fmt.Errorf("range unit %q", name)}
}

func rangeError(s string, cause error) error {
	return &SyntaxError{Field: "Range", Value: s, Err: cause}
}

func (r Range) parsePosition(s string) (Position, error) {
	if s == "" {
		return Position{}, nil
	}
	if strings.EqualFold(s, "now") && (r.Unit == UnitNPT || r.Unit == UnitClock) {
		return Position{Kind: PositionNow}, nil
	}
	if r.Unit == UnitClock {
		t, err := parseUTC(s)
		return Position{Kind: PositionUTC, UTC: t}, err
	}
	parse := parseNPT
	if r.Unit != UnitNPT {
		parse = r.Unit.parseTimecode
	}
	d, err := parse(s)
	return Position{Kind: PositionOffset, Offset: d}, err
}

// parseRangeTime finds the time among the parameters of a range.
func parseRangeTime(params string) (time.Time, error) {
	for params != "" {
		var param string
		param, params, _ = cut(params, ';')
		name, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(trim(name), "time") {
			return parseUTC(trim(value))
		}
	}
	return time.Time{}, nil
}

// String returns the range in the form that all known clients read: npt in seconds with three decimals and no blanks. The
// zero Range is "npt=0.000-".
func (r Range) String() string {
	b := append(make([]byte, 0, 48), r.Unit.String()...)
	b = append(b, '=')
	if r.Start.Kind == PositionNone && r.End.Kind == PositionNone {
		r.Start = Position{Kind: PositionOffset}
	}
	b = r.appendPosition(b, r.Start)
	b = append(b, '-')
	b = r.appendPosition(b, r.End)
	if !r.Time.IsZero() {
		b = append(b, ";time="...)
		b = appendUTC(b, r.Time)
	}
	return string(b)
}

func (r Range) appendPosition(b []byte, p Position) []byte {
	switch p.Kind {
	case PositionNow:
		return append(b, "now"...)
	case PositionUTC:
		return appendUTC(b, p.UTC)
	case PositionOffset:
		if r.Unit == UnitNPT {
			return appendNPT(b, p.Offset)
		}
		return r.Unit.appendTimecode(b, p.Offset)
	case PositionNone:
	}
	return b
}
