package lab

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/internal/container"
	"github.com/baton-rtsp/baton/internal/container/mjpeg"
	"github.com/baton-rtsp/baton/internal/container/mjpeg/film"
)

// A dialect is how a client says things; # is a number, SESSION that of the session.
type dialect struct{ name, setup, play, pause, teardown string }

func dialects() []dialect {
	return []dialect{
		{
			"headers", "SETUP movie.Mjpeg RTSP/1.0\nCSeq: 1\nTransport: RTP/UDP; client_port= PORT",
			"PLAY movie.Mjpeg RTSP/1.0\nCSeq: #\nSession: SESSION", "PAUSE movie.Mjpeg RTSP/1.0\nCSeq: #\nSession: SESSION",
			"TEARDOWN movie.Mjpeg RTSP/1.0\nCSeq: #\nSession: SESSION",
		},
		{
			"headers, ended by CRLF", "SETUP movie.Mjpeg RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/UDP; client_port= PORT\r\n",
			"PLAY movie.Mjpeg RTSP/1.0\r\nCSeq: #\r\nSession: SESSION\r\n", "PAUSE movie.Mjpeg RTSP/1.0\r\nCSeq: #\r\nSession: SESSION\r\n",
			"TEARDOWN movie.Mjpeg RTSP/1.0\r\nCSeq: #\r\nSession: SESSION\r\n",
		},
		{
			"headers, with a blank line", "SETUP movie.Mjpeg RTSP/1.0\nCSeq: 1\nTransport: RTP/UDP; client_port= PORT\n\n",
			"PLAY movie.Mjpeg RTSP/1.0\nCSeq: #\nSession: SESSION\n\n", "PAUSE movie.Mjpeg RTSP/1.0\nCSeq: #\nSession: SESSION\n\n",
			"TEARDOWN movie.Mjpeg RTSP/1.0\nCSeq: #\nSession: SESSION\n\n",
		},
		{
			"numbers", "SETUP movie.Mjpeg\n 1 \n RTSP/1.0 RTP/UDP PORT", "PLAY \n#", "PAUSE \n#", "TEARDOWN \n#",
		},
		{
			"numbers behind a name", "SETUP movie.Mjpeg\n1\nRTSP/1.0 RTP/UDP PORT\n", "PLAY movie.Mjpeg\n#\n", "PAUSE movie.Mjpeg\n#\n", "TEARDOWN movie.Mjpeg\n#\n",
		},
	}
}

// everywhere runs body for each dialect, in memory and on real sockets.
func everywhere(t *testing.T, body func(w *world, d dialect)) {
	for _, d := range dialects() {
		t.Run("memory/"+d.name, func(t *testing.T) { inMemory(t, func(w *world) { body(w, d) }) })
		t.Run("loopback/"+d.name, func(t *testing.T) { onLoopback(t, nil, func(w *world) { body(w, d) }) })
	}
}

func with(text string, n int, session string) string {
	return strings.NewReplacer("SESSION", session, "#", fmt.Sprint(n)).Replace(text)
}

