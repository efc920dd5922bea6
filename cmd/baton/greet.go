package main

import (
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path"

	"github.com/baton-rtsp/baton/internal/folder"
)

// maxGreeted is how many files of the media folder the greeting names.
const maxGreeted = 5

// greet prints what a newcomer can paste into a player.
func greet(w io.Writer, at *sockets, sealed *tlsSide, media *os.Root) {
	base := "rtsp://" + reachable(at.rtsp.Addr())
	fmt.Fprintf(w, "Baton is ready at %s\n\n", base)
	greetTLS(w, sealed)
	line := func(what, path string) { fmt.Fprintf(w, "  %-12s %s/%s\n", what, base, path) }
	line("film", "demo.mp4")
	line("live clock", "clock")
	line("teaching", "movie.mjpeg")
	for _, name := range films(media) {
		line("from media", (&url.URL{Path: name}).EscapedPath())
	}
	fmt.Fprintln(w)
	if site := at.siteAddr(); site != nil {
		scheme := "http"
		if sealed != nil {
			scheme = "https"
		}
		fmt.Fprintf(w, "  in a browser %s://%s\n", scheme, reachable(site))
	}
	fmt.Fprintf(w, "  watch        ffplay %s/clock\n", base)
	fmt.Fprintf(w, "  publish      ffmpeg -re -i FILE -c copy -f rtsp %s/NAME\n\nCtrl-C ends it.\n", base)
}

// greetFirst says how the user logs in who was made just now, if one was.
func greetFirst(w io.Writer, first string) {
	if first != "" {
		fmt.Fprintf(w, "Other machines need a user: %s.\nThis is shown once; \"baton user add NAME\" makes more.\n\n", first)
	}
}

// greetTLS says where TLS is spoken, and by which certificate.
func greetTLS(w io.Writer, sealed *tlsSide) {
	if sealed == nil {
		return
	}
	if sealed.rtsps != nil {
		fmt.Fprintf(w, "  %-12s rtsps://%s\n", "over TLS", reachable(sealed.rtsps.Addr()))
	}
	if sum := sealed.source.Fingerprint(); sum != "" {
		fmt.Fprintf(w, "  %-12s SHA-256 %s\n", "certificate", sum)
	}
	fmt.Fprintln(w)
}

// reachable is an address that a player on this machine can use.
func reachable(addr net.Addr) string {
	host, port, _ := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// films names some of the films in the media folder.
func films(media *os.Root) []string {
	if media == nil {
		return nil
	}
	var names []string
	fs.WalkDir(media.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if len(names) >= maxGreeted {
			return fs.SkipAll
		}
		if d.Type().IsRegular() && folder.Listed(path.Base(name)) {
			names = append(names, name)
		}
		return nil
	})
	return names
}
