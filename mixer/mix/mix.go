// Package mix adds sounds together with levels that change without clicks.
//
// A level is a factor per channel. A change of level is a straight line from the present factor to the new one over a number
// of frames, computed from the whole number of frames done, not by adding up steps: it ends exactly where it should, and
// cutting the stream into other pieces gives the same bits.
package mix

import "github.com/mmlite/mmlite/mixer/format"

// Levels are the factors of a sound's channels, and the way to new ones. The zero value is silence.
type Levels struct {
	from, to, delta [format.MaxChannels]float32
	done, length    int // frames of the ramp; equal when it is over
}

// Set makes the levels move to new ones within frames, beginning from where they are now; 0 means at once. Channels beyond
// those given keep their targets. Factors may be negative, which inverts; they must be finite.
func (l *Levels) Set(frames int, levels ...float32) {
	for c := range l.from {
		l.from[c] = l.at(c)
	}
	l.done, l.length = 0, max(frames, 0)
	copy(l.to[:], levels)
	for c := range l.delta {
		l.delta[c] = 0
		if l.length > 0 {
			l.delta[c] = (l.to[c] - l.from[c]) / float32(l.length)
		}
	}
}

// at is the present level of a channel.
func (l *Levels) at(c int) float32 {
	if l.done >= l.length {
		return l.to[c]
	}
	return l.from[c] + float32(l.delta[c]*float32(l.done))
}

// Moving reports whether a ramp is under way.
func (l *Levels) Moving() bool { return l.done < l.length }

// Silent reports whether all of the first n channels are at zero and stay there.
func (l *Levels) Silent(n int) bool {
	if l.Moving() {
		return false
	}
	for _, v := range l.to[:n] {
		if v != 0 {
			return false
		}
	}
	return true
}

// Add adds the interleaved frames of in, at their levels, to out, and moves the ramp on by as many frames as in has.
// Both have the same number of channels, 1 to format.MaxChannels.
func Add(out, in []float32, channels int, l *Levels) {
	frames := min(len(out), len(in)) / channels
	out, in = out[:frames*channels], in[:frames*channels]
	if l.Moving() {
		n := min(frames, l.length-l.done)
		addRamp(out[:n*channels], in[:n*channels], channels, l)
		l.done += n
		out, in = out[n*channels:], in[n*channels:]
		if len(in) == 0 {
			return
		}
	}
	if l.Silent(channels) {
		return
	}
	switch channels {
	case 1:
		addConstant(out, in, l.to[0])
	case 2:
		if l.to[0] == l.to[1] {
			addConstant(out, in, l.to[0])
			return
		}
		a, b := l.to[0], l.to[1]
		for i := 0; i+1 < len(in); i += 2 {
			out[i] += float32(in[i] * a)
			out[i+1] += float32(in[i+1] * b)
		}
	default:
		for i := 0; i < len(in); i += channels {
			for c := range channels {
				out[i+c] += float32(in[i+c] * l.to[c])
			}
		}
	}
}

func addConstant(out, in []float32, level float32) {
	out = out[:len(in)]
	if level == 1 {
		for i, x := range in {
			out[i] += x
		}
		return
	}
	for i, x := range in {
		out[i] += float32(x * level)
	}
}

func addRamp(out, in []float32, channels int, l *Levels) {
	if channels == 2 {
		a, b, da, db := l.from[0], l.from[1], l.delta[0], l.delta[1]
		for i := 0; i+1 < len(in); i += 2 {
			k := float32(l.done + i/2)
			out[i] += float32(in[i] * (a + float32(da*k)))
			out[i+1] += float32(in[i+1] * (b + float32(db*k)))
		}
		return
	}
	for i := 0; i < len(in); i += channels {
		k := float32(l.done + i/channels)
		for c := range channels {
			out[i+c] += float32(in[i+c] * (l.from[c] + float32(l.delta[c]*k)))
		}
	}
}
