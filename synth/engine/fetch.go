package engine

// fetch renders a block of v's sample, at the pitch control has set, into dst
// and moves its position on. It returns false when the sample has come to
// its end.
func (e *Engine) fetch(v *voice, dst *row) bool {
	const n = blockFrames
	if v.step <= windowSpan/blockFrames<<32 {
		return e.piece(v, dst, n)
	}
	// At such a pitch a block reads more frames than the window holds.
	e.work += e.piecework(v)
	limit := int(windowSpan << 32 / v.step)
	for done := 0; done < n; {
		m := min(n-done, limit)
		more := e.piece(v, &e.part, m)
		copy(dst[done:], e.part[:m])
		done += m
		if !more {
			clear(dst[done:n])
			return false
		}
	}
	return true
}

const windowSpan = windowSize - 1

func (e *Engine) piece(v *voice, dst *row, n int) bool {
	pos := uint32(v.position>>(32-fracBits)) & (1<<fracBits - 1)
	inc := uint32((v.step + 1<<(31-fracBits)) >> (32 - fracBits))
	last := (uint64(pos) + uint64(inc)*uint64(n-1)) >> fracBits
	e.unroll(v, int64(v.position>>32)-int64(e.before), int(last)+e.taps)
	e.kernels.interpolate(dst, n, &e.window, pos, inc)

	v.position += v.step * uint64(n)
	if v.loops() {
		if end := uint64(v.loopEnd) << 32; v.position >= end {
			length := uint64(v.loopEnd-v.loopStart) << 32
			v.position -= length
			if v.position >= end {
				v.position = end - length + (v.position-end)%length
			}
			v.looped = true
		}
		return true
	}
	return v.position>>32 < uint64(v.end)
}

// unroll fills the window with count frames from frame first of v's sample on:
// repeated as the loop says, silent before the start and after the end.
func (e *Engine) unroll(v *voice, first int64, count int) {
	w := e.window[:count]
	start, end := int64(v.start), int64(v.end)
	if !v.loops() {
		if first < start {
			k := min(start-first, int64(len(w)))
			clear(w[:k])
			w, first = w[k:], start
		}
		k := min(max(end-first, 0), int64(len(w)))
		e.read(v, w[:k], first)
		clear(w[k:])
		return
	}
	low, high := int64(v.loopStart), int64(v.loopEnd)
	length := high - low
	if first < start && !v.looped {
		k := min(start-first, int64(len(w)))
		clear(w[:k])
		w, first = w[k:], start
	}
	if v.looped && first < low {
		first = high - (low-first)%length
	}
	for len(w) > 0 {
		if first >= high {
			first = low + (first-high)%length
		}
		k := min(high-first, int64(len(w)))
		e.read(v, w[:k], first)
		w, first = w[k:], first+k
	}
}

// read converts frames of the sample, which has them all.
func (e *Engine) read(v *voice, dst []float32, first int64) {
	src := v.pcm.Data[first : first+int64(len(dst))]
	if v.pcm.Low == nil {
		e.kernels.convert(dst, src)
		return
	}
	low := v.pcm.Low[first : first+int64(len(dst))]
	for i, x := range src {
		dst[i] = float32(int32(x)<<8|int32(low[i])) * (1.0 / 256)
	}
}
