package api

import (
	"context"
	"net/http"
	"runtime"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Stats is how the server does.
type Stats struct {
	Version     string  `json:"version"`
	Uptime      float64 `json:"uptime" doc:"Seconds"`
	Connections int     `json:"connections" doc:"Open now"`
	Sessions    int     `json:"sessions" doc:"Open now"`
	Requests    uint64  `json:"requests" doc:"Answered since the start"`
	Accepted    uint64  `json:"accepted" doc:"Connections since the start"`
	Refused     uint64  `json:"refused" doc:"Connections and sessions that were too many; refusedBy says of what"`
	RefusedBy   Refused `json:"refusedBy"`
	Unsent      uint64  `json:"unsent" doc:"Datagrams that the system did not take"`
	Panics      uint64  `json:"panics" doc:"Faults that were contained: each is a bug, worth a report"`
	Goroutines  int     `json:"goroutines"`
	Memory      uint64  `json:"memory" doc:"Bytes of the heap in use"`
}

// Refused is who was beyond which limit, since the start.
type Refused struct {
	Connections           uint64 `json:"connections"`
	ConnectionsPerAddress uint64 `json:"connectionsPerAddress"`
	HTTP                  uint64 `json:"http" doc:"Connections of HTTP, by either of these limits"`
	Sessions              uint64 `json:"sessions"`
	SessionsPerAddress    uint64 `json:"sessionsPerAddress"`
	SessionsPerUser       uint64 `json:"sessionsPerUser"`
	Readers               uint64 `json:"readers" doc:"Of paths that had readers enough"`
	BitRate               uint64 `json:"bitRate" doc:"Publishers that sent too much"`
}

type statsAnswer struct{ Body Stats }

func (s *service) stats() {
	register(s, huma.Operation{
		OperationID: "get-stats", Method: http.MethodGet, Path: "/api/v1/stats", Summary: "How the server does",
	}, func(context.Context, *struct{}) (*statsAnswer, error) {
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		n := s.Server.Stats()
		by, turned := n.RefusedBy, s.HTTPRefused()
		return &statsAnswer{Stats{
			Version: s.Version, Uptime: time.Since(s.began).Seconds(), Connections: n.Conns, Sessions: n.Sessions,
			Requests: n.Requests, Accepted: n.Accepted, Refused: n.Refused + turned, Unsent: n.Unsent, Panics: n.Panics,
			RefusedBy: Refused{
				Connections: by.Conns, ConnectionsPerAddress: by.ConnsPerHost, HTTP: turned, Sessions: by.Sessions, SessionsPerAddress: by.SessionsPerHost,
				SessionsPerUser: by.SessionsPerUser, Readers: by.Readers, BitRate: by.BitRate,
			},
			Goroutines: runtime.NumGoroutine(), Memory: memory.HeapInuse,
		}}, nil
	})
}
