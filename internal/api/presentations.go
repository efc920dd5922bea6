package api

import (
	"context"
	"math"
	"net/http"
	"path"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/baton-rtsp/baton/internal/paths"
)

// A Presentation is what can be played at one path.
type Presentation struct {
	Path     string     `json:"path" doc:"What follows the host in its URL" example:"films/demo.mp4"`
	Folder   string     `json:"folder" doc:"The path up to its last slash; empty at the top" example:"films"`
	Kind     string     `json:"kind" enum:"live,source,clock,demo,stored" doc:"live: somebody publishes it; source: it is pulled from elsewhere; clock and demo come with Baton; stored: a file of the media folder"`
	Active   bool       `json:"active" doc:"Whether media comes now; of what is pulled on demand only while somebody watches"`
	Broken   bool       `json:"broken,omitempty" doc:"A file that could not be opened"`
	Tracks   []Track    `json:"tracks" doc:"Empty while they are not known"`
	BitRate  int64      `json:"bitRate,omitempty" doc:"Bits a second of all tracks, of what is live over the last seconds" example:"2000000"`
	Readers  int        `json:"readers" doc:"Sessions that have it open"`
	Duration float64    `json:"duration,omitempty" doc:"Seconds, of what is stored"`
	Size     int64      `json:"size,omitempty" doc:"Bytes of the file"`
	Modified *time.Time `json:"modified,omitempty" doc:"When the file was changed last"`
}

// A Track is one medium of a presentation.
type Track struct {
	Type       string  `json:"type" doc:"video, audio, or another of SDP" example:"video"`
	Codec      string  `json:"codec" doc:"The encoding name in RTP" example:"H264"`
	Width      int     `json:"width,omitempty" doc:"Pixels"`
	Height     int     `json:"height,omitempty" doc:"Pixels"`
	FrameRate  float64 `json:"frameRate,omitempty" doc:"Pictures a second"`
	SampleRate int     `json:"sampleRate,omitempty" doc:"Hz"`
	Channels   int     `json:"channels,omitempty"`
}

type presentationsRequest struct {
	Search string `query:"search" maxLength:"200" doc:"Words that must all be in the path, in any case"`
	Limit  int    `query:"limit" minimum:"1" maximum:"10000" default:"1000" doc:"The most presentations in the answer"`
}

type presentationsAnswer struct {
	Body struct {
		Presentations []Presentation `json:"presentations" doc:"What is live first, then by path"`
		Total         int            `json:"total" doc:"How many there are, in the answer or not"`
	}
}

func (s *service) presentations() {
	register(s, huma.Operation{
		OperationID: "list-presentations", Method: http.MethodGet, Path: "/api/v1/presentations",
		Summary: "What who asks may play now",
		Description: "What is in files is looked up in the background: the first answer that names a file may lack it. " +
			"Paths that only a pattern gives a source are listed while they are pulled.",
	}, func(ctx context.Context, r *presentationsRequest) (*presentationsAnswer, error) {
		answer := &presentationsAnswer{}
		list, total := s.Presentations(ctx, r.Search, r.Limit)
		readers := s.readers()
		answer.Body.Total = total
		answer.Body.Presentations = make([]Presentation, 0, len(list))
		for _, l := range list {
			answer.Body.Presentations = append(answer.Body.Presentations, presentation(l, readers[l.Path]))
		}
		return answer, nil
	})
}

// readers is how many sessions read each path.
func (s *service) readers() map[string]int {
	n := map[string]int{}
	for _, session := range s.Server.Sessions() {
		if !session.Publishes() {
			n[session.Path()]++
		}
	}
	return n
}

func presentation(l paths.Listing, readers int) Presentation {
	p := Presentation{
		Path: l.Path, Kind: string(l.Kind), Active: l.Active, Broken: l.Broken, Readers: readers,
		Tracks: make([]Track, 0, len(l.Tracks)), BitRate: int64(math.Round(l.BitRate)), Duration: l.Duration.Seconds(), Size: l.Size,
	}
	if folder := path.Dir(l.Path); folder != "." {
		p.Folder = folder
	}
	if !l.Modified.IsZero() {
		modified := l.Modified.UTC()
		p.Modified = &modified
	}
	for _, t := range l.Tracks {
		p.Tracks = append(p.Tracks, Track(t))
		p.Tracks[len(p.Tracks)-1].FrameRate = math.Round(t.FrameRate*1000) / 1000
	}
	return p
}
