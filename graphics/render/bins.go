package render

import (
	"unsafe"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/raster"
)

const (
	chunkBits = 5
	chunkSize = raster.Size
	_         = -(chunkSize ^ 1<<chunkBits)

	// spare is the vertices kept free for what clipping adds.
	spare = 1024
	// bigs is how many triangles are kept set up.
	bigs = 4096
	// rectangles is how many clears of rectangles are kept.
	rectangles = 256
)

// What an entry of a bin is.
const (
	smallTriangle = iota // three vertices, set up when it is drawn
	bigTriangle          // a set-up triangle; its number is a
	clearRect            // a clearing; its number is a
)

// entry is a primitive in a chunk's bin.
type entry struct {
	a, b, c uint32
	state   uint16 // the snapshot
	kind    uint8
}

// perList makes a list 256 bytes.
const perList = 15

// list is a piece of a chunk's bin.
type list struct {
	entries [perList]entry
	next    int32
	count   int32
	_       [2]int32
}

// head is a chunk's bin: its first and last lists, -1 if it has none.
type head struct{ first, last int32 }

// clearing is one Clear of a rectangle.
type clearing struct {
	what    ClearFlags
	rect    blit.Rect
	color   uint32
	z       float32
	stencil uint8
}

// bins is what has been gathered, chunk by chunk.
type bins struct {
	r                   *Renderer
	team                Team
	maxWidth, maxHeight int
	columns, rows       int
	heads               []head
	active              []int32 // chunks that have bins, in the order they got them
	lists               []list
	taken               int
	big                 []raster.Triangle
	bigCount            int
	clears              []clearing
	clearCount          int
	whole               clearing // comes before everything else; what is 0 if there is none
	slots               []slot
	next                int
	snapshots           []snapshot
	states              int // snapshots taken
	state               int // the current one
	flushes             uint64
	depthUsed           bool
	depthWritten        bool
	stencilUsed         bool
	machine             machine.Machine
	compiler            *raster.Compiler
	last                *slot           // drawn with
	chunks              []*raster.Chunk // of workers
	errs                []error
	work                func(worker, i int)
}

func (b *bins) init(r *Renderer, c *Config) {
	b.r, b.team, b.machine = r, c.Team, c.Machine
	if b.machine != nil {
		b.compiler = raster.NewCompiler(b.machine)
	}
	b.maxWidth, b.maxHeight = c.Width, c.Height
	n := chunksOf(c.Width) * chunksOf(c.Height)
	b.heads, b.active = make([]head, n), make([]int32, 0, n)
	// A primitive that touches every chunk always fits.
	b.lists = make([]list, c.Entries/perList+n)
	b.big = make([]raster.Triangle, bigs)
	b.clears = make([]clearing, rectangles)
	b.slots, b.snapshots = make([]slot, c.States), make([]snapshot, 4*c.States)
	b.flushes = 1
	w := c.Team.Workers()
	b.errs = make([]error, w)
	for range w {
		b.chunks = append(b.chunks, alignedChunk())
	}
	b.work = b.render
}

// alignedChunk makes a chunk that begins a cache line.
func alignedChunk() *raster.Chunk {
	type two struct {
		_ [64]byte
		c raster.Chunk
	}
	const line = 64
	m := make([]uint64, (unsafe.Sizeof(two{})+line)/8)
	at := uintptr(unsafe.Pointer(&m[0]))
	return (*raster.Chunk)(unsafe.Pointer(&m[(line-at%line)%line/8]))
}

func chunksOf(pixels int) int { return (pixels + chunkSize - 1) >> chunkBits }

// shape has the bins be those of a target, empty.
func (b *bins) shape(width, height int) {
	b.columns, b.rows = chunksOf(width), chunksOf(height)
	b.drop()
}

// drop empties all bins.
func (b *bins) drop() {
	for i := range b.heads[:b.columns*b.rows] {
		b.heads[i] = head{-1, -1}
	}
	b.empty()
}

// empty forgets what was gathered, once the heads are clear.
func (b *bins) empty() {
	b.active = b.active[:0]
	b.taken, b.bigCount, b.clearCount = 0, 0, 0
	b.whole = clearing{}
	b.depthUsed, b.depthWritten, b.stencilUsed = false, false, false
}

// waiting says whether anything has been gathered.
func (b *bins) waiting() bool { return len(b.active) > 0 || b.whole.what != 0 }

// grow adds a list to a chunk's bin.
func (b *bins) grow(h *head, k int) *list {
	at := int32(b.taken)
	b.taken++
	if b.taken&63 == 0 {
		b.r.checkpoint()
	}
	l := &b.lists[at]
	l.next, l.count = -1, 0
	if h.last < 0 {
		h.first = at
		b.active = append(b.active, int32(k))
	} else {
		b.lists[h.last].next = at
	}
	h.last = at
	return l
}

// put adds an entry to a chunk's bin. There is room.
func (b *bins) put(k int, e entry) {
	h := &b.heads[k]
	var l *list
	if h.last >= 0 {
		l = &b.lists[h.last]
	}
	if l == nil || l.count == perList {
		l = b.grow(h, k)
	}
	l.entries[l.count] = e
	l.count++
}

// room makes room for n more entries of different chunks, and a triangle that
// is kept set up. It is false if the room is not to be had.
func (r *Renderer) room(n int) bool {
	b := &r.bins
	if b.taken+n <= len(b.lists) && b.bigCount < len(b.big) && b.clearCount < len(b.clears) {
		return true
	}
	return r.spill() == nil
}

// spill renders what was gathered in the middle of a draw.
func (r *Renderer) spill() error {
	b, g := &r.bins, &r.geometry
	s := b.snapshots[b.state]
	some, used, end := b.states > 0, g.used, g.end
	if err := r.Flush(); err != nil {
		return err
	}
	if some {
		s.before = r.counts.Entries
		b.snapshots[0], b.states, b.state = s, 1, 0
		s.slot.used = b.flushes
		k := &s.slot.key.state
		b.depthUsed, b.depthWritten, b.stencilUsed = k.DepthTest, k.DepthTest && k.DepthWrite, k.Stencil.Test
		for _, t := range r.textures {
			if t != nil && t.reader == r && t.flushes == b.flushes-1 {
				t.flushes = b.flushes
			}
		}
	}
	g.used, g.end = used, end
	return nil
}
