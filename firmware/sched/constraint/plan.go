package constraint

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/mmlite/mmlite/firmware/machine"
)

// effort bounds a search for a timetable, for threads wait meanwhile.
type effort struct {
	tries  int // of placements, in one layout
	bases  int // base periods
	epochs int // ways to fit the new timetable to the old one in time
}

var (
	thorough = effort{300, 4, 24}
	quick    = effort{40, 2, 2} // to say what would fit
)

const (
	// maxPieces is how many places the time of one reservation may be split over.
	maxPieces = 4
	// maxSlots is how many places for it are tried at each level.
	maxSlots = 3
)

// ask is a reservation to be laid out.
type ask struct {
	act    *activity
	amount machine.Duration
	period machine.Duration
}

// share returns how much of each period short serves for amount of every window
// of length long, which is no shorter. Two bounds hold wherever in its period the
// time lies: long has as many periods of short as fit, and what is missing in it
// is at most what is missing in one more than that.
func share(amount, long, short machine.Duration) machine.Duration {
	q := long / short
	byWhole := amount / q
	if amount%q != 0 {
		byWhole++
	}
	byGaps := short - (long-amount)/(q+1)
	return min(byWhole, byGaps)
}

// rounded returns the highest level, and the amount there, at which a asks for no
// more of a pass than room.
func (p *Policy) rounded(a ask, base, room machine.Duration) (level int, amount machine.Duration) {
	for level = maxLevels; level > 0; level-- {
		period := base << uint(level)
		if period > a.period || period > p.cfg.MaxPeriod {
			continue
		}
		amount = max(share(a.amount, a.period, period), p.cfg.MinSlice)
		if amount+p.cfg.Allowance <= room {
			return level, amount
		}
	}
	return 0, max(share(a.amount, a.period, base), p.cfg.MinSlice)
}

// room is what may be reserved of a pass.
func (p *Policy) room(base machine.Duration) machine.Duration {
	return base / 1000 * machine.Duration(p.cfg.Limit)
}

// insert puts a reservation into free time of a chain and moves nobody else, if it
// can. Of the free slices with the longest period that is not too long it takes one
// that need not be split, or else the largest. Failing that it takes what is free
// at the end of all that is behind a branch. It returns false if there is none.
func (p *Policy) insert(root *[]part, base machine.Duration, a ask) bool {
	if base > a.period {
		return false
	}
	level, amount := p.rounded(a, base, p.room(base))
	slice := amount + p.cfg.Allowance
	var best *[]part
	at, depth, whole := -1, -1, false
	var look func(chain *[]part, d int)
	look = func(chain *[]part, d int) {
		for i := range *chain {
			x := &(*chain)[i]
			free := x.slice
			switch {
			case x.kept, x.owner != nil:
				continue
			case x.sides[0] != nil:
				if d < level {
					look(&x.sides[0], d+1)
					look(&x.sides[1], d+1)
				}
				free = min(x.tail(), x.slice-1)
			}
			if free < slice || d < depth {
				continue
			}
			is := x.isFree()
			better := d > depth || is && !whole
			if !better && is == whole {
				was := (*best)[at].slice
				better = was != slice && (x.slice == slice || x.slice > was)
			}
			if better {
				best, at, depth, whole = chain, i, d, is
			}
		}
	}
	look(root, 0)
	if best == nil {
		return false
	}
	x := &(*best)[at]
	if whole {
		if rest := x.slice - slice; rest >= p.cfg.MinSlice {
			x.slice = slice
			*best = slices.Insert(*best, at+1, part{slice: rest})
		}
	} else {
		x.cut(slice)
		at++
		*best = slices.Insert(*best, at, part{slice: slice})
	}
	for x = &(*best)[at]; depth < level; depth++ {
		for side := range x.sides {
			x.sides[side] = []part{{slice: x.slice}}
		}
		x = &x.sides[0][0]
	}
	x.owner = a.act
	return true
}

