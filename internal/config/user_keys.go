package config

import (
	"net/netip"
	"slices"
	"time"
)

// The keys of the file that are no single values, and are not paths.
const (
	usersKey     = "users"
	anonymousKey = "anonymous"
	authKey      = "auth"
)

// userKeys are the keys of one user.
var userKeys = slices.Concat([]key[User]{
	{
		name: "password", example: "a long one",
		help: "The password. Better: what baton user add makes of it, which are the three keys that follow.",
		set:  value(func(u *User) *Secret { return &u.Password }, ParsePassword),
	},
	{
		name: "sha-256", example: "0000000000000000000000000000000000000000000000000000000000000000",
		help: "The hash for Digest with SHA-256.",
		set:  value(func(u *User) *Secret { return &u.SHA256 }, parseHash(sha256Form, "a hash of SHA-256")),
	},
	{
		name: "md5", example: "00000000000000000000000000000000",
		help: "The hash for Digest with MD5, which ffmpeg and GStreamer need.",
		set:  value(func(u *User) *Secret { return &u.MD5 }, parseHash(md5Form, "a hash of MD5")),
	},
	{
		name: "argon2id", example: "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		help: "The hash for passwords that come inside TLS.",
		set:  value(func(u *User) *Secret { return &u.Argon2id }, parseHash(argon2idForm, "a hash of Argon2id")),
	},
}, rightsKeys(func(u *User) *Rights { return &u.Rights }), []key[User]{
	{
		name: "admin", initial: "false",
		help: "Whether the user may use the admin API.",
		set:  value(func(u *User) *bool { return &u.Admin }, parseBool),
	},
	fromKey(func(u *User) *Rights { return &u.Rights }, "all"),
})

// anonymousKeys are the keys of those who do not say who they are.
var anonymousKeys = append(rightsKeys(func(r *Rights) *Rights { return r }), fromKey(func(r *Rights) *Rights { return r }, "loopback"))

// rightsKeys are the keys of what a T may do.
func rightsKeys[T any](rights func(*T) *Rights) []key[T] {
	return []key[T]{
		{
			name: "read", example: `["cam/*", "stage/**"]`, list: true,
			help: "Patterns of paths whose live media may be played.",
			set:  value(func(t *T) *[]string { return &rights(t).Read }, ParsePatterns),
		},
		{
			name: "replay", example: `"**"`, list: true,
			help: "Patterns of paths whose stored media may be played.",
			set:  value(func(t *T) *[]string { return &rights(t).Replay }, ParsePatterns),
		},
		{
			name: "publish", example: `"stage/*"`, list: true,
			help: "Patterns of paths to which media may be published.",
			set:  value(func(t *T) *[]string { return &rights(t).Publish }, ParsePatterns),
		},
	}
}

func fromKey[T any](rights func(*T) *Rights, initial string) key[T] {
	return key[T]{
		name: "from", initial: initial, list: true,
		help: "Addresses for which this holds: 192.0.2.7, 192.0.2.0/24, loopback (this machine), all.",
		set:  value(func(t *T) *[]netip.Prefix { return &rights(t).From }, parseFrom),
	}
}

// authKeys are the keys of those who are asked about users.
var authKeys = []key[Auth]{
	{
		name: "http.url", example: "https://example.org/allow",
		help: "Asked by POST about those whom the list of users does not know.",
		set:  value(func(a *Auth) *HTTPURL { return &a.HTTP }, parseHTTPURL),
	},
	{
		name: "http.timeout", initial: "3s",
		help: "How long it may take to answer, 100ms to 8s; then clients are told to try again.",
		set:  value(func(a *Auth) *time.Duration { return &a.Timeout }, within(100*time.Millisecond, 8*time.Second, parseDuration)),
	},
	{
		name: "http.cache", initial: "30s",
		help: "How long its answers hold, up to 1h.",
		set:  value(func(a *Auth) *time.Duration { return &a.Cache }, within(0, time.Hour, parseDuration)),
	},
	{
		name: "jwt.keys", example: "https://example.org/.well-known/jwks.json",
		help: "Where the public keys of tokens are. Tokens come as ?token= or ?jwt=, inside TLS also as Bearer.",
		set:  value(func(a *Auth) *HTTPURL { return &a.JWTKeys }, parseHTTPURL),
	},
	{
		name: "jwt.issuer", example: "https://example.org",
		help: "What tokens have to name as iss.",
		set:  value(func(a *Auth) *string { return &a.JWTIssuer }, word),
	},
	{
		name: "jwt.audience", example: "baton",
		help: "What tokens have to name as aud.",
		set:  value(func(a *Auth) *string { return &a.JWTAudience }, word),
	},
}
