package record

import (
	"bufio"
	"encoding/binary"
	"os"
	"time"

	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/sdp"
)

// A dump is a file of rtptools, which Wireshark reads: every packet with the time at which it came.
type dump struct {
	file  *os.File
	buf   *bufio.Writer
	begun time.Time
}

func newDump(f *os.File, _ *sdp.Session, _ Clock) (Writer, []string, error) {
	return &dump{file: f, buf: bufio.NewWriterSize(f, 64<<10)}, nil, nil
}

func (d *dump) Whole(p rtspclient.Packet) bool { return !p.RTCP }

func (d *dump) Packet(p rtspclient.Packet) error {
	var b [24]byte
	if d.begun.IsZero() {
		d.begun = p.At
		d.buf.WriteString("#!rtpplay1.0 127.0.0.1/5004\n") // Wireshark wants an address; there are several
		binary.BigEndian.PutUint32(b[0:], uint32(p.At.Unix()))
		binary.BigEndian.PutUint32(b[4:], uint32(p.At.Nanosecond()/1000))
		binary.BigEndian.PutUint32(b[8:], 127<<24|1)
		binary.BigEndian.PutUint16(b[12:], 5004)
		d.buf.Write(b[:16])
	}
	if len(p.Data) > 65535-8 {
		return nil
	}
	binary.BigEndian.PutUint16(b[0:], uint16(len(p.Data)+8))
	binary.BigEndian.PutUint16(b[2:], uint16(len(p.Data)))
	if p.RTCP {
		binary.BigEndian.PutUint16(b[2:], 0)
	}
	binary.BigEndian.PutUint32(b[4:], uint32(p.At.Sub(d.begun).Milliseconds()))
	d.buf.Write(b[:8])
	_, err := d.buf.Write(p.Data) // the first error stays
	return err
}

func (d *dump) Close() error {
	err := d.buf.Flush()
	if e := d.file.Close(); err == nil {
		err = e
	}
	return err
}
