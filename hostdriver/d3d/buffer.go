package d3d

import (
	"context"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver"
)

// LockFlags say what a lock of a vertex buffer is for.
type LockFlags uint32

// The flags of Lock.
const (
	NoOverwrite LockFlags = 0x1000 // nothing that was drawn from is written: no waiting
	Discard     LockFlags = 0x2000 // what was there is not needed: other memory, no waiting
	ReadOnly    LockFlags = 0x0010 // nothing is written: no waiting
)

// renamed is how many memories a buffer takes turns with at most, under Discard.
const renamed = 4

// VertexBuffer is vertices in memory that the card draws from.
type VertexBuffer struct {
	d        *Device
	format   FVF
	count    int
	stride   int
	backs    []*back
	now      *back
	locked   bool
	write    bool
	released bool
}

// back is one memory of a buffer.
type back struct {
	remote graphics.VertexBuffer
	number uint32
	span   *hostdriver.Span
	busy   uint64 // the fence behind the last draw from it; 0 if there was none
}

// CreateVertexBuffer makes a buffer for so many vertices of a format. Release it.
// ErrVertexBufferCreateFailed: none, or more than 16 MiB.
func (d *Device) CreateVertexBuffer(ctx context.Context, f FVF, count int) (*VertexBuffer, error) {
	stride := f.Stride()
	if stride == 0 {
		return nil, failed(ErrInvalidVertexFormat, "%#x", uint32(f))
	}
	if count < 1 || count > 16<<20/stride {
		return nil, failed(ErrVertexBufferCreateFailed, "%d vertices of %d bytes", count, stride)
	}
	b := &VertexBuffer{d: d, format: f, count: count, stride: stride}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ok(); err != nil {
		return nil, err
	}
	if err := b.add(ctx); err != nil {
		return nil, err
	}
	return b, nil
}

// add makes another memory the one of now.
func (b *VertexBuffer) add(ctx context.Context) error {
	remote, err := b.d.device.CreateVertexBuffer(ctx, uint32(b.count*b.stride))
	if err != nil {
		return translate(err)
	}
	k := &back{remote: remote}
	if k.number, err = remote.Number(ctx); err == nil {
		m, e := remote.Memory(ctx)
		if err = e; err == nil {
			k.span, err = hostdriver.Map(ctx, b.d.card, m)
			m.Release()
		}
	}
	if err == nil && len(k.span.Bytes()) < b.count*b.stride {
		_ = k.span.Release() // the error that matters is the card's
		err = failed(ErrVertexBufferCreateFailed, "the card granted %d of %d bytes", len(k.span.Bytes()), b.count*b.stride)
	}
	if err != nil {
		remote.Release()
		return translate(err)
	}
	b.backs = append(b.backs, k)
	b.now = k
	return nil
}

// Format is the format of its vertices, Len how many there are.
func (b *VertexBuffer) Format() FVF { return b.format }

// Len is how many vertices there are.
func (b *VertexBuffer) Len() int { return b.count }

// Lock returns the memory of all vertices until Unlock. Without a flag it waits
// until the card has drawn what it was told to draw from the buffer. After Discard
// what the memory holds is anything. ErrVertexBufferLocked: it is locked.
func (b *VertexBuffer) Lock(ctx context.Context, flags LockFlags) ([]byte, error) {
	d := b.d
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.ok(); err != nil {
		return nil, err
	}
	switch {
	case b.released:
		return nil, failed(ErrInvalidParams, "the buffer was released")
	case b.locked:
		return nil, failed(ErrVertexBufferLocked, "lock %#x", uint32(flags))
	case flags&^(NoOverwrite|Discard|ReadOnly) != 0 || flags&NoOverwrite != 0 && flags&Discard != 0:
		return nil, failed(ErrInvalidParams, "lock flags %#x", uint32(flags))
	}
	// Where memory is pushed, pushes and draws keep their order by themselves.
	if flags&(NoOverwrite|ReadOnly) == 0 && b.now.span.Shared() {
		var err error
		if flags&Discard != 0 {
			err = b.rename(ctx)
		} else {
			err = d.wait(ctx, b.now)
		}
		if err != nil {
			return nil, err
		}
	}
	b.locked, b.write = true, flags&ReadOnly == 0
	n := b.count * b.stride
	return b.now.span.Bytes()[:n:n], nil
}

