package constraint

import (
	"slices"

	"github.com/mmlite/mmlite/firmware/machine"
)

const (
	none = int32(-1)
	// maxLevels is how many branches may follow on each other: the longest period
	// is at most 2^(maxLevels) times the base.
	maxLevels = 10
	// maxNodes bounds the graph.
	maxNodes = 1 << 14
	// maxBooked is how many bookings a node may have.
	maxBooked = 250
)

// node is a slice of the timetable. It recurs every period, at the same place.
type node struct {
	branch bool
	kept   bool      // free, and never reserved
	owner  *activity // nil if free
	level  int8      // the period is the base times 2^level
	slice  machine.Duration
	period machine.Duration
	at     machine.Duration // where in its period it begins
	next   int32            // none at the end of a pass
	child  [2]int32         // of a branch, in turns
	same   int32            // next node of the owner, or next free one

	first  machine.Time     // begin of the useful part of the first time, of all
	useful machine.Duration // slice without the allowance
	books  int32            // bookings by deadline
	count  int32
}

// graph is the precomputed timetable. Passes of length base follow each other;
// pass n takes the child n>>level&1 of each branch it comes to, so that no walk
// need remember anything.
type graph struct {
	base  machine.Duration
	epoch machine.Time // begin of pass 0
	nodes []node
	root  int32
	free  int32 // first free node
	depth int   // levels below the root
}

// cum returns how much useful time n has up to t, from some fixed time on.
func (n *node) cum(t machine.Time) machine.Duration {
	u := machine.Duration(t - n.first)
	q, r := u/n.period, u%n.period
	if r < 0 {
		r += n.period
		q--
	}
	return q*n.useful + min(r, n.useful)
}

// occurrence returns when the last time of n at or before t begins.
func (g *graph) occurrence(n *node, t machine.Time) machine.Time {
	from := g.epoch + machine.Time(n.at)
	u := machine.Duration(t - from)
	q := u / n.period
	if u%n.period < 0 {
		q--
	}
	return from + machine.Time(q*n.period)
}

// enter follows branches down from i in the given pass. It returns none at the
// end of the pass.
func (g *graph) enter(i int32, pass int64) int32 {
	for i != none && g.nodes[i].branch {
		n := &g.nodes[i]
		i = n.child[pass>>uint(n.level)&1]
	}
	return i
}

// step makes the next node the current one.
func (p *Policy) step() {
	g := p.g
	p.steps++
	i := g.enter(g.nodes[p.node].next, p.pass)
	if i == none {
		p.pass++
		i = g.enter(g.root, p.pass)
	}
	p.node = i
	p.nodeFrom = p.nodeEnd
	p.nodeEnd += machine.Time(g.nodes[i].slice)
}

// seek makes the node of time t the current one; t is not before it.
func (p *Policy) seek(t machine.Time) {
	if t < p.nodeEnd {
		return
	}
	if g := p.g; t-p.nodeEnd >= machine.Time(g.base) {
		p.locate(t)
	}
	for p.nodeEnd <= t {
		p.step()
	}
}

// locate begins the pass that t is in.
func (p *Policy) locate(t machine.Time) {
	g := p.g
	p.pass = int64(t-g.epoch) / int64(g.base)
	p.nodeFrom = g.epoch + machine.Time(p.pass*int64(g.base))
	p.node = g.enter(g.root, p.pass)
	p.nodeEnd = p.nodeFrom + machine.Time(g.nodes[p.node].slice)
}

// sort links the nodes of each owner, and the free ones.
func (g *graph) sort(tail func(a *activity) *int32) {
	g.free = none
	for i := range g.nodes {
		if a := g.nodes[i].owner; a != nil {
			*tail(a) = none
		}
	}
	for i := range g.nodes { // made from the end on
		n := &g.nodes[i]
		head := &g.free
		switch {
		case n.branch:
			continue
		case n.owner != nil:
			head = tail(n.owner)
		}
		n.same = *head
		*head = int32(i)
	}
}

// shift moves the whole graph in time.
func (g *graph) shift(epoch machine.Time) {
	d := epoch - g.epoch
	g.epoch = epoch
	for i := range g.nodes {
		g.nodes[i].first += d
	}
}

// install puts a graph in the place of the current one.
func (p *Policy) install(g *graph) {
	if p.g != nil {
		for i := range p.g.nodes {
			if a := p.g.nodes[i].owner; a != nil {
				a.nodes = none
			}
		}
	}
	p.g = g
	g.sort(func(a *activity) *int32 { return &a.nodes })
	p.locate(p.now)
	p.seek(p.now)
	p.quiet = min(p.nodeEnd, p.starts.first(), p.deadlines.first())
}

// builder makes a graph from chains.
type builder struct {
	g         *graph
	allowance machine.Duration
}

// add appends a node and returns its index.
func (b *builder) add(n node) int32 {
	n.books, n.same = none, none
	n.period = b.g.base << uint(n.level)
	n.useful = max(n.slice-b.allowance, 0)
	n.first = b.g.epoch + machine.Time(n.at+n.slice-n.useful)
	if !n.branch {
		n.child = [2]int32{none, none}
		b.g.depth = max(b.g.depth, int(n.level))
	}
	b.g.nodes = append(b.g.nodes, n)
	return int32(len(b.g.nodes) - 1)
}

// part is a slice of a chain before it is linked: a branch has two chains.
type part struct {
	owner *activity
	kept  bool
	slice machine.Duration
	sides [2][]part
}

func (x *part) isFree() bool { return x.owner == nil && !x.kept && x.sides[0] == nil }

// link makes nodes of a chain that begins at the given place of its level, and is
// followed by after. It returns the first one.
func (b *builder) link(chain []part, level int, at machine.Duration, after int32) int32 {
	for _, x := range chain {
		at += x.slice
	}
	for _, x := range slices.Backward(chain) {
		at -= x.slice
		n := node{owner: x.owner, kept: x.kept, slice: x.slice, level: int8(level), at: at, next: after}
		if x.sides[0] != nil {
			n.branch = true
			n.child[0] = b.link(x.sides[0], level+1, at, after)
			n.child[1] = b.link(x.sides[1], level+1, at+b.g.base<<uint(level), after)
		}
		after = b.add(n)
	}
	return after
}

// chain returns the parts from node i up to after, with those of without free,
// neighbours that are free as one, and branches that are free on both sides as a
// slice.
func (g *graph) chain(i, after int32, without *activity) []part {
	parts := []part{}
	for ; i != after; i = g.nodes[i].next {
		n := &g.nodes[i]
		x := part{owner: n.owner, kept: n.kept, slice: n.slice}
		if x.owner == without {
			x.owner = nil
		}
		if n.branch {
			for side := range x.sides {
				x.sides[side] = g.chain(n.child[side], n.next, without)
			}
			if a, b := x.sides[0], x.sides[1]; len(a) == 1 && len(b) == 1 && a[0].isFree() && b[0].isFree() {
				x.sides = [2][]part{}
			}
		}
		if last := len(parts) - 1; last >= 0 && x.isFree() && parts[last].isFree() {
			parts[last].slice += x.slice
			continue
		}
		parts = append(parts, x)
	}
	return parts
}

// assemble makes a graph of a root chain.
func (p *Policy) assemble(base machine.Duration, epoch machine.Time, root []part) *graph {
	g := &graph{base: base, epoch: epoch}
	b := builder{g, p.cfg.Allowance}
	g.root = b.link(root, 0, 0, none)
	for _, a := range p.acts {
		a.tried = none
	}
	g.sort(func(a *activity) *int32 { return &a.tried })
	return g
}
