package ipc

import (
	"encoding/binary"
	"testing"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
)

type nobody struct{}

func (nobody) Made(*Call)       {}
func (nobody) Wait(*Call) error { return com.ErrTimeout }
func (nobody) Completed(*Call)  {}
func (nobody) Full(int) error   { return com.ErrTimeout }
func (nobody) Exported()        {}
func (nobody) Failed(error)     {}
func (nobody) Now() int64       { return 1 }

// hooked is an object during whose AddRef something happens.
type hooked struct {
	com.Object
	hook func()
}

func (h *hooked) AddRef() uint32 {
	if h.hook != nil {
		h.hook()
	}
	return h.Object.AddRef()
}

// A peer that releases what it has not received yet takes no reference but its own.
func TestReleaseAheadOfExport(t *testing.T) {
	cfg := link.Config{Slots: 64, Small: 64 << 10, Large: 1 << 20}
	raw := make([]byte, cfg.Size()+128)
	ch, err := link.Format(raw[-int(uintptr(unsafe.Pointer(&raw[0])))&127:], cfg, 1)
	if err != nil {
		t.Fatal(err)
	}
	c := NewConn(ch.CardEnd(func(*uint32) {}), nobody{}, Options{})
	ended := false
	h := &hooked{}
	desc := &com.Descriptor{IID: com.IID{1}}
	h.Init(h, func() { ended = true })
	id, _, err := c.export(h, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.hook = func() { _ = c.released(id, binary.LittleEndian.AppendUint64(nil, 2)) }
	if _, _, err := c.export(h, &Stub{Type: desc}); err != nil {
		t.Fatal(err)
	}
	if ended {
		t.Fatal("the object has ended while its owner holds it")
	}
	h.hook = nil
	c.Close()
	if h.Refs() != 1 {
		t.Fatalf("%d references are left", h.Refs())
	}
	h.Release()
}
