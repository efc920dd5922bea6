package config

import (
	"log/slog"
	"net/netip"
	"time"

	"github.com/baton-rtsp/baton/timeline"
)

// A key is one setting of a T: its name in the file (and of its flag), what it is
// about in a sentence, its default as text ("" if it has none that is always the
// same), an example, and how its text becomes a value.
type key[T any] struct {
	list    bool // several values may be given as a list: their text is then joined by blanks
	name    string
	help    string
	initial string
	example string
	set     func(t *T, text string) error
}

// pathsKey is the one key of the file that is not a single value.
const pathsKey = "paths"

// serverKeys are the keys of the file's top level, paths aside.
var serverKeys = []key[Config]{
	{
		name: "rtsp", initial: ":8554",
		help: "Address of RTSP.",
		set:  value(func(c *Config) *string { return &c.RTSP }, parseAddress),
	},
	{
		name: "rtsps", initial: ":8322",
		help: "Address of RTSP over TLS, if tls is set. off: none.",
		set:  value(func(c *Config) *string { return &c.RTSPS }, parseAddressOrOff),
	},
	{
		name: "udp", initial: "8000-8001",
		help: "Ports of RTP and RTCP over UDP, 0 for any free pair.",
		set:  value(func(c *Config) *UDPPorts { return &c.UDP }, ParseUDPPorts),
	},
	{
		name: "http", initial: ":8080",
		help: "Address of the web side, HTTPS if tls is set. off: none.",
		set:  value(func(c *Config) *string { return &c.HTTP }, parseAddressOrOff),
	},
	{
		name: "origins", example: "https://example.org", list: true,
		help: "Pages of other hosts that may use RTSP over WebSocket; * is any.",
		set:  value(func(c *Config) *[]string { return &c.Origins }, parseOrigins),
	},
	{
		name: "hosts", example: "video.example.org", list: true,
		help: "Names by which browsers reach the web side and the API, besides addresses, localhost and this machine's own; * is any, not for the API.",
		set:  value(func(c *Config) *[]string { return &c.Hosts }, parseHosts),
	},
	{
		name: "api", initial: "127.0.0.1:8081",
		help: "Address of the admin API. off: none.",
		set:  value(func(c *Config) *string { return &c.API }, parseAddressOrOff),
	},
	{
		name: "lab", example: "127.0.0.1:1025",
		help: "Address for clients of the networking exercise.",
		set:  value(func(c *Config) *string { return &c.Lab }, parseLoopbackOrOff),
	},
	{
		name: "media", example: defaultMedia,
		help: "Folder of stored media. The default one may be absent.",
		set:  value(func(c *Config) *string { return &c.Media }, parseFolder),
	},
	{
		name: "state", example: "/var/lib/baton",
		help: "Folder for what outlives a restart. off: none.",
		set:  value(func(c *Config) *string { return &c.State }, parseFolder),
	},
	{
		name: "log-level", initial: "info",
		help: "What is logged: debug, info, warn or error.",
		set:  value(func(c *Config) *slog.Level { return &c.LogLevel }, parseLogLevel),
	},
	{
		name: "memory", initial: "1GB",
		help: "The most that live paths keep in memory, all together, 8MB to 1TB.",
		set:  value(func(c *Config) *Bytes { return &c.Memory }, within(8*MB, 1*TB, ParseBytes)),
	},
	{
		name: "tls.cert", example: "/etc/baton/cert.pem",
		help: "File of the certificate for TLS, with those between it and its authority. It is read again when it changes.",
		set:  value(func(c *Config) *string { return &c.TLS.Cert }, parseFileName),
	},
	{
		name: "tls.key", example: "/etc/baton/key.pem",
		help: "File of its key.",
		set:  value(func(c *Config) *string { return &c.TLS.Key }, parseFileName),
	},
	{
		name: "tls.auto", initial: "false",
		help: "Whether Baton makes a certificate of its own instead, whose fingerprint it prints. It is kept in the state folder.",
		set:  value(func(c *Config) *bool { return &c.TLS.Auto }, parseBool),
	},
	{
		name: "tls.acme.domains", example: "cams.example.org", list: true,
		help: "Names of this server for which an authority is asked for a certificate instead. It checks them on port 80 or 443.",
		set:  value(func(c *Config) *[]string { return &c.TLS.ACME.Domains }, parseDomains),
	},
	{
		name: "tls.acme.email", example: "you@example.org",
		help: "Where the authority may write to.",
		set:  value(func(c *Config) *string { return &c.TLS.ACME.Email }, parseEmail),
	},
	{
		name: "tls.acme.ca", example: "https://acme-v02.api.letsencrypt.org/directory",
		help: "The authority, by the URL of its ACME directory, if it is not Let's Encrypt.",
		set:  value(func(c *Config) *string { return &c.TLS.ACME.CA }, parseDirectory),
	},
	{
		name: "limits.connections", initial: "20000",
		help: "The most RTSP connections, 1 to 1000000. Who is beyond a limit hears 503 and when to come again.",
		set:  value(func(c *Config) *int { return &c.Limits.Connections }, within(1, 1000000, parseInt)),
	},
	{
		name: "limits.connections-per-address", initial: "5000",
		help: "The most of them from one address, 1 to 1000000. Many people can be behind one.",
		set:  value(func(c *Config) *int { return &c.Limits.ConnectionsPerAddress }, within(1, 1000000, parseInt)),
	},
	{
		name: "limits.sessions", initial: "20000",
		help: "The most sessions, of readers and publishers, 1 to 1000000.",
		set:  value(func(c *Config) *int { return &c.Limits.Sessions }, within(1, 1000000, parseInt)),
	},
	{
		name: "limits.sessions-per-address", initial: "5000",
		help: "The most of them from one address, 1 to 1000000.",
		set:  value(func(c *Config) *int { return &c.Limits.SessionsPerAddress }, within(1, 1000000, parseInt)),
	},
	{
		name: "limits.sessions-per-user", initial: "5000",
		help: "The most of them of one user, 1 to 1000000. Those of nobody in particular count by address alone.",
		set:  value(func(c *Config) *int { return &c.Limits.SessionsPerUser }, within(1, 1000000, parseInt)),
	},
	{
		name: "limits.header", initial: "64KiB",
		help: "The most bytes of a request's header, 8KiB to 1MiB.",
		set:  value(func(c *Config) *Bytes { return &c.Limits.Header }, within(8*KiB, 1*MiB, ParseBytes)),
	},
	{
		name: "limits.body", initial: "1MiB",
		help: "The most bytes of a request's body, such as a description, 8KiB to 16MiB.",
		set:  value(func(c *Config) *Bytes { return &c.Limits.Body }, within(8*KiB, 16*MiB, ParseBytes)),
	},
	{
		name: "limits.stranger", initial: "64KiB",
		help: "The most memory for a connection that has had no session yet, 32KiB to 1MiB: its requests are smaller until then.",
		set:  value(func(c *Config) *Bytes { return &c.Limits.Stranger }, within(32*KiB, 1*MiB, ParseBytes)),
	},
	{
		name: "limits.request-time", initial: "10s",
		help: "How long a request may take from its first byte to its last, 1s to 10m.",
		set:  value(func(c *Config) *time.Duration { return &c.Limits.RequestTime }, within(time.Second, 10*time.Minute, parseDuration)),
	},
	{
		name: "limits.idle", initial: "1m",
		help: "How long a connection without a session may be silent, 1s to 24h.",
		set:  value(func(c *Config) *time.Duration { return &c.Limits.Idle }, within(time.Second, 24*time.Hour, parseDuration)),
	},
	{
		name: "egress.deny", initial: "link-local metadata", list: true,
		help: "Where no source, no redirection of one, no authoriser and no authority may lead: all, link-local, loopback, metadata (of clouds), multicast, private, addresses, ranges.",
		set:  value(func(c *Config) *[]string { return &c.Egress.Deny }, parseEgress),
	},
	{
		name: "egress.allow", example: "192.168.1.0/24", list: true,
		help: "Where they may lead although it is denied.",
		set:  value(func(c *Config) *[]string { return &c.Egress.Allow }, parseEgress),
	},
	{
		name: "auth.http", example: "https://example.org/allow",
		help: "Asked by POST about those whom the list of users does not know.",
		set:  value(func(c *Config) *HTTPURL { return &c.Auth.HTTP }, parseHTTPURL),
	},
	{
		name: "auth.timeout", initial: "3s",
		help: "How long it may take to answer, 100ms to 8s; then clients are told to try again, or to log in where there are users.",
		set:  value(func(c *Config) *time.Duration { return &c.Auth.Timeout }, within(100*time.Millisecond, 8*time.Second, parseDuration)),
	},
	{
		name: "auth.cache", initial: "30s",
		help: "How long its answers hold, up to 1h.",
		set:  value(func(c *Config) *time.Duration { return &c.Auth.Cache }, within(0, time.Hour, parseDuration)),
	},
	{
		name: "auth.jwt.jwks", example: "https://example.org/.well-known/jwks.json",
		help: "Where the public keys of tokens are. Tokens come as ?token= or ?jwt=, inside TLS also as Bearer.",
		set:  value(func(c *Config) *HTTPURL { return &c.Auth.JWT.JWKS }, parseHTTPURL),
	},
	{
		name: "auth.jwt.claim", initial: "baton",
		help: "The claim that says what the bearer of a token may do: a list such as that behind allow of a user.",
		set:  value(func(c *Config) *string { return &c.Auth.JWT.Claim }, word),
	},
	{
		name: "auth.jwt.issuer", example: "https://example.org",
		help: "What tokens have to name as iss.",
		set:  value(func(c *Config) *string { return &c.Auth.JWT.Issuer }, word),
	},
	{
		name: "auth.jwt.audience", example: "baton",
		help: "What tokens have to name as aud.",
		set:  value(func(c *Config) *string { return &c.Auth.JWT.Audience }, word),
	},
	{
		name: "auth.md5", initial: "true",
		help: "Whether clients may log in with Digest and MD5, which ffmpeg and GStreamer need; with SHA-256 they always may.",
		set:  value(func(c *Config) *bool { return &c.Auth.MD5 }, parseBool),
	},
	{
		name: "audit", initial: "off",
		help: "Where it is written down who did what, as lines of JSON: a file, stderr or off.",
		set:  value(func(c *Config) *AuditTo { return &c.Audit }, parseAudit),
	},
}

