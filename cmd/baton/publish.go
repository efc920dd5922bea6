package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/open"
	"github.com/baton-rtsp/baton/internal/source"
	"github.com/baton-rtsp/baton/internal/vod"
	"github.com/baton-rtsp/baton/rtp"
	"github.com/baton-rtsp/baton/rtspclient"
	"github.com/baton-rtsp/baton/sdp"
)

// An input is what can be published.
type input interface {
	Run(ctx context.Context, to source.Sink) error
}

// publish sends a file, or a stream from standard input, to a server in real time.
func publish(ctx context.Context, c *config.Publish, stdin io.Reader, stdout io.Writer) error {
	from, desc, closeInput, err := openInput(ctx, c, stdin)
	if err != nil {
		return err
	}
	defer closeInput()
	p := &publishing{progress: newProgress(stdout), begun: time.Now()}
	p.client, err = rtspclient.Publish(ctx, c.URL, desc, &rtspclient.Config{Lowers: lowersOf(c.Transport), AllowBasic: c.BasicAuth, TLS: c.Trust.TLS(), Packet: p.heard})
	if err != nil {
		return asExit(err)
	}
	defer p.client.Close()
	p.tracks = p.client.Tracks()
	fmt.Fprintf(stdout, "publishing %s to %s over %s\n", c.File, p.client.URL(), p.tracks[0].Lower())
	err = from.Run(ctx, p)
	p.progress.end()
	last, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	p.client.Teardown(last) // whatever it answers: the program ends
	if errors.Is(err, io.EOF) || ctx.Err() != nil {
		return nil
	}
	return err
}

func openInput(ctx context.Context, c *config.Publish, stdin io.Reader) (input, *sdp.Session, func(), error) {
	if c.File == "-" {
		s, err := source.OpenStream(ctx, stdin, c.FrameRate)
		if err != nil {
			return nil, nil, nil, err
		}
		return s, s.Describe(), func() {}, nil
	}
	film, closeFile, err := openFilm(ctx, c)
	if err != nil {
		return nil, nil, nil, err
	}
	return source.Film{Presentation: film}, film.Describe().SDP, closeFile, nil
}

// openFilm opens a media file of any container. Those that take a pass over the file are read through first.
func openFilm(ctx context.Context, c *config.Publish) (*vod.Film, func(), error) {
	name := c.File
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	closeFile := func() { f.Close() }
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", name)
	}
	var file *container.File
	if err == nil {
		file, err = open.Open(f, info.Size(), container.Options{FrameRate: c.FrameRate})
	}
	if err == nil && file.Scan != nil {
		err = file.Scan(ctx)
	}
	var film *vod.Film
	if err == nil {
		film, err = vod.NewFilm(file, vod.FilmConfig{Name: filepath.Base(name), Loop: c.Loop})
	}
	if err != nil {
		closeFile()
		return nil, nil, err
	}
	return film, closeFile, nil
}

func lowersOf(transport string) []rtspclient.Lower {
	switch transport {
	case "udp":
		return []rtspclient.Lower{rtspclient.UDP}
	case "tcp":
		return []rtspclient.Lower{rtspclient.TCP}
	case "multicast":
		return []rtspclient.Lower{rtspclient.Multicast}
	}
	return nil
}

// A publishing sends a film to a server, and shows how far it is.
type publishing struct {
	client   *rtspclient.Client
	tracks   []*rtspclient.Track
	progress *progress
	begun    time.Time
	bytes    int64
	lost     lossOf
}

// Write sends a packet.
func (p *publishing) Write(track int, pkt rtp.Packet, _ time.Time) error {
	p.bytes += int64(len(pkt))
	return p.tracks[track].WriteRTP(pkt)
}

// Report does nothing: the client makes sender reports of what it sends.
func (p *publishing) Report(int, rtp.SenderReport, time.Time) {}

// Flush shows the progress.
func (p *publishing) Flush() {
	took := time.Since(p.begun)
	p.progress.show(func() string {
		s := fmt.Sprintf("%v, %s", took.Round(time.Second), bitRate(float64(p.bytes)*8/max(took.Seconds(), 1)))
		if lost, ok := p.lost.get(); ok {
			s += fmt.Sprintf(", %.1f %% lost on the way", lost)
		}
		return s
	})
}

// heard looks into the server's receiver reports.
func (p *publishing) heard(pkt rtspclient.Packet) {
	if !pkt.RTCP {
		return
	}
	for r := range rtp.Packets(pkt.Data) {
		for b := range r.Reports() {
			p.lost.set(float64(b.FractionLost) / 256 * 100)
		}
	}
}
