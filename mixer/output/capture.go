package output

import (
	"context"
	"encoding/binary"
	"math"
	"sync/atomic"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/thread/wait"
)

const (
	// captureSeconds is how far a reader may fall behind.
	captureSeconds = 4
	// maxAllCaptures is how many there can be at a time: each takes megabytes.
	maxAllCaptures = 64
)

// bytesPerFrame of a capture: two float32.
const bytesPerFrame = 8

// cellHeader is the room for the frame number in front of each period.
const cellHeader = 8

// Capture is a recording of the periods that go by. It is a ring of periods in
// card memory, filled by one thread that never waits; a period that finds no room
// is left out, which the frame numbers show. Offline the device waits for room.
type Capture struct {
	com.Object
	mem    memory
	period int // frames
	cell   int // bytes
	cells  uint64

	frame   uint64 // the writer's: frames since the beginning
	written atomic.Uint64
	read    atomic.Uint64
	ended   atomic.Bool
	dropped atomic.Bool // the last reference has gone
	holders atomic.Int32
	list    wait.List
	gate    wait.Gate
	offset  int           // the reader's: frames of the first cell already read
	source  *thread.Event // of the thread that fills it
	room    *thread.Event // of the device's thread
	reaper  *wait.Reaper
	task    wait.Task
}

// newCapture returns one with the caller's reference. source is signaled when it
// is not wanted any more, and room when a period has been read. frames are kept for
// a reader that falls behind.
func (o *Output) newCapture(source *thread.Event, frames int) (*Capture, error) {
	if o.captures.Add(1) > maxAllCaptures {
		o.captures.Add(-1)
		return nil, com.Errorf(com.ErrQuota, "%d captures are kept already", maxAllCaptures)
	}
	c := &Capture{period: o.period, cell: cellHeader + o.period*bytesPerFrame}
	c.cells = uint64((frames + o.period - 1) / o.period)
	m, err := allocate(o.heap, int(c.cells)*c.cell)
	if err != nil {
		o.captures.Add(-1)
		return nil, err
	}
	c.mem, c.source, c.room, c.reaper = m, source, &o.wake, o.reaper
	c.task.Do = func() {
		if err := c.mem.free(); err != nil {
			o.log("capture: %v", err)
		}
		o.captures.Add(-1)
		o.letGo()
	}
	o.holders.Add(1)
	c.holders.Store(2)
	c.Init(c, c.final, audio.CaptureType.For(c))
	return c, nil
}

// final is the reader's end.
func (c *Capture) final() {
	c.dropped.Store(true)
	c.list.Signal()
	c.letGo()
	c.source.Signal()
	c.room.Signal()
}

// end is the writer's end.
func (c *Capture) end() {
	c.ended.Store(true)
	c.list.Signal()
	c.letGo()
}

func (c *Capture) letGo() {
	if c.holders.Add(-1) == 0 {
		c.reaper.Leave(&c.task)
	}
}

func (c *Capture) at(n uint64) []byte {
	i := int(n%c.cells) * c.cell
	return c.mem.span.Bytes()[i : i+c.cell]
}

// full reports whether the next period would find no room.
func (c *Capture) full() bool {
	return c.written.Load()-c.read.Load() >= c.cells && !c.dropped.Load()
}

// begin returns the place of the next period and counts its frames, or nil if
// there is no room. Only the source's thread calls it, put and putFrames.
func (c *Capture) begin() []byte {
	frame := c.frame
	c.frame += uint64(c.period)
	w := c.written.Load()
	if w-c.read.Load() >= c.cells {
		return nil
	}
	b := c.at(w)
	binary.LittleEndian.PutUint64(b, frame)
	return b[cellHeader:]
}

func (c *Capture) commit() {
	c.written.Store(c.written.Load() + 1)
	c.list.Signal()
}

// put records a period of two sides.
func (c *Capture) put(left, right []float32) {
	b := c.begin()
	if b == nil {
		return
	}
	for i, l := range left[:c.period] {
		p := b[8*i : 8*i+8]
		binary.LittleEndian.PutUint32(p, math.Float32bits(l))
		binary.LittleEndian.PutUint32(p[4:], math.Float32bits(right[i]))
	}
	c.commit()
}

// putFrames records an interleaved period.
func (c *Capture) putFrames(frames []float32) {
	b := c.begin()
	if b == nil {
		return
	}
	for i, v := range frames[:2*c.period] {
		binary.LittleEndian.PutUint32(b[4*i:4*i+4], math.Float32bits(v))
	}
	c.commit()
}

// ready reports whether Read would not wait.
func (c *Capture) ready() bool {
	return c.written.Load() != c.read.Load() || c.ended.Load() || c.dropped.Load()
}

// skip leaves out all but the newest cells. It is the reader's.
func (c *Capture) skip(cells uint64) {
	if r, w := c.read.Load(), c.written.Load(); w-r > cells {
		c.offset = 0
		c.read.Store(w - cells)
		c.room.Signal()
	}
}

// Read implements audio.Capture.
func (c *Capture) Read(ctx context.Context, buf []byte) (n uint32, frame uint64, err error) {
	if len(buf) < bytesPerFrame {
		return 0, 0, com.Errorf(com.ErrInvalid, "a buffer of %d bytes holds no frame of %d", len(buf), bytesPerFrame)
	}
	if err := c.gate.Enter(ctx); err != nil {
		return 0, 0, err
	}
	defer c.gate.Leave()
	if err := c.list.Until(ctx, c.ready); err != nil {
		return 0, 0, err
	}
	done := 0
	next := uint64(0)
	r := c.read.Load()
	for w := c.written.Load(); r != w && len(buf)-done >= bytesPerFrame; {
		b := c.at(r)
		first := binary.LittleEndian.Uint64(b) + uint64(c.offset)
		if done == 0 {
			frame = first
		} else if first != next {
			break
		}
		from := cellHeader + c.offset*bytesPerFrame
		whole := (len(buf) - done) &^ (bytesPerFrame - 1)
		k := copy(buf[done:done+whole], b[from:])
		done += k
		c.offset += k / bytesPerFrame
		next = first + uint64(k/bytesPerFrame)
		if c.offset == c.period {
			c.offset = 0
			r++
			c.read.Store(r)
		}
	}
	if done == 0 {
		frame = c.read.Load() * uint64(c.period)
	}
	c.room.Signal()
	return uint32(done), frame, nil
}
