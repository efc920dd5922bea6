package payload

// nalUnits walks the units of an aggregation packet.
type nalUnits struct {
	rest []byte
	lead int    // bytes before the size of the next unit: 0, or 2 then 1 (DONL, DOND)
	skip int    // bytes between the size of a unit and the unit
	don  uint16 // decoding order number of the unit returned last, if lead was not 0
	bad  bool   // the packet did not hold together
}

// h264Units walks a STAP-A, STAP-B, MTAP16 or MTAP24 (RFC 6184 §5.7).
func h264Units(payload []byte) nalUnits {
	head, skip := 1, 0
	switch payload[0] & 0x1F {
	case h264STAPB:
		head = 3 // DON
	case h264MTAP16:
		head, skip = 3, 3 // DON base; DOND, 16 bits of time
	case h264MTAP24:
		head, skip = 3, 4
	}
	if len(payload) < head {
		return nalUnits{bad: true}
	}
	return nalUnits{rest: payload[head:], skip: skip}
}

// h265Units walks an aggregation packet (RFC 7798 §4.4.2).
func h265Units(payload []byte, donl bool) nalUnits {
	u := nalUnits{rest: payload[2:]}
	if donl {
		u.lead = 2
	}
	return u
}

// next returns the next unit, never an empty one; false at the end. What does
// not hold together sets bad and ends the walk. Units of size zero and a rest
// too short for a size are padding of careless senders and stepped over.
func (u *nalUnits) next() ([]byte, bool) {
	for len(u.rest) >= u.lead+2 {
		u.order()
		size := int(u.rest[0])<<8 | int(u.rest[1])
		if len(u.rest) < 2+u.skip+size {
			u.bad, u.rest = true, nil
			return nil, false
		}
		nal := u.rest[2+u.skip:][:size]
		u.rest = u.rest[2+u.skip+size:]
		if size > 0 {
			return nal, true
		}
	}
	u.rest = nil
	return nil, false
}

// order reads DONL of the first unit or DOND of a later one.
func (u *nalUnits) order() {
	switch u.lead {
	case 2:
		u.don = uint16(u.rest[0])<<8 | uint16(u.rest[1])
	case 1:
		u.don += uint16(u.rest[0]) + 1
	default:
		return
	}
	u.rest, u.lead = u.rest[u.lead:], 1
}
