package fwcfg

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

// fake is the device: items by key, read byte after byte.
type fake struct {
	reg.Space // unused accesses
	items     map[uint16][]byte
	key       uint16
	at        int
}

func newFake() *fake {
	return &fake{Space: reg.Memory(nil), items: map[uint16][]byte{0: []byte("QEMU")}}
}

func (f *fake) Write16(at uint32, v uint16) {
	if at == portSelector {
		f.key, f.at = v, 0
	}
}

func (f *fake) Read8(at uint32) uint8 {
	b := f.items[f.key]
	if at != portData || f.at >= len(b) {
		return 0
	}
	f.at++
	return b[f.at-1]
}

// add adds a file.
func (f *fake) add(name string, key uint16, content string) {
	dir := f.items[keyDirectory]
	if dir == nil {
		dir = make([]byte, 4)
	}
	binary.BigEndian.PutUint32(dir, binary.BigEndian.Uint32(dir)+1)
	e := make([]byte, entrySize)
	binary.BigEndian.PutUint32(e, uint32(len(content)))
	binary.BigEndian.PutUint16(e[4:], key)
	copy(e[nameAt:], name)
	f.items[keyDirectory] = append(dir, e...)
	f.items[key] = []byte(content)
}

func TestFiles(t *testing.T) {
	f := newFake()
	f.add("opt/mmlite/name", 0x20, "desk")
	f.add("opt/mmlite/args", 0x21, " period=256\n\x00")
	f.add("large", 0x22, string(make([]byte, MaxFile+1)))
	c, err := Open(f)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := c.File("opt/mmlite/name"); err != nil || string(b) != "desk" {
		t.Error(string(b), err)
	}
	if c.Text("opt/mmlite/args") != "period=256" || c.Text("none") != "" {
		t.Errorf("%q", c.Text("opt/mmlite/args"))
	}
	if _, err := c.File("none"); !errors.Is(err, com.ErrNotFound) {
		t.Error(err)
	}
	if _, err := c.File("large"); !errors.Is(err, com.ErrInvalid) {
		t.Error(err)
	}
}

func TestAbsent(t *testing.T) {
	if _, err := Open(reg.Memory(nil)); !errors.Is(err, com.ErrNotFound) {
		t.Error(err)
	}
	f := newFake()
	f.items[keyDirectory] = []byte{0xFF, 0, 0, 0}
	if _, err := Open(f); !errors.Is(err, com.ErrProtocol) {
		t.Error(err)
	}
}

func FuzzDirectory(f *testing.F) {
	one := newFake()
	one.add("a", 0x20, "b")
	f.Add(one.items[keyDirectory], []byte("b"))
	f.Fuzz(func(t *testing.T, dir, content []byte) {
		dev := newFake()
		dev.items[keyDirectory], dev.items[0x20] = dir, content
		c, err := Open(dev)
		if err != nil {
			return
		}
		for name := range c.files {
			if b, err := c.File(name); err == nil && len(b) > MaxFile {
				t.Fatal(len(b))
			}
			c.Text(name)
		}
	})
}
