package rtp

// pushFar takes a packet that is far from what is expected. Alone it is a stray (or spoofed); with a second one near to it the source has restarted.
func (r *Reorderer) pushFar(w waiter, out func(pkt []byte)) {
	if r.stray.packet == nil {
		r.trust()
		r.suspectStray(w)
		return
	}
	step := int(SeqDiff(w.seq, r.stray.seq))
	switch {
	case step == 0:
		r.stats.Duplicates++
	case step > maxMisorder || step < -maxMisorder:
		r.trust()
		r.suspectStray(w)
	default:
		r.restartAtStray(w, out)
	}
}

func (r *Reorderer) suspectStray(w waiter) {
	w.packet = r.copy(w.packet)
	r.stray = w
	r.suspect = true
}

// restartAtStray begins anew with the stray and w, in their order. A stray that has waited for too long is left out.
func (r *Reorderer) restartAtStray(w waiter, out func(pkt []byte)) {
	stray := r.stray
	r.stray = waiter{}
	if w.came.Sub(stray.came) > r.delay {
		r.stats.Strays++
		r.restart(w, out)
	} else if SeqLess(stray.seq, w.seq) {
		r.restart(stray, out)
		r.place(w, out)
	} else {
		r.restart(w, out)
		r.place(stray, out)
	}
	r.recycle(stray.packet)
}

// pushLate drops a packet that comes after its turn. A source that for a while sends nothing else has restarted a little behind where it was.
func (r *Reorderer) pushLate(w waiter, out func(pkt []byte)) {
	behind := r.next - 1 - w.seq
	if r.passed>>behind&1 != 0 {
		r.stats.Duplicates++
		return
	}
	if behind < 64 {
		r.passed |= 1 << behind
	}
	r.stats.Late++
	if step := w.seq - r.lateSeq; !r.late || step == 0 || step > maxMisorder {
		r.trust()
		r.late, r.lateSince, r.suspect = true, w.came, true
	}
	r.lateSeq = w.seq
	if w.came.Sub(r.lateSince) >= restartAfter {
		r.stats.Late--
		r.restart(w, out)
	}
}

// restart passes on all that waits and begins anew with first.
func (r *Reorderer) restart(first waiter, out func(pkt []byte)) {
	r.Flush(out)
	r.trust()
	r.stats.Restarts++
	r.start(first.seq)
	r.pass(first.packet, out)
}

// trust forgets the signs of a restart.
func (r *Reorderer) trust() {
	if r.stray.packet != nil {
		r.stats.Strays++
		r.recycle(r.stray.packet)
	}
	r.stray = waiter{}
	r.late = false
	r.suspect = false
}