// images are those of a film, as they must arrive.
func images(t *testing.T) [][]byte {
	t.Helper()
	r := film.Open()
	f, err := mjpeg.Open(r, r.Size(), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for i := range f.Tracks[0].Index.Len() {
		s, _ := f.Tracks[0].Index.At(i)
		b, err := f.Tracks[0].Reader.ReadSample(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b)
	}
	return all
}

// A client of each dialect sets up, plays, pauses, goes on where it stopped, and ends. Frames are whole images, numbered from 1.
func TestClientsOfAllDialects(t *testing.T) {
	want := images(t)
	everywhere(t, func(w *world, d dialect) {
		s := w.student()
		defer s.close()
		session := s.ask(d.setup, "200 OK", "1")
		if len(session) != 6 {
			w.t.Fatalf("session %q", session)
		}
		if got := s.ask(with(d.play, 2, session), "200 OK", "2"); got != session {
			w.t.Errorf("session %q after %q", got, session)
		}
		last := 0
		for range 5 {
			n, image := s.frame(2*time.Second, 20480)
			if n <= last || !bytes.Equal(image, want[n-1]) {
				w.t.Fatalf("frame %d of %d bytes, after %d", n, len(image), last)
			}
			last = n
		}
		s.ask(with(d.pause, 3, session), "200 OK", "3")
		last = max(last, s.drain())
		if n, _ := s.frame(200*time.Millisecond, 20480); n >= 0 {
			w.t.Errorf("frame %d in a pause", n)
		}
		s.ask(with(d.play, 4, session), "200 OK", "4")
		if n, image := s.frame(2*time.Second, 20480); n != last+1 || !bytes.Equal(image, want[n-1]) {
			w.t.Errorf("frame %d, want %d", n, last+1)
		}
		s.ask(with(d.teardown, 5, session), "200 OK", "5")
		s.drain()
		if n, _ := s.frame(200*time.Millisecond, 20480); n >= 0 {
			w.t.Errorf("frame %d after the end", n)
		}
	})
}

// A film has its length, at 20 frames a second; then comes nothing, and PLAY begins anew.
func TestFilmEnds(t *testing.T) {
	want := images(t)
	inMemory(t, func(w *world) {
		s := w.student()
		defer s.close()
		s.ask("SETUP movie.mjpeg\n1\nRTSP/1.0 RTP/UDP PORT", "200 OK", "1")
		for round := range 2 {
			s.ask(fmt.Sprintf("PLAY\n%d", round+2), "200 OK", fmt.Sprint(round+2))
			began := time.Now()
			for i := range want {
				if n, image := s.frame(time.Second, 20480); n != i+1 || !bytes.Equal(image, want[i]) {
					t.Fatalf("round %d: frame %d, want %d", round, n, i+1)
				}
			}
			if took := time.Since(began); took.Round(interval) != time.Duration(len(want)-1)*interval {
				t.Errorf("%d frames take %v", len(want), took)
			}
			if n, _ := s.frame(time.Minute, 20480); n >= 0 {
				t.Errorf("frame %d behind the end", n)
			}
		}
	})
}

// Requests that come in pieces, or several at once, are those that they would be alone.
func TestRequestsInPieces(t *testing.T) {
	inMemory(t, func(w *world) {
		s := w.student()
		defer s.close()
		for _, piece := range strings.Split("SETUP movie.Mjpeg RTSP/1.0\nCSeq: 1\nTransport: RTP/UDP; client_port= "+s.port, "") {
			s.say(piece) // pieces of the port are other numbers
			w.wait(silence / 2)
		}
		if answer := s.hear(); !strings.HasPrefix(answer, "RTSP/1.0 200 OK\nCSeq: 1\n") {
			t.Errorf("%q", answer)
		}
		s.say("PLAY\n2\nPAUSE movie.Mjpeg RTSP/1.0\nCSeq: 3\n\n\n\nPLAY\n4\n\nTEARDOWN\n5")
		for _, cseq := range []string{"2", "3", "4", "5"} {
			if answer := s.hear(); !strings.HasPrefix(answer, "RTSP/1.0 200 OK\nCSeq: "+cseq+"\n") {
				t.Errorf("%q, want CSeq %s", answer, cseq)
			}
		}
	})
}

// What makes no sense is answered in three lines too, and harms nobody: the session goes on.
func TestWrongRequests(t *testing.T) {
	inMemory(t, func(w *world) {
		s := w.student()
		defer s.close()
		for _, ask := range []struct{ bytes, status, cseq string }{
			{"PLAY movie.Mjpeg RTSP/1.0\nCSeq: 1\nSession: 1", "455 Method Not Valid in This State", "1"},
			{"TEARDOWN\n2", "455 Method Not Valid in This State", "2"},
			{"SETUP other.Mjpeg RTSP/1.0\nCSeq: 3\nTransport: RTP/UDP; client_port= PORT", "404 Not Found", "3"},
			{"SETUP ../movie.mjpeg RTSP/1.0\nCSeq: 4\nTransport: RTP/UDP; client_port= PORT", "404 Not Found", "4"},
			{"SETUP /etc/passwd RTSP/1.0\nCSeq: 5\nTransport: RTP/UDP; client_port= PORT", "404 Not Found", "5"},
			{"SETUP\n6\nRTSP/1.0 RTP/UDP PORT", "404 Not Found", "6"},
			{"SETUP movie.Mjpeg RTSP/1.0\nCSeq: 7\nTransport: RTP/UDP; client_port= 0", "461 Unsupported Transport", "7"},
			{"SETUP movie.Mjpeg RTSP/1.0\nCSeq: 8\nTransport: RTP/UDP; client_port= 70000", "461 Unsupported Transport", "8"},
			{"SETUP movie.Mjpeg RTSP/1.0\nCSeq: 9\n\n", "461 Unsupported Transport", "9"},
			{"SETUP movie.Mjpeg RTSP/1.0\nCSeq: ten\nTransport: RTP/UDP; client_port= PORT", "400 Bad Request", "0"},
			{"SETUP movie.Mjpeg RTSP/1.0\nCSeq: -1\nTransport: RTP/UDP; client_port= PORT", "400 Bad Request", "0"},
			{"SETUP movie.Mjpeg RTSP/1.0\nCSeq: 99999999999\nTransport: RTP/UDP; client_port= PORT", "400 Bad Request", "0"},
			{"DESCRIBE movie.Mjpeg RTSP/1.0\nCSeq: 10\n\n", "501 Not Implemented", "10"},
			{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "501 Not Implemented", "0"},
			{"play\n11", "501 Not Implemented", "11"},
			{"\x00\xff\x01\n\n", "501 Not Implemented", "0"},
		} {
			if session := s.ask(ask.bytes, ask.status, ask.cseq); session != "0" {
				t.Errorf("%q: session %q", ask.bytes, session)
			}
		}
		session := s.ask("SETUP movie.Mjpeg RTSP/1.0\nCSeq: 20\nTransport: RTP/UDP;client_port=PORT-1", "200 OK", "20")
		s.ask("SETUP movie.Mjpeg\n21\nRTSP/1.0 RTP/UDP PORT", "455 Method Not Valid in This State", "21")
		for _, wrong := range []string{"1", "x", "", "-" + session, session + "0"} {
			s.ask("PLAY movie.Mjpeg RTSP/1.0\nCSeq: 22\nSession: "+wrong, "454 Session Not Found", "22")
		}
		if n, _ := s.frame(200*time.Millisecond, 20480); n >= 0 {
			t.Errorf("frame %d", n)
		}
		s.ask("PAUSE\n23", "200 OK", "23")
		s.ask("PLAY\n24", "200 OK", "24")
		s.ask("PLAY\n25", "200 OK", "25")
		if n, _ := s.frame(time.Second, 20480); n != 1 {
			t.Errorf("frame %d, want 1", n)
		}
		if n, _ := s.frame(time.Second, 20480); n != 2 {
			t.Errorf("frame %d, want 2", n)
		}
	})
}

// Two clients have sessions of their own: what one does is nothing to the other.
func TestTwoClients(t *testing.T) {
	inMemory(t, func(w *world) {
		a, b := w.student(), w.student()
		defer a.close()
		defer b.close()
		first := a.ask("SETUP movie.Mjpeg\n1\nRTSP/1.0 RTP/UDP PORT", "200 OK", "1")
		b.ask("SETUP movie.Mjpeg\n1\nRTSP/1.0 RTP/UDP PORT", "200 OK", "1")
		a.ask("PLAY\n2", "200 OK", "2")
		w.wait(time.Second)
		b.ask("PLAY\n2", "200 OK", "2")
		b.ask("TEARDOWN movie.Mjpeg RTSP/1.0\nCSeq: 3\nSession: "+first, "454 Session Not Found", "3")
		if n, _ := b.frame(time.Second, 20480); n != 1 {
			t.Errorf("the second begins at %d", n)
		}
		b.ask("TEARDOWN\n4", "200 OK", "4")
		last := a.drain()
		if n, _ := a.frame(time.Second, 20480); n != last+1 {
			t.Errorf("frame %d after %d", n, last)
		}
		a.nc.Close()
		w.wait(time.Second)
		a.drain()
		if n, _ := a.frame(time.Second, 20480); n >= 0 {
			t.Errorf("frame %d for a client that is gone", n)
		}
	})
}

// Nobody holds a place by silence, by endless lines, or by many connections; who watches is not silent.
func TestBounds(t *testing.T) {
	inMemory(t, func(w *world) {
		mute, watcher, endless := w.student(), w.student(), w.student()
		for _, s := range []*student{mute, watcher, endless} {
			defer s.close()
		}
		endless.say("SETUP " + strings.Repeat("x", maxRequest))
		if answer := endless.hear(); answer != "RTSP/1.0 400 Bad Request\nCSeq: 0\nSession: 0\n" {
			t.Errorf("%q", answer)
		}
		if answer := endless.hear(); answer != "EOF" {
			t.Errorf("then %q", answer)
		}
		watcher.ask("SETUP movie.Mjpeg\n1\nRTSP/1.0 RTP/UDP PORT", "200 OK", "1")
		w.wait(idleTimeout - time.Second)
		watcher.ask("PLAY\n2", "200 OK", "2")
		w.wait(2 * time.Second)
		if answer := mute.hear(); answer != "EOF" {
			t.Errorf("a client that says nothing gets %q", answer)
		}
		watcher.ask("PAUSE\n3", "200 OK", "3")
		var crowd []*student
		for range maxConns {
			crowd = append(crowd, w.student())
		}
		w.wait(time.Millisecond)
		turned := 0
		for _, s := range crowd {
			s.nc.SetReadDeadline(time.Now().Add(time.Millisecond))
			if _, err := s.nc.Read(make([]byte, 1)); err != nil && !isTimeout(err) {
				turned++
			}
		}
		if turned != 1 {
			t.Errorf("%d of %d are turned away beside one", turned, maxConns)
		}
		watcher.ask("PLAY\n4", "200 OK", "4")
		for _, s := range crowd {
			s.close()
		}
	})
}

func isTimeout(err error) bool {
	ne, ok := err.(net.Error)
	return ok && ne.Timeout()
}

func (w *world) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}

