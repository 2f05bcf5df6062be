package display

import (
	"context"
	"math"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread/wait"
	"github.com/mmlite/mmlite/graphics/blit"
)

// Memory is what keeps the pixels of a picture where they are while the compositor
// may read them.
type Memory interface {
	AddRef() uint32
	Release() uint32
}

// Colors is a palette that can change.
type Colors interface {
	// Copy stores the colours of one moment. It waits for a few instructions at most.
	Copy(into *blit.Palette)
}

// Picture is what a layer shows: pixels that their owner may write at any time.
type Picture struct {
	Pixels blit.Surface // whose palette is not looked at
	Colors Colors       // of indexed pixels; nil is a ramp of greys
	Memory Memory       // may be nil
}

// Group is the layers of one device, which may be on the screen alone.
type Group struct {
	Name   string // for people
	screen *Screen
	share  *Share
	seen   wait.List // who waits for flips
}

// NewGroup returns a group of layers, of which all have a share of the compositor's
// time together; nil is one of its own.
func (s *Screen) NewGroup(name string, share *Share) *Group {
	if share == nil {
		share = &Share{}
	}
	return &Group{Name: name, screen: s, share: share}
}

// Wait waits for a vertical blank, or until something holds that is looked at when a
// flip of the group's layers has been seen, and when one of them is removed. The errors
// are those of wait.List.Until, and com.ErrClosed.
func (g *Group) Wait(ctx context.Context, blank uint64, until func() bool) error {
	return g.screen.wait(ctx, &g.seen, blank, until)
}

// Claim has only the layers of this group be seen. It reports false if another group
// has claimed that.
func (g *Group) Claim() bool {
	s := g.screen
	s.mu.Lock() //mm:blocking held for a few instructions
	defer s.mu.Unlock()
	if s.owner != nil && s.owner != g {
		return false
	}
	if s.owner == nil {
		s.owner = g
		s.damage(s.dirty.bounds())
	}
	return true
}

// Yield has the layers of others be seen again.
func (g *Group) Yield() {
	s := g.screen
	s.mu.Lock() //mm:blocking held for a few instructions
	defer s.mu.Unlock()
	if s.owner == g {
		s.owner = nil
		s.damage(s.dirty.bounds())
	}
}

// Layer is a picture on the screen. Its methods take a few instructions, may be
// called from any goroutine and allocate nothing, but for making it.
type Layer struct {
	screen  *Screen
	group   *Group
	primary bool
	number  uint64 // grows: of two of one depth the later is in front

	// Under screen.mu.
	picture Picture
	matrix  graphics.Affine
	color   uint32
	depth   int32
	visible bool
	clip    machine.Rect // of the screen
	clipped bool
	gone    bool

	next  Picture // to be shown from frame due on
	due   uint64
	flip  bool // there is one
	taken bool // it is being composed
	seen  uint64
	moves bool // the next picture goes to another place
	to    graphics.Affine
}

// MaxLayers is how many layers there are on a screen at most.
const MaxLayers = 4096

// NewLayer puts a picture on the screen, invisible until Show. It reports false if
// there are MaxLayers.
func (s *Screen) NewLayer(g *Group, p Picture, primary bool) (*Layer, bool) {
	l := &Layer{screen: s, group: g, primary: primary, picture: p, color: 0xffffffff, matrix: graphics.Affine{XX: 1, YY: 1}}
	s.mu.Lock() //mm:blocking held for a few instructions
	defer s.mu.Unlock()
	if len(s.layers) == MaxLayers || s.closing.Load() {
		return nil, false
	}
	s.numbers++
	l.number = s.numbers
	hold(p)
	s.layers = append(s.layers, l)
	s.place(l)
	return l, true
}

func hold(p Picture) {
	if p.Memory != nil {
		p.Memory.AddRef()
	}
}

func (p *Picture) drop() {
	if p.Memory != nil {
		p.Memory.Release()
	}
	*p = Picture{}
}

// place moves a layer to where its depth belongs: behind those of less depth, and in
// front of older ones.
func (s *Screen) place(l *Layer) {
	at := 0
	for i, o := range s.layers {
		if o == l {
			at = i
		}
	}
	before := func(a, b *Layer) bool { return a.depth > b.depth || a.depth == b.depth && a.number < b.number }
	for ; at > 0 && before(l, s.layers[at-1]); at-- {
		s.layers[at] = s.layers[at-1]
	}
	for ; at+1 < len(s.layers) && before(s.layers[at+1], l); at++ {
		s.layers[at] = s.layers[at+1]
	}
	s.layers[at] = l
}

// enter begins a change, if the layer is still there.
func (l *Layer) enter() bool {
	l.screen.mu.Lock() //mm:blocking held for a few instructions
	if l.gone {
		l.screen.mu.Unlock()
		return false
	}
	return true
}

func (l *Layer) leave() { l.screen.mu.Unlock() }

// shows reports whether people can see the layer.
func (l *Layer) shows() bool {
	s := l.screen
	return l.visible && l.color>>24 != 0 && (s.owner == nil || s.owner == l.group)
}

// spoil has everything that the layer covers be composed anew.
func (l *Layer) spoil() {
	if l.shows() {
		l.screen.damage(l.covers(machine.Rect{X1: l.picture.Pixels.Width, Y1: l.picture.Pixels.Height}))
	}
}

// covers is the part of the screen that a part of the picture is seen on, and pixels
// around it that filters mix it into.
func (l *Layer) covers(r machine.Rect) machine.Rect {
	screen := l.screen.dirty.bounds()
	if l.clipped {
		screen = clip(screen, l.clip)
	}
	return clip(Bounds(l.matrix, r), screen)
}

