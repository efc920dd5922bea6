package rtspserver

import (
	"context"
	"errors"
	"time"

	"github.com/baton-rtsp/baton/rtsp"
	"github.com/baton-rtsp/baton/sdp"
	"github.com/baton-rtsp/baton/timeline"
)

// A Handler says what URLs name. Its methods are called from many goroutines at once; they may block,
// which holds up one connection only, and should give up when ctx ends. A refusal is a
// *[rtsp.StatusError]: its status, text and header are the response.
type Handler interface {
	// Open finds the presentation that can be played at a URL: for DESCRIBE, and for the SETUP that
	// begins a session. A redirection is a StatusError with a 3xx code and a Location.
	Open(ctx context.Context, r *Request) (Presentation, error)
	// Publish reserves a URL for a publisher that ANNOUNCEs a description.
	Publish(ctx context.Context, r *Request, desc *sdp.Session) (*Publication, error)
}

// A Request is what a handler is asked about.
type Request struct {
	*rtsp.Request
	Conn  *Conn
	URL   *rtsp.URL
	Path  string // decoded, without leading or trailing slash, without the track
	Query string // raw; it can hold a token, so it is not for logs
	// Principal is whose request it is, as the [Authorizer] said; "" for nobody in particular.
	Principal string
}

// A Publication is a publisher's right to feed a live presentation.
type Publication struct {
	Live *Live
	// Reorder is how long a gap in what arrives over UDP may hold up a video track; audio waits at most
	// half of it. 0 means 100 ms, less than 0 not at all.
	Reorder time.Duration
	// MaxBitRate is how many bits a second the publisher may send, RTP over all tracks; it may save up two seconds. One that
	// sends more is ended. 0: no limit.
	MaxBitRate int64
	// Done is called once, when the publisher is gone: err is nil after a TEARDOWN, else why it is gone
	// without one. It must not call the server. May be nil.
	Done func(err error)
}

// A Presentation is everything under one aggregate URL: one description, and playbacks of it. Its
// methods are safe for concurrent use.
type Presentation interface {
	// Describe returns the current description. It must not be changed afterwards.
	Describe() *Description
	// Open makes a playback for one session. Nothing is played yet.
	Open() (Playback, error)
}

// A Description is what DESCRIBE tells of a presentation, apart from URLs.
type Description struct {
	// SDP names the tracks in its media sections. Control attributes and addresses are the server's to
	// fill in; everything else goes out as it is.
	SDP *sdp.Session
	// Duration of stored media; 0 for live.
	Duration time.Duration
	// Live media has no beginning to seek to: it plays from now on.
	Live bool
	// Range is what is said of the extent instead, as the attribute a=range has it; "": Duration and Live say all.
	Range string
	// Modified is when stored media was last changed; zero if not known (RFC 2326 §12.24).
	Modified time.Time
}

// ErrPaused is what [Playback.Next] returns where a PAUSE was to take effect (RFC 2326 §10.6).
var ErrPaused = errors.New("rtspserver: pause point reached")

// A Playback brings the packets of one presentation to one session. All methods run on the session's
// shard, one at a time, and must not block for long.
type Playback interface {
	// SSRC is the synchronisation source of a track's packets; it never changes.
	SSRC(track int) uint32
	// Select says which tracks are set up, by bit.
	Select(tracks uint64)
	// Attach is told the seat on which the playback is visited, to be woken by what it follows.
	Attach(seat *timeline.Seat)
	// Play begins, seeks or resumes, and says what it really does.
	Play(now time.Time, p *PlayRequest) (*PlayResult, error)
	// Pause stops at once, or, where at names a point still to come, there (RFC 2326 §10.6). It returns
	// the position reached and whether it has stopped already.
	Pause(now time.Time, at *rtsp.Range) (position rtsp.Range, stopped bool, err error)
	// Next returns what is due. When that is nothing, wait says when to ask again; zero means when the
	// timeline grows. io.EOF says that the end of the range is reached, ErrPaused that the point of a PAUSE
	// is; any other error ends the session.
	Next(now time.Time) (b timeline.Batch, wait time.Time, err error)
	// Advance says how many packets of the last batch went out.
	Advance(n int)
	// Report is the content of a sender report for a track: a wall time and the timestamp of the same
	// instant (RFC 3550 §6.4.1); false while it is not known.
	Report(track int, now time.Time) (wall time.Time, ts uint32, ok bool)
	// Close ends the playback; nothing is called after it.
	Close()
}

// A PlayRequest is what PLAY asks for.
type PlayRequest struct {
	Range     *rtsp.Range // nil: from where it stands
	Scale     float64     // 0: not asked for
	Speed     float64     // 0: not asked for
	SeekStyle SeekStyle
	Queue     bool // RFC 2326 §10.5: behind what is being played; `Immediate: yes` turns it off
}

// A SeekStyle says where a seek may land (RFC 7826 §18.47). Empty is RAP.
type SeekStyle string

// The seek styles of RFC 7826 §18.47.
const (
	SeekRAP        SeekStyle = "RAP"         // at the random access point before
	SeekCoRAP      SeekStyle = "CoRAP"       // the same, unless going on from here is nearer
	SeekFirstPrior SeekStyle = "First-Prior" // at the frame before, decodable or not
	SeekNext       SeekStyle = "Next"        // at the first frame not before
)

// A PlayResult is what PLAY gets.
type PlayResult struct {
	Range     rtsp.Range
	Scale     float64
	Speed     float64
	SeekStyle SeekStyle    // the one used
	Tracks    []TrackStart // of the selected tracks that begin at a known place
}

// TrackStart is where a track begins: one entry of RTP-Info (RFC 2326 §12.33).
type TrackStart struct {
	Track   int
	Seq     uint16
	RTPTime uint32
}
