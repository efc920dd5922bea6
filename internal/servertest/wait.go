package servertest

import (
	"testing/synctest"
	"time"
)

// Wait lets d pass; in memory that is virtual time, and costs nothing.
func (w *World) Wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}

// Settle lets everything happen that needs no time. It does nothing outside of memory.
func (w *World) Settle() {
	if w.Net != nil {
		synctest.Wait()
	}
}

// Until waits until something holds, and tells whether it did within d.
func (w *World) Until(d time.Duration, holds func() bool) bool {
	for end := time.Now().Add(d); ; w.Wait(5 * time.Millisecond) {
		if holds() {
			return true
		}
		if !time.Now().Before(end) {
			return false
		}
	}
}

// Pending is what has come and was not read yet, without waiting for more.
func (c *Client) Pending() string {
	c.Conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	before := len(c.script.received())
	c.reader.Wait()
	return c.script.received()[before:]
}
