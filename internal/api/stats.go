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
	Refused     uint64  `json:"refused" doc:"Connections and sessions that were too many"`
	Unsent      uint64  `json:"unsent" doc:"Datagrams that the system did not take"`
	Panics      uint64  `json:"panics" doc:"Faults that were contained: each is a bug, worth a report"`
	Goroutines  int     `json:"goroutines"`
	Memory      uint64  `json:"memory" doc:"Bytes of the heap in use"`
}

type statsAnswer struct{ Body Stats }

func (s *service) stats() {
	register(s, huma.Operation{
		OperationID: "get-stats", Method: http.MethodGet, Path: "/api/v1/stats", Summary: "How the server does",
	}, func(context.Context, *struct{}) (*statsAnswer, error) {
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		n := s.Server.Stats()
		return &statsAnswer{Stats{
			Version: s.Version, Uptime: time.Since(s.began).Seconds(), Connections: n.Conns, Sessions: n.Sessions,
			Requests: n.Requests, Accepted: n.Accepted, Refused: n.Refused, Unsent: n.Unsent, Panics: n.Panics,
			Goroutines: runtime.NumGoroutine(), Memory: memory.HeapInuse,
		}}, nil
	})
}