// rename goes on with memory the card is done with.
func (b *VertexBuffer) rename(ctx context.Context) error {
	d := b.d
	if b.now.busy == 0 {
		return nil
	}
	if err := d.fence(); err != nil {
		return err
	}
	done := d.done()
	oldest := b.now
	for _, k := range b.backs {
		if k.busy <= done {
			k.busy = 0
			b.now = k
			return nil
		}
		if k.busy < oldest.busy {
			oldest = k
		}
	}
	if len(b.backs) < renamed {
		return b.add(ctx)
	}
	b.now = oldest
	return d.wait(ctx, oldest)
}

// done is the last fence that the card has passed, as far as that can be seen
// without asking.
func (d *Device) done() uint64 {
	if v, ok := d.cursor.Get(); ok {
		return v[0]
	}
	return 0
}

// wait waits until the card is done with a memory.
func (d *Device) wait(ctx context.Context, k *back) error {
	if k.busy == 0 {
		return nil
	}
	if err := d.fence(); err != nil {
		return err
	}
	if d.done() < k.busy {
		// Its answer comes after everything that was sent before.
		i, err := d.r.Info(ctx)
		if err != nil {
			return translate(err)
		}
		if i.Fence < k.busy {
			return failed(ErrGeneric, "the card passed fence %d, not %d", i.Fence, k.busy)
		}
	}
	k.busy = 0
	return nil
}

// Unlock says that the vertices have been written.
func (b *VertexBuffer) Unlock() error {
	b.d.mu.Lock()
	defer b.d.mu.Unlock()
	if b.released || !b.locked {
		return failed(ErrVertexBufferUnlockFailed, "there is no lock")
	}
	b.locked = false
	if !b.write {
		return nil
	}
	return translate(b.now.span.Push(0, b.count*b.stride))
}

// use checks a draw from a buffer and notes it.
func (d *Device) use(p Primitive, b *VertexBuffer, first, count int) error {
	if b == nil || b.d != d || b.released {
		return failed(ErrInvalidParams, "that is no vertex buffer of this device")
	}
	if _, err := d.begin(p, b.format); err != nil {
		return err
	}
	if b.locked {
		return failed(ErrVertexBufferLocked, "a draw from it")
	}
	if first < 0 || count < 0 || first > b.count || count > b.count-first {
		return failed(ErrInvalidParams, "vertices %d to %d of %d", first, first+count, b.count)
	}
	d.drawn = true
	b.now.busy = d.fences + 1
	return nil
}

// DrawPrimitiveVB draws count vertices of a buffer from vertex first on.
func (d *Device) DrawPrimitiveVB(p Primitive, b *VertexBuffer, first, count int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.use(p, b, first, count); err != nil || count == 0 {
		return err
	}
	return d.command(d.r.DrawBuffer(p, uint32(b.format), b.now.number, uint32(first), uint32(count)))
}

// DrawIndexedPrimitiveVB draws what indices name, counted from vertex first on, of
// count vertices of a buffer. ErrTooManyVertices: more than 65,536.
func (d *Device) DrawIndexedPrimitiveVB(p Primitive, b *VertexBuffer, first, count int, indices []uint16) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.use(p, b, first, count); err != nil {
		return err
	}
	if count > 65536 {
		return failed(ErrTooManyVertices, "%d vertices with indices", count)
	}
	if err := checkIndices(indices, count); err != nil || len(indices) == 0 {
		return err
	}
	return d.command(d.r.DrawIndexedBuffer(p, uint32(b.format), b.now.number, uint32(first), uint32(count), d.little(indices)))
}

// Release gives the buffer back. Memory of Lock is not to be touched any more.
func (b *VertexBuffer) Release() {
	b.d.mu.Lock()
	defer b.d.mu.Unlock()
	if b.released {
		return
	}
	b.released = true
	for _, k := range b.backs {
		_ = k.span.Release() // it can but fail to unmap what nobody uses any more
		k.remote.Release()
	}
}
