package load

import (
	"errors"
	"fmt"
)

// FloorConfig says what the floor sends: the same frame to every reader at the same time, with as few system calls as can be.
type FloorConfig struct {
	Address string // to listen on
	BitRate float64
	Rate    int
	Packet  int
	Mode    FloorMode
	Pace    bool // packet by packet, spread over the frame's time
	// Phases is in how many groups readers get their frames, one group after the other over the frame's time, as where
	// each reader is elsewhere in a film; 0 means one. Not with Pace.
	Phases int
	// Audio sends a second track as [PublishConfig.Audio] does, to readers that have set it up.
	Audio bool
}

// A FloorMode says with which system calls the floor sends.
type FloorMode string

// The modes of the floor.
const (
	FloorTCP FloorMode = "tcp" // one write for a frame and reader
	FloorUDP FloorMode = "udp" // one sendto for a packet and reader
	FloorGSO FloorMode = "gso" // one sendmsg with UDP_SEGMENT for a frame and reader
	FloorTLS FloorMode = "tls" // one Write of crypto/tls for a frame and reader
)

// ErrNoFloor means that there is no floor for this system.
var ErrNoFloor = errors.New("the floor needs Linux")

// ParseFloorMode returns the mode of a name.
func ParseFloorMode(s string) (FloorMode, error) {
	switch m := FloorMode(s); m {
	case FloorTCP, FloorUDP, FloorGSO, FloorTLS:
		return m, nil
	}
	return "", fmt.Errorf("%q is no mode of the floor: tcp, udp, gso or tls", s)
}
