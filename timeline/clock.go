package timeline

import "time"

// Report is the content of a sender report of a track (RFC 3550 §6.4.1): the RTP timestamp, as readers
// see it, of this moment. False while nothing has arrived.
func (t *Timeline) Report(track int, now time.Time) (ts uint32, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.tracks[track].clock
	return c.Timestamp(now), c.Running()
}

// Time is when the media of an RTP timestamp was captured, as far as is known: by the source's sender
// reports, else by when packets arrive. It undoes Report.
func (t *Timeline) Time(track int, ts uint32) (at time.Time, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.tracks[track].clock
	return c.Time(ts), c.Running()
}
