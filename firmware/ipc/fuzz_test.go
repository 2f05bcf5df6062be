package ipc_test

import (
	"encoding/binary"
	"errors"
	"testing"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/system"
)

// lone is a driver for an end whose other end is hostile: it waits for nothing.
type lone struct{}

func (lone) Made(*ipc.Call)       {}
func (lone) Wait(*ipc.Call) error { return com.ErrTimeout }
func (lone) Completed(*ipc.Call)  {}
func (lone) Full(attempt int) error {
	if attempt > 3 {
		return com.ErrTimeout
	}
	return nil
}
func (lone) Exported()    {}
func (lone) Failed(error) {}
func (lone) Now() int64   { return 1 }

// packets cuts data into packets: a length byte each, then that many bytes of
// which the first two become the length field, unless the length byte is odd.
func packets(data []byte, put func([]byte)) {
	for len(data) > 3 {
		n := min(int(data[0])+2, len(data)-1)
		p := append([]byte(nil), data[1:1+n]...)
		if data[0]%2 == 0 {
			binary.LittleEndian.PutUint16(p, uint16(n))
		}
		put(p)
		data = data[1+n:]
	}
}

// FuzzPackets feeds a connection what a hostile client may write into its ring:
// the connection may end with a reason, and nothing else may happen.
func FuzzPackets(f *testing.F) {
	call := func(kind, flags byte, call, object uint32, method uint16, body ...byte) []byte {
		p := make([]byte, 16, 64)
		p[2], p[3] = kind, flags
		binary.LittleEndian.PutUint32(p[4:], call)
		binary.LittleEndian.PutUint32(p[8:], object)
		binary.LittleEndian.PutUint16(p[12:], method)
		p = append(p, body...)
		return append([]byte{byte(len(p)-2) &^ 1}, p...)
	}
	f.Add(call(1, 0, 0, 1, 1<<10, 0, 0, 0, 0))
	f.Add(call(1, 2, 0, 1, 1<<10|1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8))
	f.Add(call(2, 0, 0, 1, 1<<10|3, 1, 2, 3, 4, 5, 6, 7, 8))
	f.Add(call(6, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0))
	f.Add(call(7, 0, 0, 1, 0, make([]byte, 16)...))
	f.Add(append(call(5, 0, 7, 0, 0), call(9, 0, 1, 0, 0)...))
	f.Add(call(1, 1, 0, 1, 1<<10|4, 0, 0, 0, 0, 200, 0, 0, 0))
	f.Add(call(3, 0, 0, 0, 0, 1, 2, 3))
	f.Add(call(1, 0, 0, 1, 1<<10|7, 1, 1, 1, 0, 0, 0, 5, 0, 0, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg := link.Config{Slots: 64, Small: 64 << 10, Large: 1 << 20}
		raw := make([]byte, cfg.Size()+128)
		at := -int(uintptr(unsafe.Pointer(&raw[0]))) & 127
		ch, err := link.Format(raw[at:at+cfg.Size()], cfg, 7)
		if err != nil {
			t.Fatal(err)
		}
		host := ch.HostEnd(func(*uint32) {})
		obj := newCounter()
		c := ipc.NewConn(ch.CardEnd(func(*uint32) {}), lone{}, ipc.Options{
			Single: true, Stubs: system.Stubs,
			Panicked: func(where string, reason any, stack []byte) { // the object itself panics: most of it is not there
			},
		})
		if err := c.Export(obj, system.EchoStub); err != nil {
			t.Fatal(err)
		}
		obj.Release()
		in, out := c.NewIncoming(), make([]byte, link.MaxPacket)
		packets(data, func(p []byte) {
			if c.Err() != nil || !host.Put(p) {
				return
			}
			host.Publish()
			for {
				serve, handled, err := c.Next(in)
				if err != nil {
					if !errors.Is(err, com.ErrProtocol) {
						t.Fatalf("the connection ended with %v", err)
					}
					break
				}
				if serve {
					c.Serve(in)
				} else if !handled {
					break
				}
			}
			for {
				if n, err := host.Get(out); n == 0 || err != nil {
					break
				}
			}
			host.GiveBack()
		})
		c.Close()
		if n := obj.Refs(); n != 0 {
			t.Fatalf("%d references are held after the client has gone", n)
		}
	})
}
