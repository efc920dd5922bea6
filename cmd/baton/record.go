package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/baton-rtsp/baton/internal/config"
	"github.com/baton-rtsp/baton/internal/record"
	"github.com/baton-rtsp/baton/rtspclient"
)

// recordServer writes what a server plays to a file.
func recordServer(ctx context.Context, c *config.Record, stdout io.Writer) error {
	if c.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.Duration)
		defer cancel()
	}
	r := &recording{cfg: c, out: stdout, progress: newProgress(stdout), begun: time.Now(), failed: make(chan error, 1)}
	client, err := rtspclient.Play(ctx, c.URL, &rtspclient.Config{Lowers: lowersOf(c.Transport), AllowBasic: c.BasicAuth, TLS: c.Trust.TLS(), Packet: r.packet})
	if err != nil {
		return asExit(err)
	}
	if err = r.begin(client); err == nil {
		fmt.Fprintf(stdout, "recording %s over %s\n", client.URL(), client.Tracks()[0].Lower())
		select {
		case <-client.Done():
			err = client.Err()
		case err = <-r.failed:
		case <-ctx.Done():
		}
	}
	last, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client.Teardown(last) // whatever it answers: the program ends
	client.Close()
	r.progress.end()
	if e := r.close(); err == nil || errors.Is(err, rtspclient.ErrEnded) || errors.Is(err, io.EOF) {
		err = e
	}
	return err
}

// A recording is the files that are written.
type recording struct {
	cfg      *config.Record
	out      io.Writer
	progress *progress
	failed   chan error // capacity 1

	// guarded by mu
	mu     sync.Mutex
	client *rtspclient.Client
	early  []rtspclient.Packet // what came before the client was known
	file   record.Writer
	number int       // of the file
	begun  time.Time // of the file
	total  time.Time
	bytes  int64
	ended  bool
}

// begin opens the first file and writes what has come.
func (r *recording) begin(client *rtspclient.Client) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.client, r.total = client, time.Now()
	if err := r.open(); err != nil {
		return err
	}
	for _, p := range r.early {
		if err := r.write(p); err != nil {
			return err
		}
	}
	r.early = nil
	return nil
}

// open opens the next file.
func (r *recording) open() error {
	w, left, err := record.Create(r.name(), r.client.Description(), r.time)
	if err != nil {
		return err
	}
	if r.number == 0 {
		for _, track := range left {
			fmt.Fprintf(r.out, "%s is left out: the format has no room for it\n", track)
		}
	}
	r.file, r.begun = w, time.Now()
	r.number++
	return nil
}

// name is that of the next file: with a number, when there are to be several.
func (r *recording) name() string {
	if r.cfg.Segment <= 0 {
		return r.cfg.File
	}
	ext := filepath.Ext(r.cfg.File)
	return fmt.Sprintf("%s-%04d%s", strings.TrimSuffix(r.cfg.File, ext), r.number+1, ext)
}

// time is the wall time of a timestamp, where the source's own reports tell.
func (r *recording) time(track int, ts uint32) time.Time {
	for _, t := range r.client.Tracks() {
		if t.Index() == track {
			at, _ := t.Time(ts)
			return at
		}
	}
	return time.Time{}
}

// packet takes what comes. The first error of a file ends the recording.
func (r *recording) packet(p rtspclient.Packet) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.client == nil {
		p.Data = append([]byte(nil), p.Data...)
		r.early = append(r.early, p)
		return
	}
	if err := r.write(p); err != nil {
		select {
		case r.failed <- err:
		default:
		}
	}
}

func (r *recording) write(p rtspclient.Packet) error {
	if r.file == nil || r.ended {
		return nil
	}
	if r.cfg.Segment > 0 && time.Since(r.begun) >= r.cfg.Segment && r.file.Whole(p) {
		if err := r.file.Close(); err != nil {
			return err
		}
		if err := r.open(); err != nil {
			r.file = nil
			return err
		}
	}
	r.bytes += int64(len(p.Data))
	took := time.Since(r.total)
	r.progress.show(func() string {
		return fmt.Sprintf("%v, %.1f MB, %s", took.Round(time.Second), float64(r.bytes)/1e6, bitRate(float64(r.bytes)*8/max(took.Seconds(), 1)))
	})
	return r.file.Packet(p)
}

func (r *recording) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
