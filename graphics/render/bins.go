package render

import (
	"sync/atomic"
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

// list is a piece of a chunk's bin. All but the first two words are for the first
// list of a part; see front.
type list struct {
	entries [perList]entry
	next    int32
	count   uint16
	chunk   uint16
	last    int32 // of the part
	part    int32 // the first list of another
}

// chunk numbers fit a list's.
const _ = uint16(chunksMost - 1)

// chunksMost is how many chunks the largest target has.
const chunksMost = (MaxSize / chunkSize) * (MaxSize / chunkSize)

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
	taken               atomic.Int32 // of lists, by fronts
	most                int          // entries until they are rendered
	entries             int          // but for those that fronts have not told of
	big                 []raster.Triangle
	bigCount            atomic.Int32
	fronts              []*front // of workers; the first is the caller's
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
	b.most = c.Entries
	// Two lists that follow each other in a bin are more than half full together, but
	// for what workers hold ready.
	w := c.Team.Workers()
	b.lists = make([]list, c.Entries/8+n+(w+1)*listsAtOnce)
	b.big = make([]raster.Triangle, bigs)
	b.clears = make([]clearing, rectangles)
	b.slots, b.snapshots = make([]slot, c.States), make([]snapshot, 4*c.States)
	b.flushes = 1
	b.errs = make([]error, w)
	for i := range w {
		b.chunks = append(b.chunks, alignedChunk())
		b.fronts = append(b.fronts, newFront(r, n, i == 0 && w == 1))
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
	b.entries, b.clearCount = 0, 0
	b.taken.Store(0)
	b.bigCount.Store(0)
	for _, f := range b.fronts {
		f.drop()
	}
	b.whole = clearing{}
	b.depthUsed, b.depthWritten, b.stencilUsed = false, false, false
}

// waiting says whether anything has been gathered.
func (b *bins) waiting() bool { return len(b.active) > 0 || b.whole.what != 0 }

// spill renders what was gathered in the middle of a draw.
func (r *Renderer) spill() error {
	b, g := &r.bins, &r.geometry
	r.settle()
	s := b.snapshots[b.state]
	some, used, end := b.states > 0, g.used.Load(), g.end
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
	g.used.Store(used)
	g.end = end
	return nil
}