// tail returns how much is free at the end of each way through x.
func (x *part) tail() machine.Duration {
	if x.sides[0] == nil {
		if x.isFree() {
			return x.slice
		}
		return 0
	}
	least := x.slice
	for _, side := range x.sides {
		if len(side) == 0 {
			return 0
		}
		least = min(least, side[len(side)-1].tail())
	}
	return least
}

// cut takes d off the end of each way through x, which is free there.
func (x *part) cut(d machine.Duration) {
	x.slice -= d
	for i, side := range x.sides {
		last := len(side) - 1
		if last < 0 {
			continue
		}
		if side[last].slice == d {
			x.sides[i] = side[:last]
			continue
		}
		side[last].cut(d)
	}
}

// bases returns base periods for a set of reservations, those that reserve least
// first. Each is one of the periods, halved until it is no longer than the
// shortest one.
func (p *Policy) bases(asks []ask, most int) []machine.Duration {
	shortest := p.cfg.MaxPeriod
	for _, a := range asks {
		shortest = min(shortest, a.period)
	}
	type candidate struct {
		base machine.Duration
		load uint64
	}
	var all []candidate
	for _, a := range asks {
		base := min(a.period, p.cfg.MaxPeriod)
		for base > shortest {
			base /= 2
		}
		if slices.ContainsFunc(all, func(c candidate) bool { return c.base == base }) {
			continue
		}
		c := candidate{base: base}
		for _, a := range asks {
			level, amount := p.rounded(a, base, p.room(base))
			hi, lo := bits.Mul64(uint64(amount+p.cfg.Allowance), 1<<30)
			period := uint64(base) << uint(level)
			if hi >= period {
				c.load = 1 << 62
				break
			}
			part, _ := bits.Div64(hi, lo, period)
			c.load += part
		}
		all = append(all, c)
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(a.load, b.load) })
	var out []machine.Duration
	for i, c := range all {
		if i == most || c.load > 1<<30 {
			break
		}
		out = append(out, c.base)
	}
	return out
}

// packer searches for a place for each reservation. Position pos of a level is
// taken in every pass n with n mod 2^level = pos.
type packer struct {
	p      *Policy
	room   machine.Duration
	base   machine.Duration
	asks   []ask
	load   []machine.Duration // by pass of the hyperperiod
	placed []placed
	tries  int // that are left
}

type placed struct {
	act    *activity
	slice  machine.Duration
	level  int
	pos    int
	serial int // of the ask
}

// layout returns a graph, with epoch 0, that serves all asks, or nil if the search
// finds none.
func (p *Policy) layout(base machine.Duration, asks []ask, tries int) *graph {
	pk := packer{p: p, base: base, room: p.room(base), asks: slices.Clone(asks), tries: tries}
	deepest := 0
	for _, a := range asks {
		level, _ := p.rounded(a, base, pk.room)
		deepest = max(deepest, level)
	}
	pk.load = make([]machine.Duration, 1<<uint(deepest))
	slices.SortStableFunc(pk.asks, func(a, b ask) int {
		la, xa := p.rounded(a, base, pk.room)
		lb, xb := p.rounded(b, base, pk.room)
		return cmp.Or(cmp.Compare(la, lb), cmp.Compare(xb, xa))
	})
	if !pk.search(0) || len(pk.placed) > maxNodes/4 {
		return nil
	}
	slices.SortStableFunc(pk.placed, func(a, b placed) int {
		return cmp.Compare(p.upcoming(a.act), p.upcoming(b.act))
	})
	root := pk.chain(0, 0, pk.room)
	if rest := base - pk.room; rest > 0 {
		root = append(root, part{kept: true, slice: rest})
	}
	g := p.assemble(base, 0, root)
	if len(g.nodes) > maxNodes {
		return nil
	}
	return g
}

// left returns the time that a position has left in each of its passes.
func (pk *packer) left(level, pos int) machine.Duration {
	most := machine.Duration(0)
	for n := pos; n < len(pk.load); n += 1 << uint(level) {
		most = max(most, pk.load[n])
	}
	return pk.room - most
}

