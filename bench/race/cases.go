package main

// A contest is one case. Bit rates are in bits a second.
type contest struct {
	name, what string
	paths      int // publishers; 0: one
	bitRate    float64
	pubUDP     bool
	pace       bool
	coalesce   string
	readers    int
	udp        bool
	stored     bool
	// phases is in how many groups the floor sends: where each reader, or each publisher, is at a time of its own, all
	// readers at one instant would be another delivery, and a cheaper one.
	phases int
}

var cases = []contest{
	{name: "tcp-300", what: "1 publisher of 2 Mb/s, 300 readers, TCP", bitRate: 2e6, readers: 300},
	{name: "tcp-1000", what: "1 publisher of 2 Mb/s, 1000 readers, TCP", bitRate: 2e6, readers: 1000},
	{name: "udp-300", what: "1 publisher of 2 Mb/s, 300 readers, UDP", bitRate: 2e6, readers: 300, udp: true},
	{name: "udp-1000", what: "1 publisher of 2 Mb/s, 1000 readers, UDP", bitRate: 2e6, readers: 1000, udp: true},
	{name: "large-tcp", what: "1 publisher of 20 Mb/s, 100 readers, TCP", bitRate: 20e6, readers: 100},
	{name: "large-udp", what: "1 publisher of 20 Mb/s, 100 readers, UDP", bitRate: 20e6, readers: 100, udp: true},
	{name: "many-tcp", what: "300 publishers of 500 kb/s, 3 readers each, TCP in and out", paths: 300, bitRate: 5e5, readers: 900, phases: 30},
	{name: "many-udp", what: "300 publishers of 500 kb/s, 3 readers each, UDP in and out", paths: 300, bitRate: 5e5, pubUDP: true, readers: 900, udp: true, phases: 30},
	{name: "paced", what: "1 publisher of 2 Mb/s that spreads its packets over time, 300 readers, TCP", bitRate: 2e6, pace: true, readers: 300},
	{name: "coalesced", what: "the same with coalesce: 10ms", bitRate: 2e6, pace: true, coalesce: "10ms", readers: 300},
	{name: "stored-tcp", what: "300 sessions on one film of 4 Mb/s, each elsewhere in it, TCP", bitRate: 4e6, readers: 300, stored: true, phases: 10},
	{name: "stored-udp", what: "300 sessions on one film of 4 Mb/s, each elsewhere in it, UDP", bitRate: 4e6, readers: 300, udp: true, stored: true, phases: 10},
	{name: "latency", what: "1 publisher of 2 Mb/s, 1 reader, TCP", bitRate: 2e6, readers: 1},
}
