package paths_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/baton-rtsp/baton/internal/servertest"
	"github.com/baton-rtsp/baton/rtsp"
)

// upwards are the ways to write "the folder above" that have led out of others (Janus, ZLMediaKit, mediamtx #5602).
var upwards = []string{
	"../", "..%2f", "..%2F", "%2e%2e/", "%2e%2e%2f", "%2E%2E%2F", ".%2e/", "%2e./", "..\\", "..%5c", "%2e%2e%5c", "..%5C..%2f", "%252e%252e%252f", "..%252f",
	"..%c0%af", "%c0%ae%c0%ae/", "%c0%ae%c0%ae%c0%af", "..%ef%bc%8f", "%uff0e%uff0e/", "....//", "..../", "..;/", ".././", "./../", "//../", "%2f../", "%00../", "..%00/",
	"..%0a/", "..%20/", "..%09/", "sub/../../", "sub/..%2f../", "sub/%2e%2e/%2e%2e/", "film.mjpeg/../../", "film.mjpeg%00/../../", "outside/", "outside/../",
	"outside/%2e%2e/", "in.mjpeg/../../",
}

// SYN-25: nothing outside of the media folder is described, set up or taken a publisher for, however its name is written and however often
// the folder above is named: not a file above it, not one of a folder whose name only begins the same (ZLMediaKit #4817), and not by a link.
func TestNoNameLeadsOutOfTheMediaFolder(t *testing.T) {
	media := mediaFolder(t)
	above := filepath.ToSlash(filepath.Dir(media.Name()))
	var names []string
	for _, up := range upwards {
		for _, n := range []int{1, 2, 12} {
			for _, file := range []string{"secret.mjpeg", "media-secret/film.mjpeg", "media-secret%2ffilm.mjpeg", "etc/passwd", strings.TrimPrefix(above, "/") + "/secret.mjpeg"} {
				names = append(names, strings.Repeat(up, n)+file)
			}
		}
	}
	names = append(names,
		above+"/secret.mjpeg", "/"+above+"/secret.mjpeg", strings.ReplaceAll(above, "/", "%2f")+"%2fsecret.mjpeg", "file://"+above+"/secret.mjpeg",
		"out.mjpeg", "absolute.mjpeg", "outside/film.mjpeg", "loop.mjpeg", "secret.mjpeg", "film.mjpeg/secret.mjpeg", "~/secret.mjpeg", "C:%5csecret.mjpeg", "%5c%5chost%5csecret.mjpeg",
		"..", "../", ".", "%2e%2e", "film.mjpeg%00.png", "film.mjpeg%00", strings.Repeat("../", 3000)+"etc/passwd", strings.Repeat("a/", 3000)+strings.Repeat("../", 3001)+"secret.mjpeg",
	)
	serve(t, nil, media, func(t *testing.T, w *servertest.World) {
		ask := func(method, name string) rtsp.StatusCode {
			c := w.DialAs("192.0.2.20")
			defer c.Close()
			headers := []string{"Transport: RTP/AVP/TCP;unicast"}
			if method == "ANNOUNCE" {
				headers = append(headers, "Content-Type: application/sdp", "\r\n"+servertest.Audio)
			}
			url := w.URL + "/" + name
			if method == "SETUP" {
				url += "/trackID=0"
			}
			return c.Do(method, url, headers...).Status
		}
		if a, b, c := ask("DESCRIBE", "film.mjpeg"), ask("SETUP", "film.mjpeg"), ask("ANNOUNCE", "cam"); a != 200 || b != 200 || c != 200 {
			t.Errorf("names that are right: %d, %d, %d", a, b, c)
		}
		for _, name := range names {
			for _, method := range []string{"DESCRIBE", "SETUP", "PLAY"} {
				if got := ask(method, name); got/100 != 4 {
					t.Errorf("%s %.60s: %d", method, name, got)
				}
			}
			if plain, _, _ := strings.Cut(strings.NewReplacer("%2e", ".", "%2E", ".", "%2f", "/", "%2F", "/").Replace(name), "\x00"); strings.HasPrefix(plain, "../") {
				if got := ask("ANNOUNCE", name); got/100 != 4 {
					t.Errorf("ANNOUNCE %.60s: %d", name, got)
				}
			}
		}
	})
}

// There is no query that makes the server play from elsewhere: what follows the path is not ours to obey.
func TestQueriesNameNoSource(t *testing.T) {
	serve(t, nil, mediaFolder(t), func(t *testing.T, w *servertest.World) {
		ln, err := w.Net.Listen("169.254.169.254:554")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		c := w.Dial()
		defer c.Close()
		for _, name := range []string{"source", "src", "url", "file", "path", "redirect", "location", "destination"} {
			for _, value := range []string{"rtsp://169.254.169.254/", "rtsp%3A%2F%2F169.254.169.254%2F", "../secret.mjpeg", "exec:id", "file:///etc/passwd"} {
				if got := status(c, w.URL+"/film.mjpeg?"+name+"="+value); got != rtsp.StatusOK {
					t.Errorf("film.mjpeg?%s=%s: %d", name, value, got)
				}
				if got := status(c, w.URL+"/nothing?"+name+"="+value); got != rtsp.StatusNotFound {
					t.Errorf("nothing?%s=%s: %d", name, value, got)
				}
			}
		}
		if open := w.Net.Open(); strings.Count(strings.Join(open, " "), "169.254.169.254:554") != 1 { // that listens
			t.Errorf("connected: %q", open)
		}
	})
}
