package e2e

import (
	"encoding/binary"
	"sync/atomic"
	"testing"
	"time"

	"github.com/baton-rtsp/baton/rtspclient"
)

// What a talker sends: each byte says whose it is.
const (
	genuine     = 0x11
	genuineSSRC = 0x01020304
)

// A talker publishes sound, a packet of 20 ms after the other.
type talker struct {
	client   *rtspclient.Client
	sequence atomic.Uint32 // of its last packet
}

// talk publishes with a client until the test ends.
func talk(t *testing.T, client *rtspclient.Client) *talker {
	talk := &talker{client: client}
	packet := append([]byte{0x80, 0}, make([]byte, 10+160)...)
	binary.BigEndian.PutUint32(packet[8:], genuineSSRC)
	for i := range packet[12:] {
		packet[12+i] = genuine
	}
	quit, done := make(chan bool), make(chan bool)
	t.Cleanup(func() { close(quit); <-done; client.Close() })
	go func() { // ends with quit
		defer close(done)
		for every := time.Tick(20 * time.Millisecond); ; {
			n := talk.sequence.Add(1)
			binary.BigEndian.PutUint16(packet[2:], uint16(n))
			binary.BigEndian.PutUint32(packet[4:], 160*n)
			client.Tracks()[0].WriteRTP(packet)
			select {
			case <-quit:
				return
			case <-every:
			}
		}
	}()
	return talk
}