// Files of the media folder are found under their name, in folders too, and nothing outside. Images go out as far as a datagram
// has room; larger ones are left out, with a line in the log.
func TestFilesOfTheMediaFolder(t *testing.T) {
	picture := images(t)[0]
	padded := func(size int) []byte { // with comments (ITU-T T.81 §B.2.4.5) behind the beginning of the image
		b := slices.Clone(picture[:2])
		for rest := size - len(picture); rest > 0; {
			n := min(rest, 60_000)
			if left := rest - n; left > 0 && left < 4 {
				n -= 4
			}
			b = append(append(b, 0xFF, 0xFE, byte((n-2)>>8), byte(n-2)), make([]byte, n-4)...)
			rest -= n
		}
		return append(b, picture[2:]...)
	}
	dir := t.TempDir()
	media := filepath.Join(dir, "media")
	for name, content := range map[string][]byte{
		"media/week 1/a b.mjpeg":  slices.Concat(picture, padded(maxImage), padded(maxImage+1), padded(maxImage+9), padded(20480-headerSize), picture),
		"media/garbage.mjpeg":     []byte("no picture"),
		"media/picture.jpg":       picture,
		"secret.mjpeg":            picture,
		"media/folder.mjpeg/file": nil,
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(media)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	onLoopback(t, root, func(w *world) {
		s := w.student()
		defer s.close()
		for name, want := range map[string]string{
			"garbage.mjpeg": "500 Internal Server Error", "picture.jpg": "404 Not Found", "../secret.mjpeg": "404 Not Found",
			"folder.mjpeg": "404 Not Found", filepath.Join(dir, "secret.mjpeg"): "404 Not Found", "week 1/../../secret.mjpeg": "404 Not Found",
		} {
			s.ask("SETUP "+name+" RTSP/1.0\nCSeq: 1\nTransport: RTP/UDP; client_port= PORT", want, "1")
		}
		s.ask("SETUP week 1/a b.mjpeg RTSP/1.0\nCSeq: 2\nTransport: RTP/UDP; client_port= PORT", "200 OK", "2")
		s.ask("PLAY week 1/a b.mjpeg\n3", "200 OK", "3")
		for _, want := range []struct{ number, size int }{{1, len(picture)}, {2, maxImage}, {5, 20480 - headerSize}, {6, len(picture)}} {
			if n, image := s.frame(5*time.Second, 1<<16); n != want.number || len(image) != want.size {
				t.Errorf("frame %d of %d bytes, want %+v", n, len(image), want)
			}
		}
		if got := strings.Count(w.log.String(), "frame is left out"); got != 1 {
			t.Errorf("%d lines of %s", got, w.log)
		}
	})
}

// Whatever comes, what is left in the buffer gets less, and a request names no port or number that is not there.
func FuzzRequests(f *testing.F) {
	for _, d := range dialects() {
		f.Add([]byte(strings.ReplaceAll(d.setup, "PORT", "25000") + "\n" + d.play))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, over := range []bool{false, true} {
			lines, size, whole := cut(b, over)
			if size < 0 || size > len(b) || whole != (len(lines) > 0) || whole && size == 0 || len(lines) > maxLines {
				t.Fatalf("%q: %d bytes, %q, %v", b, size, lines, whole)
			}
			if whole {
				r := parse(lines)
				if r.cseq < -1 || r.session < -1 {
					t.Fatalf("%q: %+v", b, r)
				}
			}
		}
	})
}
