package payload

import "bytes"

// Bounds of what is remembered of one track. Real streams have one to three
// sets of some ten to some hundred bytes.
const (
	maxParameterSet      = 4096 // bytes of one set
	maxParameterSets     = 64
	maxParameterSetBytes = 32 << 10 // of all
)

// maxParameterPayload is the size up to which parameter sets are put together
// in one payload.
const maxParameterPayload = 1200

// A parameterSet is one VPS, SPS or PPS.
type parameterSet struct {
	kind uint8 // NAL unit type
	id   uint32
	nal  []byte // never written again
}

// parameterSets holds the newest set of every kind and id, in the order in
// which a decoder wants them: by kind as the constructor orders them, then id.
type parameterSets struct {
	sets  []parameterSet
	bytes int
	dirty bool // sets changed since the payloads were made
	made  [][]byte
}

// learn keeps a copy of nal unless it is known already, and reports a change.
// What is over the bounds is left out.
func (p *parameterSets) learn(kind uint8, id uint32, nal []byte) bool {
	at := 0
	for at < len(p.sets) && p.sets[at].before(kind, id) {
		at++
	}
	if at < len(p.sets) && p.sets[at].kind == kind && p.sets[at].id == id {
		return p.replace(&p.sets[at], nal)
	}
	if len(p.sets) >= maxParameterSets || !p.fits(len(nal), 0) {
		return false
	}
	p.sets = append(p.sets, parameterSet{})
	copy(p.sets[at+1:], p.sets[at:])
	p.sets[at] = parameterSet{kind: kind, id: id, nal: bytes.Clone(nal)}
	p.bytes += len(nal)
	p.dirty = true
	return true
}

func (p *parameterSets) replace(set *parameterSet, nal []byte) bool {
	if bytes.Equal(set.nal, nal) || !p.fits(len(nal), len(set.nal)) {
		return false
	}
	p.bytes += len(nal) - len(set.nal)
	set.nal = bytes.Clone(nal)
	p.dirty = true
	return true
}

func (p *parameterSets) fits(size, freed int) bool {
	return size <= maxParameterSet && p.bytes-freed+size <= maxParameterSetBytes
}

func (s *parameterSet) before(kind uint8, id uint32) bool {
	if s.kind != kind {
		return s.kind < kind
	}
	return s.id < id
}

// has reports whether there is a set of every kind given.
func (p *parameterSets) has(kinds ...uint8) bool {
	for _, kind := range kinds {
		if len(p.ofKind(kind)) == 0 {
			return false
		}
	}
	return true
}

// ofKind returns the sets of one kind, by id.
func (p *parameterSets) ofKind(kind uint8) []parameterSet {
	from := 0
	for from < len(p.sets) && p.sets[from].kind != kind {
		from++
	}
	to := from
	for to < len(p.sets) && p.sets[to].kind == kind {
		to++
	}
	return p.sets[from:to]
}

// nals returns the sets as NAL units.
func (p *parameterSets) nals() [][]byte {
	var nals [][]byte
	for _, set := range p.sets {
		nals = append(nals, set.nal)
	}
	return nals
}

// payloads returns the sets as RTP payloads: neighbours go together by
// aggregate as long as they fit maxParameterPayload, each costing its size and
// overhead bytes beside head bytes a payload.
func (p *parameterSets) payloads(head, overhead int, aggregate func(sets []parameterSet) []byte) [][]byte {
	if !p.dirty {
		return p.made
	}
	p.dirty, p.made = false, nil
	for rest := p.sets; len(rest) > 0; {
		n, size := 0, head
		for n < len(rest) && (n == 0 || size+overhead+len(rest[n].nal) <= maxParameterPayload) {
			size += overhead + len(rest[n].nal)
			n++
		}
		if n == 1 {
			p.made = append(p.made, rest[0].nal)
		} else {
			p.made = append(p.made, aggregate(rest[:n]))
		}
		rest = rest[n:]
	}
	return p.made
}
