package mpegts

import (
	"fmt"

	"github.com/baton-rtsp/baton/internal/container"
)

// Bounds of the tables.
const (
	maxPrograms = 64
	maxStreams  = 64 // of a program
)

// tables are the programs of a stream, as far as they are known.
type tables struct {
	programs []program
	pat      section
}

// A program is what belongs together.
type program struct {
	number  int
	pid     uint16 // of its map
	section section
	known   bool
	entries []entry
}

// An entry is an elementary stream of a program.
type entry struct {
	pid      uint16
	codec    container.Codec // "" if it cannot be played
	channels int             // of Opus
	what     string          // it is, for people
}

// visit reads the tables from packets.
func (t *tables) visit(p packet, _ int64) {
	if p.damaged() || p.scrambled() || !p.hasPayload() {
		return
	}
	pid := p.pid()
	if pid == patPID {
		if len(t.programs) == 0 {
			t.pat.write(p, t.association)
		}
		return
	}
	for i := range t.programs {
		if g := &t.programs[i]; g.pid == pid && !g.known {
			g.section.write(p, g.read)
		}
	}
}

// complete tells whether the maps of all programs are known.
func (t *tables) complete() bool {
	for i := range t.programs {
		if !t.programs[i].known {
			return false
		}
	}
	return len(t.programs) > 0
}

// Tables by their ids.
const (
	associationTable = 0
	programTable     = 2
)

// association reads a section of the program association table (ISO/IEC 13818-1 §2.4.4.3).
func (t *tables) association(b []byte) {
	if b[0] != associationTable {
		return
	}
	for b = b[8 : len(b)-4]; len(b) >= 4; b = b[4:] {
		number, pid := int(b[0])<<8|int(b[1]), uint16(b[2]&0x1F)<<8|uint16(b[3])
		if number != 0 && pid != patPID && len(t.programs) < maxPrograms {
			t.programs = append(t.programs, program{number: number, pid: pid})
		}
	}
}

// read reads a section of the program map (ISO/IEC 13818-1 §2.4.4.8).
func (g *program) read(b []byte) {
	if b[0] != programTable || int(b[3])<<8|int(b[4]) != g.number || g.known || len(b) < 16 {
		return
	}
	info := int(b[10]&0x0F)<<8 | int(b[11])
	b = b[12 : len(b)-4]
	if info > len(b) {
		return
	}
	g.known = true
	for b = b[info:]; len(b) >= 5 && len(g.entries) < maxStreams; {
		kind, pid, size := b[0], uint16(b[1]&0x1F)<<8|uint16(b[2]), int(b[3]&0x0F)<<8|int(b[4])
		size = min(size, len(b)-5)
		e := entry{pid: pid}
		e.identify(kind, b[5:5+size])
		g.entries = append(g.entries, e)
		b = b[5+size:]
	}
}

// identify finds out what a stream is by its type (ISO/IEC 13818-1 table 2-34) and its descriptors.
func (e *entry) identify(kind uint8, descriptors []byte) {
	switch kind {
	case 0x1B:
		e.codec = container.H264
	case 0x24:
		e.codec = container.H265
	case 0x0F:
		e.codec = container.AAC
	case 0x03, 0x04:
		e.codec = container.MP3
	case 0x81: // ATSC, and Blu-ray
		e.codec = container.AC3
	case 0x06:
		e.private(descriptors)
	}
	if e.codec == "" && e.what == "" {
		e.what = kindName(kind)
	}
}

// private identifies a stream of private data.
func (e *entry) private(descriptors []byte) {
	const (
		registration = 0x05
		dvbAC3       = 0x6A
		dvbExtension = 0x7F
		opusChannels = 0x80 // of dvbExtension
		maxStereo    = 2
	)
	for b := descriptors; len(b) >= 2; {
		tag, size := b[0], min(int(b[1]), len(b)-2)
		data := b[2 : 2+size]
		b = b[2+size:]
		switch {
		case tag == registration && size >= 4:
			switch string(data[:4]) {
			case "Opus":
				e.codec = container.Opus
			case "AC-3":
				e.codec = container.AC3
			case "HEVC":
				e.codec = container.H265
			default:
				e.what = fmt.Sprintf("private data %q", data[:4])
			}
		case tag == dvbAC3:
			e.codec = container.AC3
		case tag == dvbExtension && size >= 2 && data[0] == opusChannels:
			e.channels = int(data[1])
		}
	}
	if e.codec == container.Opus && e.channels > maxStereo {
		e.codec, e.what = "", fmt.Sprintf("Opus of %d channels", e.channels)
	}
}

// kindName is the name of a stream type that cannot be played.
func kindName(kind uint8) string {
	switch kind {
	case 0x01, 0x02:
		return "MPEG-2 video"
	case 0x05, 0x06:
		return "private data"
	case 0x10:
		return "MPEG-4 video"
	case 0x11:
		return "AAC in LATM"
	case 0x15:
		return "metadata"
	case 0x33:
		return "H.266 video"
	case 0x84, 0x87:
		return "E-AC-3"
	case 0x86:
		return "splice information"
	case 0x90:
		return "subtitles"
	case 0xEA:
		return "VC-1 video"
	}
	return fmt.Sprintf("stream type %#x", kind)
}
