package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path"

	"github.com/baton-rtsp/baton/internal/auth"
	"github.com/baton-rtsp/baton/internal/folder"
)

// maxGreeted is how many files of the media folder the greeting names.
const maxGreeted = 5

// withUser is what stands in a URL where somebody has to say who they are.
const withUser = "USER:PASSWORD@"

// A place is whence somebody comes, as far as the greeting tells places apart: one address stands for each.
type place string

const (
	here   place = "127.0.0.1"
	others place = "192.0.2.1"
)

// login is what a URL needs so that who comes from a place may do something: nothing, or withUser.
func (x *access) login(action auth.Action, from place) string {
	if auth.Everybody(x.anonymous, action, netip.MustParseAddr(string(from))) {
		return ""
	}
	return withUser
}

// A welcome is what the greeting tells of.
type welcome struct {
	at     *sockets
	sealed *tlsSide
	media  *os.Root
	who    *access
	from   netip.Addr // by which others reach this machine; the zero Addr: that is not known
}

// greet prints what a newcomer can paste into a player, in one write: the log does not come in between.
func greet(stdout io.Writer, is *welcome) {
	var w bytes.Buffer
	base := reachable(is.at.rtsp.Addr())
	fmt.Fprintf(&w, "Baton is ready at rtsp://%s\n\n", base)
	greetTLS(&w, is.sealed)
	login := is.who.login(auth.Read, here)
	line := func(what, format string, args ...any) {
		fmt.Fprintf(&w, "  %-12s "+format+"\n", append([]any{what}, args...)...)
	}
	film := func(what, path string) { line(what, "rtsp://%s%s/%s", login, base, path) }
	film("film", "demo.mp4")
	film("live clock", "clock")
	film("teaching", "movie.mjpeg")
	for _, name := range films(is.media) {
		film("from media", (&url.URL{Path: name}).EscapedPath())
	}
	fmt.Fprintln(&w)
	if site := is.at.siteAddr(); site != nil {
		line("in a browser", "%s://%s", is.web(), reachable(site))
	}
	line("watch", "ffplay rtsp://%s%s/clock", login, base)
	line("publish", "ffmpeg -re -i FILE -c copy -f rtsp rtsp://%s%s/NAME", is.who.login(auth.Publish, here), base)
	is.greetOthers(line)
	fmt.Fprintf(&w, "\nCtrl-C ends it.\n")
	stdout.Write(w.Bytes())
}

// greetOthers says how other machines come in, if they can.
func (is *welcome) greetOthers(line func(what, format string, args ...any)) {
	const what = "elsewhere"
	login := is.who.login(auth.Read, others)
	scheme, media := "rtsp", is.outside(is.at.rtsp.Addr())
	if is.sealed != nil && is.sealed.rtsps != nil {
		scheme, media = "rtsps", is.outside(is.sealed.rtsps.Addr())
	}
	site := is.outside(is.at.siteAddr())
	if login != "" && is.who.strangers && media+site != "" {
		line(what, "nobody may watch yet: \"baton user add NAME\" makes a user")
		return
	}
	if media != "" {
		line(what, "%s://%s%s/clock", scheme, login, media)
	}
	if site != "" {
		line(what, "%s://%s", is.web(), site)
	}
}

// web is the scheme of the web side.
func (is *welcome) web() string {
	if is.sealed != nil {
		return "https"
	}
	return "http"
}

// outside is an address that players on other machines can use; "": there is none, or it is not known.
func (is *welcome) outside(addr net.Addr) string {
	if addr == nil {
		return ""
	}
	at, err := netip.ParseAddrPort(addr.String())
	if err == nil && at.Addr().IsUnspecified() {
		at = netip.AddrPortFrom(is.from, at.Port())
	}
	if err != nil || !at.Addr().IsValid() || at.Addr().IsLoopback() {
		return ""
	}
	return at.String()
}

// greetFirst says how the user logs in who was made just now, if one was.
func greetFirst(w io.Writer, who *access) {
	if who.first == "" {
		return
	}
	whose := "Other machines need a user"
	if who.login(auth.Read, others) == "" {
		whose = "The API needs a user"
	}
	fmt.Fprintf(w, "%s: %s.\nThis is shown once; \"baton user password admin\" makes another password, \"baton user add NAME\" another user.\n\n", whose, who.first)
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
