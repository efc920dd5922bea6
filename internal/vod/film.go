package vod

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/open"
	"github.com/baton-rtsp/baton/internal/payload"
	"github.com/baton-rtsp/baton/rtspserver"
	"github.com/baton-rtsp/baton/sdp"
)

// maxTracks bounds how many tracks a presentation has: those of a film in every language.
const maxTracks = 32

// firstType is the first dynamic payload type (RFC 3551 §6).
const firstType = 96

// FilmConfig says how a [Film] is played.
type FilmConfig struct {
	Name      string    // for people
	FrameRate int       // pictures a second of files that have no times; 0 means 25
	MaxPacket int       // bytes of an RTP packet; 0 means 1400
	Modified  time.Time // of the file; zero if not known
	Queue     bool      // a PLAY waits for the one in progress (RFC 2326 §10.5) instead of replacing it
	Loop      bool      // begin again at the end, without a break in sequence numbers or timestamps
	Logger    *slog.Logger
}

// A Film is stored media as a presentation. It is safe for concurrent use.
type Film struct {
	cfg    FilmConfig
	file   *container.File
	tracks []*container.Track // that can be sent, in the order of the description
	media  []*sdp.Media
	lead   int // the track that seeking goes by: the first of pictures, else the first
	warn   sync.Once
	pool   pool

	growing atomic.Bool // another program is writing the file
}

// OpenFilm opens a file of any container and makes a presentation of it. Where the container has no index
// the caller runs the file's Scan.
func OpenFilm(r io.ReaderAt, size int64, cfg FilmConfig) (*Film, error) {
	file, err := open.Open(r, size, container.Options{FrameRate: float64(cfg.FrameRate)})
	if err != nil {
		return nil, err
	}
	return NewFilm(file, cfg)
}

// NewFilm makes a presentation of an open file. A track that RTP cannot carry is left out, with a line in
// the log; the error says that there is no other.
func NewFilm(file *container.File, cfg FilmConfig) (*Film, error) {
	if cfg.MaxPacket <= 0 {
		cfg.MaxPacket = 1400
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	f := &Film{cfg: cfg, file: file, lead: -1}
	for _, why := range file.Skipped {
		cfg.Logger.Info("track is left out", "film", cfg.Name, "why", why)
	}
	for _, what := range file.Remarks {
		cfg.Logger.Info("file is played otherwise than it says", "film", cfg.Name, "what", what)
	}
	for _, t := range file.Tracks {
		if err := f.add(t); err != nil {
			cfg.Logger.Info("track is left out", "film", cfg.Name, "track", t.ID, "why", err)
		}
	}
	if len(f.tracks) == 0 {
		return nil, fmt.Errorf("%w: no track that can be played", container.ErrFormat)
	}
	f.lead = max(f.lead, 0)
	return f, nil
}

// add takes a track into the presentation.
func (f *Film) add(t *container.Track) error {
	p := payloadTrack(t)
	if _, err := payload.NewPacketizer(p); err != nil {
		return err
	}
	if len(f.tracks) == maxTracks {
		return errors.New("the film has too many")
	}
	m := payload.DescribeTrack(p, uint8(firstType+len(f.tracks)))
	if t.Video && f.lead < 0 {
		f.lead = len(f.tracks)
	}
	f.tracks, f.media = append(f.tracks, t), append(f.media, m)
	return nil
}

// payloadTrack is what the payload formats need to know of a track.
func payloadTrack(t *container.Track) *payload.Track {
	return &payload.Track{
		Encoding: string(t.Codec), ClockRate: t.ClockRate, Channels: t.Channels, Width: t.Width, Height: t.Height,
		FrameRate: frameRate(t), Config: t.Config, NALLength: t.NALLength,
	}
}

// frameRate is how many pictures a second a track has at its beginning, 0 if it is none of pictures.
func frameRate(t *container.Track) float64 {
	if s, ok := t.Index.At(0); ok && t.Video && s.Duration > 0 {
		return float64(t.Timescale) / float64(s.Duration)
	}
	return 0
}

// Describe is the description of the film. Its duration grows while the index does.
func (f *Film) Describe() *rtspserver.Description {
	s := &sdp.Session{Name: f.cfg.Name, Timing: "0 0", Media: f.media}
	s.Origin.Username = "-"
	s.Origin.ID, s.Origin.Version = uint64(len(f.media)), 1
	if !f.cfg.Modified.IsZero() {
		s.Origin.Version = uint64(f.cfg.Modified.Unix())
	}
	return &rtspserver.Description{SDP: s, Duration: f.file.Duration(), Modified: f.cfg.Modified}
}

// Open makes a playback for one session.
func (f *Film) Open() (rtspserver.Playback, error) { return newPlayback(f) }

// reorder is how much earlier than it is shown the first sample of a track is decoded.
func (f *Film) reorder(t *container.Track) time.Duration {
	s, _ := t.Index.At(0)
	return max(t.Time(s.PTS-s.DTS), 0)
}

// SetGrowing says whether another program is writing the file: sessions that come to its end wait for more then.
func (f *Film) SetGrowing(on bool) { f.growing.Store(on) }

// complete tells whether all of the file is known, and no more will come.
func (f *Film) complete() bool {
	for _, t := range f.tracks {
		if !f.known(t) {
			return false
		}
	}
	return true
}

// known tells whether all of a track is known, and no more will come.
func (f *Film) known(t *container.Track) bool { return t.Index.Complete() && !f.growing.Load() }
