package lab

import "testing"

// A film that may not be had is refused by its one name, however it is written.
func TestWhatMayNotBeHad(t *testing.T) {
	inMemory(t, func(w *world) {
		w.may = func(file string) bool { return file != "secret/a.mjpeg" && file != moviePath }
		for file, want := range map[string]string{
			"secret/a.mjpeg": "403 Forbidden", "/secret//a.mjpeg": "403 Forbidden", "secret/./a.mjpeg": "403 Forbidden", "x/../secret/a.mjpeg": "404 Not Found", "movie.Mjpeg": "403 Forbidden",
			"public/a.mjpeg": "404 Not Found",
		} {
			s := w.student()
			s.say("SETUP " + file + "\n1\nRTSP/1.0 RTP/UDP 25000\n")
			if answer := s.hear(); answer != "RTSP/1.0 "+want+"\nCSeq: 1\nSession: 0\n" {
				t.Errorf("%s: %q", file, answer)
			}
			s.close()
		}
	})
}
