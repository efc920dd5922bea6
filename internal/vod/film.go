package vod

import (
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/baton-rtsp/baton/internal/mjpeg"
	"github.com/baton-rtsp/baton/internal/payload"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
)

// RTP of motion JPEG (RFC 2435, RFC 3551 §6).
const (
	jpegType = 26
	jpegRate = 90000
)

// FilmConfig says how a [Film] is played.
type FilmConfig struct {
	Name      string    // for people
	FrameRate int       // pictures a second; 0 means 25
	MaxPacket int       // bytes of an RTP packet; 0 means 1400
	Modified  time.Time // of the file; zero if not known
	Queue     bool      // a PLAY waits for the one in progress (RFC 2326 §10.5) instead of replacing it
	Logger    *slog.Logger
}

// A Film is stored motion JPEG as a presentation. It is safe for concurrent use.
type Film struct {
	cfg  FilmConfig
	file *mjpeg.File
	desc *rtspserver.Description
	warn sync.Once
}

// NewFilm makes a presentation of an open file.
func NewFilm(file *mjpeg.File, cfg FilmConfig) *Film {
	if cfg.FrameRate <= 0 {
		cfg.FrameRate = 25
	}
	if cfg.MaxPacket <= 0 {
		cfg.MaxPacket = 1400
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	f := &Film{cfg: cfg, file: file}
	f.desc = f.describe()
	return f
}

// OpenFilm reads a file's index, then makes a presentation of it.
func OpenFilm(r io.ReaderAt, size int64, cfg FilmConfig) (*Film, error) {
	file, err := mjpeg.Open(r, size)
	if err != nil {
		return nil, err
	}
	return NewFilm(file, cfg), nil
}

func (f *Film) describe() *rtspserver.Description {
	m := &sdp.Media{Type: "video", Proto: "RTP/AVP", Formats: []string{strconv.Itoa(jpegType)}}
	m.SetFormat(sdp.Format{PayloadType: jpegType, Encoding: "JPEG", ClockRate: jpegRate})
	m.SetAttr("framerate", strconv.Itoa(f.cfg.FrameRate))
	if img, err := f.file.Frame(0, nil); err == nil {
		if w, h, err := payload.JPEGSize(img); err == nil {
			for _, a := range payload.JPEGAttributes(w, h) {
				m.SetAttr(a.Key, a.Value)
			}
		}
	}
	s := &sdp.Session{Name: f.cfg.Name, Timing: "0 0", Media: []*sdp.Media{m}}
	s.Origin.Username = "-"
	s.Origin.ID, s.Origin.Version = uint64(f.file.Frames()), 1
	if !f.cfg.Modified.IsZero() {
		s.Origin.Version = uint64(f.cfg.Modified.Unix())
	}
	return &rtspserver.Description{SDP: s, Duration: f.time(f.file.Frames()), Modified: f.cfg.Modified}
}

// Describe is the description of the film.
func (f *Film) Describe() *rtspserver.Description { return f.desc }

// Open makes a playback for one session.
func (f *Film) Open() (rtspserver.Playback, error) { return newPlayback(f), nil }

// time is when a frame begins.
func (f *Film) time(frame int) time.Duration {
	rate := time.Duration(f.cfg.FrameRate)
	n := time.Duration(frame)
	return n/rate*time.Second + n%rate*time.Second/rate
}

// slack absorbs the rounding of times on the wire, which have three decimals there.
const slack = time.Millisecond / 2

// frameAt is the frame that is shown at a time.
func (f *Film) frameAt(at time.Duration) int {
	return int((at + slack).Seconds() * float64(f.cfg.FrameRate))
}

// frameBefore is the first frame that no longer begins before a time: ranges are half-open (RNG-08).
func (f *Film) frameBefore(at time.Duration) int {
	n := f.frameAt(at - slack)
	if f.time(n) < at-slack {
		n++
	}
	return n
}