// Bounds is the pixels that a part of a picture touches on the screen.
func Bounds(m graphics.Affine, r machine.Rect) machine.Rect {
	if r.Empty() {
		return machine.Rect{}
	}
	if m == (graphics.Affine{XX: 1, YY: 1, X0: m.X0, Y0: m.Y0}) && m.X0 == float32(int16(m.X0)) && m.Y0 == float32(int16(m.Y0)) {
		x, y := int(m.X0), int(m.Y0)
		return machine.Rect{X0: r.X0 + x, Y0: r.Y0 + y, X1: r.X1 + x, Y1: r.Y1 + y}
	}
	// A filter reaches one pixel of the picture farther than pixels' edges, or, where the
	// picture shrinks, two of the screen.
	const reach, blur = 1, 2
	lo := [2]float64{math.Inf(1), math.Inf(1)}
	hi := [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, x := range [2]float64{float64(r.X0) - reach, float64(r.X1-1) + reach} {
		for _, y := range [2]float64{float64(r.Y0) - reach, float64(r.Y1-1) + reach} {
			px := float64(m.XX)*x + float64(m.XY)*y + float64(m.X0)
			py := float64(m.YX)*x + float64(m.YY)*y + float64(m.Y0)
			lo[0], hi[0] = min(lo[0], px), max(hi[0], px)
			lo[1], hi[1] = min(lo[1], py), max(hi[1], py)
		}
	}
	const far = 1 << 20 // beyond any screen
	at := func(v float64) int {
		if !(v > -far) {
			return -far
		}
		return int(min(v, far))
	}
	return machine.Rect{X0: at(math.Floor(lo[0])) - blur, Y0: at(math.Floor(lo[1])) - blur, X1: at(math.Ceil(hi[0])) + 1 + blur, Y1: at(math.Ceil(hi[1])) + 1 + blur}
}

// SetMatrix moves the layer.
func (l *Layer) SetMatrix(m graphics.Affine) {
	if l.enter() {
		l.move(m)
		l.leave()
	}
}

// SetColor multiplies the picture by a colour.
func (l *Layer) SetColor(argb uint32) {
	if l.enter() {
		if l.color != argb {
			l.spoil()
			l.color = argb
			l.spoil()
		}
		l.leave()
	}
}

// SetDepth puts the layer in front of those of greater depth.
func (l *Layer) SetDepth(depth int32) {
	if l.enter() {
		if l.depth != depth {
			l.depth = depth
			l.screen.place(l)
			l.spoil()
		}
		l.leave()
	}
}

// Show has the layer be seen, or not.
func (l *Layer) Show(visible bool) {
	if l.enter() {
		if l.visible != visible {
			l.spoil()
			l.visible = visible
			l.spoil()
		}
		l.leave()
	}
}

// SetClip has the layer be seen only inside a rectangle; the zero one means everywhere.
func (l *Layer) SetClip(r machine.Rect) {
	if l.enter() {
		l.spoil()
		l.clip, l.clipped = r, r != (machine.Rect{})
		l.spoil()
		l.leave()
	}
}

// SetPicture has the layer show another picture.
func (l *Layer) SetPicture(p Picture) {
	if l.enter() {
		l.spoil()
		old := l.picture
		hold(p)
		l.picture = p
		l.spoil()
		l.leave()
		old.drop()
	}
}

// Recolor has the layer's pixels, and those that are to follow, mean other colours.
func (l *Layer) Recolor(c Colors) {
	if l.enter() {
		l.picture.Colors, l.next.Colors = c, c
		l.spoil()
		l.leave()
	}
}

// Damage says that a part of the picture has changed.
func (l *Layer) Damage(r machine.Rect) {
	if l.enter() {
		if l.shows() {
			l.screen.damage(l.covers(r))
		}
		l.leave()
	}
}

// Flip has the layer show another picture from the given number of vertical blanks
// after the flip before on, and from the next one at the earliest. It returns how many
// blanks have passed without it. A flip that was not seen yet is left out.
func (l *Layer) Flip(p Picture, interval uint32) (missed uint64) {
	if !l.enter() {
		return 0
	}
	s := l.screen
	now, _, _ := s.Blank(s.clock.Now())
	due := now + 1
	if interval > 0 && l.seen > 0 {
		if at := l.seen + uint64(interval); at > due {
			due = at
		} else {
			missed = due - at
		}
	}
	var old Picture
	if l.flip {
		old = l.next
	}
	hold(p)
	if l.flip && l.moves { // what it would have moved with is left out, but not the move
		l.moves = false
		l.move(l.to)
	}
	l.next, l.due, l.flip = p, due, true
	s.expect(due)
	l.leave()
	old.drop()
	return missed
}

// Pending reports whether a flip has not been seen yet, and if so at which blank it
// is due.
func (l *Layer) Pending() (due uint64, yes bool) {
	if !l.enter() {
		return 0, false
	}
	defer l.leave()
	return l.due, l.flip || l.taken
}

// Remove takes the layer off the screen. Its pictures' memory is let go of as soon as
// the compositor has done with it.
func (l *Layer) Remove() {
	if !l.enter() {
		return
	}
	s := l.screen
	l.spoil()
	l.gone = true
	for i, o := range s.layers {
		if o == l {
			s.layers = append(s.layers[:i], s.layers[i+1:]...)
			break
		}
	}
	old, next := l.picture, l.next
	l.picture, l.next, l.flip = Picture{}, Picture{}, false
	l.leave()
	old.drop()
	next.drop()
	l.group.seen.Signal()
}
