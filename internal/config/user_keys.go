package config

import "net/netip"

// The keys of the file that are no single values, and are not paths.
const (
	usersKey     = "users"
	anonymousKey = "anonymous"
	allowKey     = "allow" // of a user
)

// userKeys are the keys of one user, besides what is allowed.
var userKeys = []key[User]{
	{
		name: "name", example: "ann",
		help: "The name.",
		set:  value(func(u *User) *string { return &u.Name }, ParseUserName),
	},
	{
		name: "password", example: "a long one",
		help: "The password. Better: the hashes of it that baton user add --print prints.",
		set:  setPassword,
	},
}

// rightKeys are the keys of one right.
var rightKeys = []key[Right]{
	{
		name: "do", example: "[read, publish]", list: true,
		help: "What may be done: read (play, live and stored), replay (play what is stored alone), publish, admin (use the admin API).",
		set:  value(func(r *Right) *[]Action { return &r.Do }, parseActions),
	},
	{
		name: "path", initial: `"**"`,
		help: "With which paths: a name or a pattern.",
		set:  value(func(r *Right) *string { return &r.Path }, parsePattern),
	},
	{
		name: "from", initial: "all", list: true,
		help: "From which addresses: 192.0.2.7, 192.0.2.0/24, loopback (this machine), all.",
		set:  value(func(r *Right) *[]netip.Prefix { return &r.From }, parseFrom),
	},
}
