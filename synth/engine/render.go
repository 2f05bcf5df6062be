package engine

// Stem is a pair of buffers.
type Stem struct{ Left, Right []float32 }

// Render writes the next frames to left and right (the shorter length counts)
// and carries out the events whose offsets they reach: a note starts at exactly
// its frame, all else takes effect on a voice at its next block, at most 64
// frames later. Samples are around ±1 but not limited to it. The bytes do not
// depend on how the caller cuts time.
func (e *Engine) Render(left, right []float32) {
	n := min(len(left), len(right))
	e.mixdown[0] = Stem{left[:n], right[:n]}
	e.render(e.mixdown[:], n)
	e.mixdown[0] = Stem{}
}

// RenderStems is Render with each channel in buffers of its own; the shortest
// length of all counts. Calls of both may be mixed.
func (e *Engine) RenderStems(stems *[16]Stem) {
	n := len(stems[0].Left)
	for i := range stems {
		n = min(n, len(stems[i].Left), len(stems[i].Right))
	}
	e.render(stems[:], n)
}

// render fills n frames of one stem for all channels or of one for each.
func (e *Engine) render(stems []Stem, n int) {
	for i := range stems {
		clear(stems[i].Left[:n])
		clear(stems[i].Right[:n])
	}
	for done := 0; done < n; {
		e.runEvents(done)
		if e.sensing && float64(e.frame-e.heard) > sensingSeconds*e.rate {
			e.sensing = false
			e.releaseAll()
		}
		seg := min(n-done, blockFrames, e.queue.next(done))
		if len(e.active) > 0 {
			e.segment(stems, done, seg)
		}
		e.frame += uint64(seg)
		done += seg
	}
	e.queue.shift(n)
}

// segment adds the next n frames of every voice from frame at of the buffers on;
// n is at most blockFrames, so that no voice starts more than one block. Each
// frame is the sum over voices in the order in which they started, whatever the
// cuts.
func (e *Engine) segment(stems []Stem, at, n int) {
	kept := e.active[:0]
	for todo := e.active; len(todo) > 0; {
		batch := todo[:min(len(todo), batchVoices)]
		todo = todo[len(batch):]
		filtered := e.filtered[:0]
		for _, v := range batch {
			if v.last || v.at+n <= blockFrames {
				continue
			}
			v.now ^= 1
			v.fresh = true
			if v.block().silent = !e.control(v); v.block().silent {
				continue
			}
			if !e.fetch(v) {
				v.last = true
			}
			if v.filtered {
				filtered = append(filtered, v)
			} else {
				v.follow()
			}
		}
		if len(filtered) > 0 {
			e.kernels.filter(filtered)
		}
		for _, v := range batch {
			s := &stems[int(v.channel.number)%len(stems)]
			if e.mix(v, s.Left[at:at+n], s.Right[at:at+n]) {
				kept = append(kept, v)
			} else {
				e.drop(v)
			}
		}
	}
	e.active = kept
}

// mix adds the next frames of v and says whether there are more.
func (e *Engine) mix(v *voice, left, right []float32) bool {
	if v.fresh {
		v.fresh = false
		rest := blockFrames - v.at
		e.mixBlock(&v.blocks[v.now^1], v.at, left[:rest], right[:rest])
		left, right, v.at = left[rest:], right[rest:], 0
	}
	n := min(len(left), blockFrames-v.at)
	e.mixBlock(v.block(), v.at, left[:n], right[:n])
	v.at += n
	return v.at < blockFrames || !v.last
}

func (e *Engine) mixBlock(b *block, at int, left, right []float32) {
	if len(left) > 0 && !b.silent {
		e.kernels.mix(left, right, b.row[at:at+len(left)], &b.ramp, at)
	}
}
