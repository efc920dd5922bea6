package config

import (
	"net/netip"
	"time"

	"github.com/baton-rtsp/baton/timeline"
)

// PathSettings is what holds for one path.
type PathSettings struct {
	// Redirect, unless zero, is where readers of the path are sent.
	Redirect URL

	// Source is where the path's media is pulled from; empty: it is published, or
	// stored.
	Source Sources

	// OnDemand pulls the source only while somebody watches.
	OnDemand bool

	// PerViewer gives each viewer a session of its own with the source.
	PerViewer bool

	// Linger is how long such a source runs on without readers, 0 to 1h.
	Linger time.Duration

	// StartTimeout is how long readers wait for a source that has not begun, 0 to
	// 1m.
	StartTimeout time.Duration

	// Transport is how the source is pulled.
	Transport Transport

	// BasicAuth lets the source get its password in clear text, when it asks for
	// nothing better.
	BasicAuth bool

	// Trust is by what a source is known that is reached over TLS.
	Trust Trust

	// Window is how much of a live path's timeline is kept, 64KB to 1GB.
	Window Bytes

	// Start is where new readers of a live path begin, unless their URL says
	// ?start=.
	Start timeline.Start

	// LagJump is how far a reader of a live path may be behind before it skips to
	// the newest key picture, 0 to 1h. Zero lets it be behind by the window.
	LagJump time.Duration

	// LagCloseAfter is how long a reader of a live path may take nothing before
	// its session is ended, 0 to 1h. Zero leaves that to the session's timeout.
	LagCloseAfter time.Duration

	// MulticastGroup, unless zero, is the group to which a live path is sent as
	// well, for readers who ask for multicast; of a range one that is free.
	MulticastGroup netip.Prefix

	// MulticastPort is that of the first track's RTP, even; others are behind it.
	MulticastPort int

	// MulticastTTL is how many routers packets may pass, 1 to 255.
	MulticastTTL int

	// MulticastSSM tells receivers to take packets of this server only.
	MulticastSSM bool

	// LimitsReaders is how many readers the path may have, 1 to 1000000.
	LimitsReaders int

	// LimitsBitRate is how much its publisher may send, 100kb/s to 100Gb/s.
	LimitsBitRate BitRate

	// Hold is how long the readers of a vanished publisher are kept for its
	// return, 0 to 1h. Zero ends them at once.
	Hold time.Duration

	// Takeover lets a second publisher replace the first; otherwise it is
	// refused.
	Takeover bool

	// Loop has a stored file begin again at its end.
	Loop bool

	// Reorder is the longest that a packet from a UDP publisher waits for one
	// missing before it, 0 to 1s. Zero does not wait.
	Reorder time.Duration

	// Coalesce is the longest that readers of a live path are kept waiting so
	// that more goes out at once, 0 to 1s. For sources that spread their packets
	// over the interval of a picture.
	Coalesce time.Duration

	// MaxPacket is the most bytes of RTP in one packet, 500 to 65000; larger
	// packets of a publisher are re-fragmented. Above 1472 a UDP datagram no
	// longer fits a 1500 byte link.
	MaxPacket int

	// FrameRate is the pictures a second of stored motion JPEG, 1 to 120.
	FrameRate int

	// Play is what a PLAY with a range does while the session is playing.
	Play PlayMode
}

// DefaultPathSettings returns the settings of a path that no rule matches.
func DefaultPathSettings() PathSettings {
	return PathSettings{
		Linger:       10 * time.Second,
		StartTimeout: 10 * time.Second,

		Window: 8 * MB,
		Hold:   10 * time.Second,

		MulticastPort: 5004,
		MulticastTTL:  1,

		LimitsReaders: 20000,
		LimitsBitRate: 500 * MbitPerSecond,

		Reorder:   100 * time.Millisecond,
		MaxPacket: 1400,
		FrameRate: 25,
		Play:      PlayReplace,
	}
}

// PathRule sets some settings of the paths that its pattern matches. A nil
// field leaves the setting as it is.
type PathRule struct {
	Pattern string // see [Match]; without a leading slash

	Redirect *URL

	Source       *Sources
	OnDemand     *bool
	PerViewer    *bool
	Linger       *time.Duration
	StartTimeout *time.Duration
	Transport    *Transport
	BasicAuth    *bool
	Trust        *Trust

	Window *Bytes
	Start  *timeline.Start

	LagJump       *time.Duration
	LagCloseAfter *time.Duration

	MulticastGroup *netip.Prefix
	MulticastPort  *int
	MulticastTTL   *int
	MulticastSSM   *bool

	LimitsReaders *int
	LimitsBitRate *BitRate

	Hold      *time.Duration
	Takeover  *bool
	Loop      *bool
	Reorder   *time.Duration
	Coalesce  *time.Duration
	MaxPacket *int
	FrameRate *int
	Play      *PlayMode
}

// apply lays what the rule sets over s, the settings of the path called name.
func (r *PathRule) apply(s *PathSettings, name string) {
	over(&s.Redirect, r.Redirect)
	if r.Source != nil {
		s.Source = r.Source.of(matched(r.Pattern, name))
	}
	over(&s.OnDemand, r.OnDemand)
	over(&s.PerViewer, r.PerViewer)
	over(&s.Linger, r.Linger)
	over(&s.StartTimeout, r.StartTimeout)
	over(&s.Transport, r.Transport)
	over(&s.BasicAuth, r.BasicAuth)
	over(&s.Trust, r.Trust)
	over(&s.Window, r.Window)
	over(&s.Start, r.Start)
	over(&s.LagJump, r.LagJump)
	over(&s.LagCloseAfter, r.LagCloseAfter)
	over(&s.MulticastGroup, r.MulticastGroup)
	over(&s.MulticastPort, r.MulticastPort)
	over(&s.MulticastTTL, r.MulticastTTL)
	over(&s.MulticastSSM, r.MulticastSSM)
	over(&s.LimitsReaders, r.LimitsReaders)
	over(&s.LimitsBitRate, r.LimitsBitRate)
	over(&s.Hold, r.Hold)
	over(&s.Takeover, r.Takeover)
	over(&s.Loop, r.Loop)
	over(&s.Reorder, r.Reorder)
	over(&s.Coalesce, r.Coalesce)
	over(&s.MaxPacket, r.MaxPacket)
	over(&s.FrameRate, r.FrameRate)
	over(&s.Play, r.Play)
}

func over[T any](setting, value *T) {
	if value != nil {
		*setting = *value
	}
}