func (pk *packer) put(x placed) {
	for n := x.pos; n < len(pk.load); n += 1 << uint(x.level) {
		pk.load[n] += x.slice
	}
	pk.placed = append(pk.placed, x)
}

// undo takes back all but the first n placements.
func (pk *packer) undo(n int) {
	for len(pk.placed) > n {
		x := pk.placed[len(pk.placed)-1]
		pk.placed = pk.placed[:len(pk.placed)-1]
		for n := x.pos; n < len(pk.load); n += 1 << uint(x.level) {
			pk.load[n] -= x.slice
		}
	}
}

// search places asks from number i on.
func (pk *packer) search(i int) bool {
	if i == len(pk.asks) {
		return true
	}
	p, a := pk.p, pk.asks[i]
	mark := len(pk.placed)
	highest, _ := p.rounded(a, pk.base, pk.room)
	for level := highest; level >= 0; level-- {
		amount := max(share(a.amount, a.period, pk.base<<uint(level)), p.cfg.MinSlice)
		slice := amount + p.cfg.Allowance
		tried := [maxSlots]machine.Duration{-1, -1, -1}
		for k := range tried {
			pos, left := pk.slot(level, slice, tried[:k])
			if pos < 0 {
				break
			}
			tried[k] = left
			if pk.tries--; pk.tries < 0 {
				return false
			}
			pk.put(placed{a.act, slice, level, pos, i})
			if pk.search(i + 1) {
				return true
			}
			pk.undo(mark)
		}
		if pk.tries--; pk.tries < 0 {
			return false
		}
		if pk.split(a, i, level, amount) && pk.search(i+1) {
			return true
		}
		pk.undo(mark)
	}
	return false
}

// slot returns a position with room for a slice and how much it has left: the one
// that is nearly used up by it, or else the biggest. Positions that have as much
// left as one in but are like that one, which did not do.
func (pk *packer) slot(level int, slice machine.Duration, but []machine.Duration) (pos int, left machine.Duration) {
	few := 3 * pk.p.cfg.MinSlice
	pos = -1
	tight := false
	for i := range 1 << uint(level) {
		l := pk.left(level, i)
		if l < slice || slices.Contains(but, l) {
			continue
		}
		is := l-slice < few
		if pos < 0 || is && !tight || is == tight && l > left {
			pos, left, tight = i, l, is
		}
	}
	return pos, left
}

// split takes an amount in pieces from the slots that have most left.
func (pk *packer) split(a ask, serial, level int, amount machine.Duration) bool {
	p := pk.p
	for pieces := 0; amount > 0; pieces++ {
		pos, most := 0, machine.Duration(-1)
		for i := range 1 << uint(level) {
			if left := pk.left(level, i); left > most {
				pos, most = i, left
			}
		}
		x := min(most-p.cfg.Allowance, amount)
		if amount-x > 0 {
			x = min(x, amount-p.cfg.MinSlice)
		}
		if x < p.cfg.MinSlice || pieces == maxPieces {
			return false
		}
		pk.put(placed{a.act, x + p.cfg.Allowance, level, pos, serial})
		amount -= x
	}
	return true
}

// chain returns the chain of a position: what was placed there, then a branch, if
// anything was placed below, or what is left.
func (pk *packer) chain(level, pos int, left machine.Duration) []part {
	var parts []part
	below := false
	for _, x := range pk.placed {
		switch {
		case x.level == level && x.pos == pos:
			parts = append(parts, part{owner: x.act, slice: x.slice})
			left -= x.slice
		case x.level > level && x.pos&(1<<uint(level)-1) == pos:
			below = true
		}
	}
	if left <= 0 {
		return parts
	}
	rest := part{slice: left}
	if below {
		rest.sides[0] = pk.chain(level+1, pos, left)
		rest.sides[1] = pk.chain(level+1, pos+1<<uint(level), left)
	}
	return append(parts, rest)
}
