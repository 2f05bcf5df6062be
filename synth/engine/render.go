package engine

import "math/bits"

// Stem is a pair of buffers.
type Stem struct{ Left, Right []float32 }

// accumulator sums the blocks of voices. Its first half is the block of the
// engine's clock that is being put out; blocks that begin in it reach into the
// second.
type accumulator struct{ left, right [2 * blockFrames]float32 }

// batch is up to batchVoices blocks that begin in this segment, in the order in
// which they are summed.
type batch struct {
	count, filtered int
	sending         uint // bit i: row i goes to the effects
	rows            [batchVoices]row
	ramps           [batchVoices]ramp
	sends           [batchVoices]sends
	at              [batchVoices]uint8 // frame of the accumulator
	part            [batchVoices]uint8 // which accumulator
	which           [batchVoices]uint8 // rows to be filtered
	filters         [batchVoices]*biquad
}

// Render writes the next frames to left and right (the shorter length counts)
// and carries out the events whose offsets they reach: a note starts at exactly
// its frame, all else takes effect on a voice at its next block, at most 64
// frames later. Samples are around ±1 but not limited to it. The bytes do not
// depend on how the caller cuts time.
func (e *Engine) Render(left, right []float32) {
	n := min(len(left), len(right))
	e.setParts(1)
	e.mixdown[0] = Stem{left[:n], right[:n]}
	e.render(e.mixdown[:], n)
	e.mixdown[0] = Stem{}
}

// RenderStems is Render with each channel in buffers of its own; the shortest
// length of all counts. Where it takes turns with Render, what sounds of the
// block at hand comes out on the first channel. So do the effects, which are of
// all channels together.
func (e *Engine) RenderStems(stems *[16]Stem) {
	n := len(stems[0].Left)
	for i := range stems {
		n = min(n, len(stems[i].Left), len(stems[i].Right))
	}
	e.setParts(channels)
	e.render(stems[:], n)
}

// setParts changes into how many accumulators voices are summed.
func (e *Engine) setParts(n int) {
	for i := n; i < e.parts; i++ {
		a, first := &e.sums[i], &e.sums[0]
		for k := range a.left {
			first.left[k] += a.left[k]
			first.right[k] += a.right[k]
		}
		*a = accumulator{}
	}
	e.parts = n
}

// render fills n frames of one stem for all channels or of one for each.
func (e *Engine) render(stems []Stem, n int) {
	for done := 0; done < n; {
		e.runEvents(done)
		if e.sensing && float64(e.frame-e.heard) > sensingSeconds*e.rate {
			e.sensing = false
			e.releaseAll()
		}
		at := int(e.frame % blockFrames)
		seg := min(n-done, blockFrames-at, e.queue.next(done))
		e.begin(at, at+seg)
		for i := range stems {
			copy(stems[i].Left[done:], e.sums[i].left[at:at+seg])
			copy(stems[i].Right[done:], e.sums[i].right[at:at+seg])
		}
		e.frame += uint64(seg)
		done += seg
		if at+seg == blockFrames {
			for i := range stems {
				e.sums[i].turn()
			}
			e.turnEffects()
		}
	}
	e.queue.shift(n)
}

// turn goes on to the next block.
func (a *accumulator) turn() {
	copy(a.left[:blockFrames], a.left[blockFrames:])
	copy(a.right[:blockFrames], a.right[blockFrames:])
	clear(a.left[blockFrames:])
	clear(a.right[blockFrames:])
}

// begin makes the blocks of all voices that fall due in frames from to to-1 of
// the block of the clock. They are summed in the order of these frames and, in
// one frame, of the voices' starts, whatever the cuts.
func (e *Engine) begin(from, to int) {
	due := e.phases >> from << from
	if to < blockFrames {
		due &= 1<<to - 1
	}
	for ; due != 0; due &= due - 1 {
		at := bits.TrailingZeros64(due)
		for link := &e.phase[at].first; *link != nil; {
			v := *link
			e.beginBlock(v, at)
			if v.last {
				e.unlink(link)
				e.retire(v)
			} else {
				link = &v.next
			}
		}
	}
	e.flush()
	e.sweep()
}

// beginBlock puts the next block of v into the batch.
func (e *Engine) beginBlock(v *voice, at int) {
	if !e.control(v) {
		return
	}
	e.work += uint64(v.cost)
	b := &e.batch
	i := b.count
	r := &b.rows[i]
	if !e.fetch(v, r) {
		v.last = true
	}
	if v.filtered {
		b.which[b.filtered], b.filters[b.filtered] = uint8(i), &v.filter
		b.filtered++
	} else {
		v.filter.follow(r)
	}
	b.ramps[i] = v.ramp
	if v.sends.any {
		b.sends[i] = v.sends
		b.sending |= 1 << i
	}
	b.at[i], b.part[i] = uint8(at), v.channel.number%uint8(e.parts)
	e.until = e.frame/blockFrames*blockFrames + uint64(at) + blockFrames
	if b.count++; b.count == batchVoices {
		e.flush()
	}
}

// flush filters and sums the batch.
func (e *Engine) flush() {
	b := &e.batch
	if b.filtered > 0 {
		e.kernels.filter(&b.rows, b.which[:b.filtered], b.filters[:b.filtered])
	}
	for i := range b.rows[:b.count] {
		a, at := &e.sums[b.part[i]], b.at[i]&(blockFrames-1)
		e.kernels.mix((*row)(a.left[at:]), (*row)(a.right[at:]), &b.rows[i], &b.ramps[i])
		if b.sending>>i&1 != 0 {
			s := &b.sends[i]
			e.send(&e.effects.toReverb, &s.reverb, &b.rows[i], at)
			e.send(&e.effects.toChorus, &s.chorus, &b.rows[i], at)
		}
	}
	b.count, b.filtered, b.sending = 0, 0, 0
	if e.checkpoint != nil {
		e.checkpoint()
	}
}

// queue of voices whose blocks begin at the same frame of the clock's block, in
// the order in which they started.
type phaseQueue struct{ first, last *voice }

// link enters a voice that starts now.
func (e *Engine) link(v *voice) {
	at := e.frame % blockFrames
	q := &e.phase[at]
	if q.first == nil {
		q.first = v
		e.phases |= 1 << at
	} else {
		q.last.next = v
	}
	q.last = v
	v.phase = uint8(at)
}

// unlink takes out the voice that link points to.
func (e *Engine) unlink(link **voice) {
	v := *link
	q := &e.phase[v.phase]
	*link = v.next
	if q.last == v {
		q.last = nil
		for w := q.first; w != nil; w = w.next {
			q.last = w
		}
	}
	if q.first == nil {
		e.phases &^= 1 << v.phase
	}
	v.next = nil
}

// send adds a block of a voice, which begins at frame at, to a bus.
func (e *Engine) send(b *bus, s *send, src *row, at uint8) {
	if s.gain == 0 && s.step == 0 {
		return
	}
	e.kernels.send((*row)(b.sum[at&(blockFrames-1):]), src, s.gain, s.step)
	b.ends = max(b.ends, e.frame/blockFrames*blockFrames+uint64(at)+blockFrames)
}
