package sdp

import "strings"

// staticFormat describes a payload type that needs no a=rtpmap: RFC 3551 §6, tables 4 and 5.
func staticFormat(pt uint8) (Format, bool) {
	f := Format{PayloadType: pt, ClockRate: 8000, Channels: 1}
	switch pt {
	case 0:
		f.Encoding = "PCMU"
	case 3:
		f.Encoding = "GSM"
	case 4:
		f.Encoding = "G723"
	case 5:
		f.Encoding = "DVI4"
	case 6:
		f.Encoding, f.ClockRate = "DVI4", 16000
	case 7:
		f.Encoding = "LPC"
	case 8:
		f.Encoding = "PCMA"
	case 9:
		f.Encoding = "G722" // sampled at 16 kHz; its RTP clock is 8 kHz (RFC 3551 §4.5.2)
	case 10:
		f.Encoding, f.ClockRate, f.Channels = "L16", 44100, 2
	case 11:
		f.Encoding, f.ClockRate = "L16", 44100
	case 12:
		f.Encoding = "QCELP"
	case 13:
		f.Encoding = "CN"
	case 14:
		f.Encoding, f.ClockRate = "MPA", 90000
	case 15:
		f.Encoding = "G728"
	case 16:
		f.Encoding, f.ClockRate = "DVI4", 11025
	case 17:
		f.Encoding, f.ClockRate = "DVI4", 22050
	case 18:
		f.Encoding = "G729"
	default:
		f.Encoding, f.ClockRate, f.Channels = staticVideo(pt), 90000, 0
	}
	return f, f.Encoding != ""
}

func staticVideo(pt uint8) string {
	switch pt {
	case 25:
		return "CelB"
	case 26:
		return "JPEG"
	case 28:
		return "nv"
	case 31:
		return "H261"
	case 32:
		return "MPV"
	case 33:
		return "MP2T"
	case 34:
		return "H263"
	}
	return ""
}

// defaultClockRate is the clock of a format whose a=rtpmap does not tell it (PLD-21).
func defaultClockRate(mediaType, encoding string) int {
	switch {
	case mediaType != "audio":
		return 90000
	case strings.EqualFold(encoding, "opus"):
		return 48000 // RFC 7587 §4.1: whatever it was sampled at
	case strings.EqualFold(encoding, "MPA"), strings.EqualFold(encoding, "mpa-robust"):
		return 90000
	case strings.EqualFold(encoding, "L16"):
		return 44100
	}
	return 8000
}
