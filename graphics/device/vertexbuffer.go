package device

import (
	"context"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/share"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread/wait"
)

// maxVertexBytes is the largest vertex buffer.
const maxVertexBytes = 16 << 20

// VertexBuffer implements graphics.VertexBuffer. It counts as a surface.
type VertexBuffer struct {
	com.Object
	d      *Device
	number uint32
	mem    *share.Memory
	task   wait.Task
}

// CreateVertexBuffer implements graphics.Device.
func (d *Device) CreateVertexBuffer(ctx context.Context, bytes uint32) (graphics.VertexBuffer, error) {
	if bytes < 1 || bytes > maxVertexBytes {
		return nil, com.Errorf(com.ErrInvalid, "a vertex buffer of %d bytes, and 1 to %d are possible", bytes, maxVertexBytes)
	}
	mem, err := d.alloc(ctx, surfaces, 1, int(bytes))
	if err != nil {
		return nil, err
	}
	t, err := d.enter()
	if err != nil {
		d.free(mem, surfaces, 1, int(bytes))
		return nil, err
	}
	b := &VertexBuffer{d: d, mem: mem}
	d.bufferNumbers++
	for d.bufferNumbers == 0 || d.buffers[d.bufferNumbers] != nil {
		d.bufferNumbers++
	}
	b.number = d.bufferNumbers
	if d.buffers == nil {
		d.buffers = map[uint32]*VertexBuffer{}
	}
	d.buffers[b.number] = b
	d.unlock(t)
	b.task.Do = func() {
		t := d.lock()
		b.end()
		d.unlock(t)
		d.f.gone()
	}
	b.Init(b, func() { d.f.leave(&b.task) }, graphics.VertexBufferType.For(b))
	return b, nil
}

// end gives the memory back. The device is locked.
func (b *VertexBuffer) end() {
	if b.d.buffers[b.number] != b {
		return
	}
	delete(b.d.buffers, b.number)
	b.d.free(b.mem, surfaces, 1, len(b.mem.Bytes()))
}

// Memory implements graphics.VertexBuffer.
func (b *VertexBuffer) Memory(context.Context) (system.Memory, error) {
	t, err := b.d.enter()
	if err != nil {
		return nil, err
	}
	defer b.d.unlock(t)
	if b.d.buffers[b.number] != b {
		return nil, com.Errorf(com.ErrClosed, "vertex buffer %d was released", b.number)
	}
	b.mem.AddRef()
	return b.mem, nil
}

// Number implements graphics.VertexBuffer.
func (b *VertexBuffer) Number(context.Context) (uint32, error) { return b.number, nil }

var _ graphics.VertexBuffer = (*VertexBuffer)(nil)
