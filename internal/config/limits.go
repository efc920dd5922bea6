package config

import "time"

// Limits are what others may have of the server, all together or each of them.
type Limits struct {
	// Connections are the most of RTSP, ConnectionsPerAddress those of one address.
	Connections, ConnectionsPerAddress int

	// Sessions are the most, SessionsPerAddress those of one address, SessionsPerUser those of one user.
	Sessions, SessionsPerAddress, SessionsPerUser int

	// Header and Body are the most bytes of these parts of a request.
	Header, Body Bytes

	// Stranger is the most memory for a connection that has had no session yet.
	Stranger Bytes

	// RequestTime is how long a request may take from its first byte to its last.
	RequestTime time.Duration

	// Idle is how long a connection without a session may be silent.
	Idle time.Duration
}

// DefaultLimits are generous: they stop floods, not people.
func DefaultLimits() Limits {
	return Limits{
		Connections:           20000,
		ConnectionsPerAddress: 5000,
		Sessions:              20000,
		SessionsPerAddress:    5000,
		SessionsPerUser:       5000,
		Header:                64 * KiB,
		Body:                  1 * MiB,
		Stranger:              64 * KiB,
		RequestTime:           10 * time.Second,
		Idle:                  time.Minute,
	}
}
