package annexb

import (
	"bytes"
	"slices"
)

// Bounds of the parameter sets that are kept for the description.
const (
	maxSets = 64
	maxSet  = 2048 // bytes
)

// sets are the first parameter sets of each type and id, in the order of their types.
type sets []parameterSet

type parameterSet struct {
	kind uint8
	id   uint32
	nal  []byte
}

// learn keeps a copy of a set that is not known yet.
func (s *sets) learn(kind uint8, id uint32, nal []byte) {
	at := 0
	for ; at < len(*s); at++ {
		switch k := (*s)[at]; {
		case k.kind == kind && k.id == id:
			return
		case k.kind > kind:
			*s = slices.Insert(*s, at, parameterSet{kind, id, bytes.Clone(nal)})
			return
		}
	}
	if len(*s) < maxSets {
		*s = append(*s, parameterSet{kind, id, bytes.Clone(nal)})
	}
}

func (s sets) has(kind uint8) bool {
	return slices.ContainsFunc(s, func(p parameterSet) bool { return p.kind == kind })
}
