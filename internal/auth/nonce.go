package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"net/netip"
	"strings"
	"sync"
	"time"
)

const (
	// nonceLife is how long a nonce is good for: clients go on with it over many connections (AUT-06).
	nonceLife = 10 * time.Minute
	// maxCounted is how many nonces are remembered with what was counted on them.
	maxCounted = 8192
	// counterWindow is how far behind the newest a count may come, when a client uses several connections at once.
	counterWindow = 64
)

// nonces makes nonces that prove by themselves when and for which address they were made: nothing is remembered of
// one until somebody who knows a password has used it. What is remembered then is which counts were seen (RFC 7616
// §3.3), so that what is overheard cannot be sent again.
type nonces struct {
	key [32]byte

	mu      sync.Mutex
	counted map[string]*counts
	horizon time.Time // nonces that were made until then are forgotten
}

// counts are the counts that were seen of one nonce.
type counts struct {
	made   time.Time
	newest uint32
	seen   uint64 // bit i: newest-i
}

func newNonces() *nonces {
	n := &nonces{counted: make(map[string]*counts)}
	rand.Read(n.key[:])
	return n
}

// issue makes a nonce: time, chance, and a proof of both and of the address.
func (n *nonces) issue(now time.Time, address netip.Addr) string {
	var b [32]byte
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli()))
	rand.Read(b[8:16])
	copy(b[16:], n.proof(b[:16], address))
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (n *nonces) proof(b []byte, address netip.Addr) []byte {
	mac := hmac.New(sha256.New, n.key[:])
	mac.Write(b)
	mac.Write(address.AsSlice())
	return mac.Sum(nil)[:16]
}

// fresh tells whether a nonce is ours, for this address, and not too old; and when it was made.
func (n *nonces) fresh(nonce string, now time.Time, address netip.Addr) (made time.Time, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(b) != 32 || subtle.ConstantTimeCompare(b[16:], n.proof(b[:16], address)) != 1 {
		return time.Time{}, false
	}
	made = time.UnixMilli(int64(binary.BigEndian.Uint64(b[:8])))
	age := now.Sub(made)
	return made, age >= -time.Second && age <= nonceLife
}

// count tells whether a count of a fresh nonce was not seen before, and remembers it.
func (n *nonces) count(nonce string, made time.Time, nc uint32, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := n.counted[nonce]
	if c == nil {
		if !made.After(n.horizon) {
			return false
		}
		n.makeRoom(now)
		n.counted[strings.Clone(nonce)] = &counts{made: made, newest: nc, seen: 1}
		return true
	}
	if nc > c.newest {
		c.seen = c.seen<<min(nc-c.newest, counterWindow) | 1
		c.newest = nc
		return true
	}
	behind := c.newest - nc
	if behind >= counterWindow || c.seen>>behind&1 == 1 {
		return false
	}
	c.seen |= 1 << behind
	return true
}

// makeRoom forgets the oldest nonces, a tenth or more. Those are not good any more, or what was overheard of them
// could be sent again.
func (n *nonces) makeRoom(now time.Time) {
	if len(n.counted) < maxCounted {
		return
	}
	for age := nonceLife; len(n.counted) > maxCounted*9/10; age /= 2 {
		n.horizon = now.Add(-age)
		for nonce, c := range n.counted {
			if !c.made.After(n.horizon) || age == 0 { // after now: the clock was set back
				delete(n.counted, nonce)
			}
		}
	}
}