// pathKeys are the keys of one path's settings.
var pathKeys = []key[PathRule]{
	{
		name: "redirect", example: "rtsp://other:8554/cam1",
		help: "Where readers are sent instead.",
		set:  given(func(r *PathRule) **URL { return &r.Redirect }, ParseURL),
	},
	{
		name: "source", example: "rtsp://user:password@camera/stream1", list: true,
		help: "Where the media is pulled from: a URL, or a list (the first that works counts); or file:NAME. {*}: what * matched.",
		set:  given(func(r *PathRule) **Sources { return &r.Source }, parseSources),
	},
	{
		name: "on-demand", initial: "false",
		help: "Whether a source is pulled only while somebody watches. Those of patterns always are.",
		set:  given(func(r *PathRule) **bool { return &r.OnDemand }, parseBool),
	},
	{
		name: "per-viewer", initial: "false",
		help: "Whether each viewer gets a session of its own with the source: PLAY, PAUSE, Range and Scale are passed on to it.",
		set:  given(func(r *PathRule) **bool { return &r.PerViewer }, parseBool),
	},
	{
		name: "linger", initial: "10s",
		help: "How long a source that is pulled on demand runs on without readers, up to 1h.",
		set:  given(func(r *PathRule) **time.Duration { return &r.Linger }, within(0, time.Hour, parseDuration)),
	},
	{
		name: "start-timeout", initial: "10s",
		help: "How long readers wait for a source that has not begun, up to 1m; then they are told to try again.",
		set:  given(func(r *PathRule) **time.Duration { return &r.StartTimeout }, within(0, time.Minute, parseDuration)),
	},
	{
		name: "transport", initial: "auto",
		help: "How a source is pulled: auto (UDP, or TCP where that does not work), udp, tcp or multicast.",
		set:  given(func(r *PathRule) **Transport { return &r.Transport }, parseTransport),
	},
	{
		name: "basic-auth", initial: "false",
		help: "Whether a source that asks for nothing better may get its password in clear text.",
		set:  given(func(r *PathRule) **bool { return &r.BasicAuth }, parseBool),
	},
	{
		name: "trust", example: "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89",
		help: "By what a source is known over TLS, if not by the authorities of the system: SHA-256 of its certificate, or a file of authorities.",
		set:  given(func(r *PathRule) **Trust { return &r.Trust }, ParseTrust),
	},
	{
		name: "window", initial: "8MB",
		help: "How much of a live path is kept for slow and new readers, 64KB to 1GB.",
		set:  given(func(r *PathRule) **Bytes { return &r.Window }, within(64*KB, 1*GB, ParseBytes)),
	},
	{
		name: "start", initial: "instant",
		help: "Where new readers begin: instant (a picture at once, from memory), keyframe (with the next one), live.",
		set:  given(func(r *PathRule) **timeline.Start { return &r.Start }, parseStart),
	},
	{
		name: "lag.jump", initial: "0s",
		help: "How far a reader may be behind before it skips to the newest key picture, up to 1h; 0s: by the window.",
		set:  given(func(r *PathRule) **time.Duration { return &r.LagJump }, within(0, time.Hour, parseDuration)),
	},
	{
		name: "lag.close-after", initial: "0s",
		help: "How long a reader may take nothing before its session ends, up to 1h; 0s: as long as sessions last.",
		set:  given(func(r *PathRule) **time.Duration { return &r.LagCloseAfter }, within(0, time.Hour, parseDuration)),
	},
	{
		name: "multicast.group", example: "239.255.12.0/24",
		help: "A multicast address to which the path is sent as well, or a range to take one from, for readers who ask for it.",
		set:  given(func(r *PathRule) **netip.Prefix { return &r.MulticastGroup }, parseGroup),
	},
	{
		name: "multicast.port", initial: "5004",
		help: "The even port of the first track's RTP in the group, 2 to 65470; other tracks have those behind it.",
		set:  given(func(r *PathRule) **int { return &r.MulticastPort }, parseEvenPort),
	},
	{
		name: "multicast.ttl", initial: "1",
		help: "How many routers multicast packets may pass, 1 to 255.",
		set:  given(func(r *PathRule) **int { return &r.MulticastTTL }, within(1, 255, parseInt)),
	},
	{
		name: "multicast.ssm", initial: "false",
		help: "Whether receivers are told to take multicast packets of this server only.",
		set:  given(func(r *PathRule) **bool { return &r.MulticastSSM }, parseBool),
	},
	{
		name: "limits.readers", initial: "20000",
		help: "The most readers of the path, 1 to 1000000; more are told to come again.",
		set:  given(func(r *PathRule) **int { return &r.LimitsReaders }, within(1, 1000000, parseInt)),
	},
	{
		name: "limits.bit-rate", initial: "500Mb/s",
		help: "The most bits a second of a publisher, 100kb/s to 100Gb/s, with two seconds of it in store; one that sends more is ended.",
		set:  given(func(r *PathRule) **BitRate { return &r.LimitsBitRate }, within(100*KbitPerSecond, 100*GbitPerSecond, ParseBitRate)),
	},
	{
		name: "hold", initial: "10s",
		help: "How long readers wait for a publisher that vanished, up to 1h.",
		set:  given(func(r *PathRule) **time.Duration { return &r.Hold }, within(0, time.Hour, parseDuration)),
	},
	{
		name: "takeover", initial: "false",
		help: "Whether a second publisher replaces the first instead of being refused.",
		set:  given(func(r *PathRule) **bool { return &r.Takeover }, parseBool),
	},
	{
		name: "loop", initial: "false",
		help: "Whether a stored file begins again at its end, without a break.",
		set:  given(func(r *PathRule) **bool { return &r.Loop }, parseBool),
	},
	{
		name: "reorder", initial: "100ms",
		help: "How long packets from a UDP publisher wait for a missing one, up to 1s.",
		set:  given(func(r *PathRule) **time.Duration { return &r.Reorder }, within(0, time.Second, parseDuration)),
	},
	{
		name: "coalesce", initial: "0s",
		help: "How long readers of a live path may be kept waiting for fewer, larger writes, up to 1s.",
		set:  given(func(r *PathRule) **time.Duration { return &r.Coalesce }, within(0, time.Second, parseDuration)),
	},
	{
		name: "max-packet", initial: "1400",
		help: "The most bytes of an RTP packet, 500 to 65000; larger ones are split.",
		set:  given(func(r *PathRule) **int { return &r.MaxPacket }, within(500, 65000, parseInt)),
	},
	{
		name: "frame-rate", initial: "25",
		help: "Pictures a second of stored motion JPEG, 1 to 120.",
		set:  given(func(r *PathRule) **int { return &r.FrameRate }, within(1, 120, parseInt)),
	},
	{
		name: "play", initial: "replace",
		help: "What a new range does while one plays: replace it, or queue after it.",
		set:  given(func(r *PathRule) **PlayMode { return &r.Play }, parsePlayMode),
	},
}

// value makes a key's set of the field's place and its parser.
func value[T, V any](field func(*T) *V, parse func(string) (V, error)) func(*T, string) error {
	return func(t *T, text string) error {
		v, err := parse(text)
		if err == nil {
			*field(t) = v
		}
		return err
	}
}

// given is value for a field that is nil until it is set.
func given[T, V any](field func(*T) **V, parse func(string) (V, error)) func(*T, string) error {
	return func(t *T, text string) error {
		v, err := parse(text)
		if err == nil {
			*field(t) = &v
		}
		return err
	}
}

// find returns the key called name, or nil.
func find[T any](keys []key[T], name string) *key[T] {
	for i := range keys {
		if keys[i].name == name {
			return &keys[i]
		}
	}
	return nil
}

func names[T any](keys []key[T]) []string {
	list := make([]string, len(keys))
	for i := range keys {
		list[i] = keys[i].name
	}
	return list
}
