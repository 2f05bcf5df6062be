package engine

import (
	"cmp"
	"slices"
)

// victim is a voice that may have to go.
type victim struct {
	v     *voice
	worth float32
}

// SetQuota changes how many voices may sound, within 1 and Config.Voices. Those
// beyond it fade at once, over 8 ms, in the order in which a listener misses them
// least: released notes before those that a pedal holds and these before those
// whose key is down; among equals the quiet before the loud, the old before the
// new; drums later than their loudness says, and notes that have not been heard
// yet last. With DLS voice allocation the channels' static priorities come before
// all that. The work is one sort, whatever the number.
//
// A fading voice still costs what it did (see Ahead) until its 8 ms are over.
func (e *Engine) SetQuota(voices int) {
	e.quota = min(max(voices, 1), e.limit)
	over := e.sounding - e.quota
	if over <= 0 {
		return
	}
	all := e.victims[:0]
	for _, v := range e.active {
		if v.fading < 0 {
			all = append(all, victim{v, e.worth(v)})
		}
	}
	slices.SortStableFunc(all, func(a, b victim) int {
		if r := cmp.Compare(e.rankOf(b.v.channel), e.rankOf(a.v.channel)); r != 0 {
			return r
		}
		return cmp.Compare(a.worth, b.worth)
	})
	for _, c := range all[:over] {
		e.fade(c.v)
	}
	clear(all)
}

// allocate takes a voice from the free list for a note on channel c, stealing
// one if as many sound as may. It returns nil if the note must go without.
func (e *Engine) allocate(c *channel) *voice {
	if e.sounding >= e.quota {
		victim := e.cheapest(e.rankOf(c))
		if victim == nil {
			e.stats.Dropped++
			return nil
		}
		e.stats.Stolen++
		e.fade(victim)
	}
	if len(e.free) == 0 {
		e.evict()
	}
	v := e.free[len(e.free)-1]
	e.free = e.free[:len(e.free)-1]
	return v
}

// evict ends the quietest of the fading voices at once; there is one, since
// slots outnumber the voices that may sound.
func (e *Engine) evict() {
	var v *voice
	for _, w := range e.active {
		if w.fading >= 0 && (v == nil || w.gl+w.gr < v.gl+v.gr) {
			v = w
		}
	}
	link := &e.phase[v.phase].first
	for *link != v {
		link = &(*link).next
	}
	e.unlink(link)
	e.retire(v)
	e.sweep()
	e.stats.Evicted++
}

// rankOf is a channel's place in the static priorities of DLS 1 (section 1.8):
// 10, 1 to 9, 11 to 16. It is -1 where these are not asked for.
func (e *Engine) rankOf(c *channel) int {
	switch {
	case !e.byRank:
		return -1
	case c.number == rhythmChannel:
		return 0
	case c.number < rhythmChannel:
		return int(c.number) + 1
	}
	return int(c.number)
}

// cheapest is the voice that is missed least: of the channel of lowest priority
// not above rank, if rank is not -1, else of all; among these the one of least
// worth.
func (e *Engine) cheapest(rank int) *voice {
	var best *voice
	bestRank, bestWorth := -1, float32(0)
	for _, v := range e.active {
		if v.fading >= 0 {
			continue
		}
		r := e.rankOf(v.channel)
		if rank >= 0 && r < rank {
			continue
		}
		w := e.worth(v)
		if best == nil || r > bestRank || r == bestRank && w < bestWorth {
			best, bestRank, bestWorth = v, r, w
		}
	}
	return best
}

// worth weighs what a voice contributes: how it is held counts most, then
// loudness, then youth. Drums are worth more than their loudness, as they end by
// themselves.
func (e *Engine) worth(v *voice) float32 {
	w := float32(v.loudness * 8)
	switch {
	case v.released:
	case v.pedalled:
		w += 5
	default:
		w += 10
	}
	if v.channel.rhythm {
		w += 4
	}
	age := float32(float64(e.frame-v.started) / e.rate)
	if v.clock < int(shortestNote*e.rate) {
		w += 20 // has not been heard yet
	}
	return w + 4/(1+age)
}
