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
	audio  bool // the publisher sends a second track
	tracks int  // how many tracks readers play; 0: one
	gop    int  // pictures in a group; 0: 60
	spread string
	look   int  // every so many readers look into what they get; 0: 20
	churn  int  // joins and leaves beside the readers; compared with Baton without them
	stall  bool // one reader more does not read for half a minute; compared with Baton without it
	web    bool // over WebSocket; compared with Baton over TCP
	tls    bool // readers over TLS, with AES-128-GCM
	alone  bool // no floor: it has no groups of pictures
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
	{name: "stored-tcp", what: "300 sessions on one film of 4 Mb/s, each elsewhere in it, TCP", bitRate: 4e6, readers: 300, stored: true, spread: "3s", phases: 10},
	{name: "stored-udp", what: "300 sessions on one film of 4 Mb/s, each elsewhere in it, UDP", bitRate: 4e6, readers: 300, udp: true, stored: true, spread: "3s", phases: 10},
	{name: "av-tcp", what: "1 publisher of 2 Mb/s and AAC, 300 readers of both, TCP", bitRate: 2e6, audio: true, tracks: 2, readers: 300},
	{name: "av-udp", what: "1 publisher of 2 Mb/s and AAC, 300 readers of both, UDP", bitRate: 2e6, audio: true, tracks: 2, readers: 300, udp: true},
	{name: "video-tcp", what: "1 publisher of 2 Mb/s and AAC, 300 readers of the pictures alone, TCP", bitRate: 2e6, audio: true, tracks: 1, readers: 300},
	{name: "video-udp", what: "1 publisher of 2 Mb/s and AAC, 300 readers of the pictures alone, UDP", bitRate: 2e6, audio: true, tracks: 1, readers: 300, udp: true},
	{name: "join-tcp-2s", what: "200 readers join within 10 s, groups of 2 s, TCP", bitRate: 2e6, readers: 200, spread: "10s", look: 1, alone: true},
	{name: "join-udp-2s", what: "200 readers join within 10 s, groups of 2 s, UDP", bitRate: 2e6, readers: 200, spread: "10s", look: 1, udp: true, alone: true},
	{name: "join-tcp-10s", what: "200 readers join within 10 s, groups of 10 s, TCP", bitRate: 2e6, readers: 200, spread: "10s", gop: 300, look: 1, alone: true},
	{name: "join-udp-10s", what: "200 readers join within 10 s, groups of 10 s, UDP", bitRate: 2e6, readers: 200, spread: "10s", gop: 300, look: 1, udp: true, alone: true},
	{name: "churn", what: "10,000 joins and leaves beside 500 readers, 2 Mb/s, TCP", bitRate: 2e6, readers: 500, churn: 10000},
	{name: "stalled", what: "99 readers, and one that stops reading for 30 s, 8 Mb/s, TCP", bitRate: 8e6, readers: 99, stall: true},
	{name: "websocket", what: "1 publisher of 2 Mb/s, 300 readers, RTSP over WebSocket", bitRate: 2e6, readers: 300, web: true},
	{name: "tls-300", what: "1 publisher of 2 Mb/s, 300 readers, RTSP over TLS", bitRate: 2e6, readers: 300, tls: true},
	{name: "tls-1000", what: "1 publisher of 2 Mb/s, 1000 readers, RTSP over TLS", bitRate: 2e6, readers: 1000, tls: true},
	{name: "latency", what: "1 publisher of 2 Mb/s, 1 reader, TCP", bitRate: 2e6, readers: 1},
}
