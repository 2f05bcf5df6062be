package monitor

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"reflect"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/firmware/com"
)

func TestMessages(t *testing.T) {
	for _, c := range []struct {
		b    []byte
		want message
	}{
		{[]byte{msgTaken, 1, 2, 0, 0}, message{kind: msgTaken, taken: 513}},
		{[]byte{msgMIDI, 0x90, 60, 100}, message{kind: msgMIDI, midi: 0x90 | 60<<8 | 100<<16}},
		{[]byte{msgMIDI, 0xC3, 7}, message{kind: msgMIDI, midi: 0xC3 | 7<<8}},
		{[]byte{msgSilent}, message{kind: msgSilent}},
		{[]byte{msgInput, 1, 1, 4, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 1, 1, 0xFE, 0xFF}, message{kind: msgInput, input: []input.Event{
			{Kind: input.Key, Down: true, Code: 4}, {Kind: input.Pointer, X: 257, Y: -2},
		}}},
	} {
		if m, err := parse(c.b); err != nil || !reflect.DeepEqual(m, c.want) {
			t.Errorf("%v: %+v, %v", c.b, m, err)
		}
	}
	for _, b := range [][]byte{
		nil, {msgTaken}, {msgTaken, 1, 2, 3}, {msgTaken, 1, 2, 3, 4, 5}, {msgSilent, 0}, {250},
		{msgMIDI}, {msgMIDI, 0x90}, {msgMIDI, 0x90, 60}, {msgMIDI, 0x90, 60, 200}, {msgMIDI, 0x90, 200, 60}, {msgMIDI, 60, 60, 60},
		{msgMIDI, 0xF0, 1, 2}, {msgMIDI, 0xFF, 1}, {msgMIDI, 0xC0, 1, 2}, {msgMIDI, 0x90, 60, 100, 0},
		{msgInput}, {msgInput, 1, 1, 4}, {msgInput, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0}, {msgInput, 9, 1, 4, 0, 0, 0, 0, 0, 0, 0},
	} {
		if m, err := parse(b); !errors.Is(err, com.ErrProtocol) {
			t.Errorf("%v: %+v, %v", b, m, err)
		}
	}
}

func FuzzMessage(f *testing.F) {
	f.Add([]byte{msgTaken, 1, 0, 0, 0})
	f.Add([]byte{msgMIDI, 0x90, 60, 100})
	f.Add([]byte{msgInput, 1, 1, 4, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parse(b)
		if err != nil {
			return
		}
		if m.kind == msgMIDI && (m.midi&0x80 == 0 || m.midi&0xFF >= 0xF0 || m.midi&0xFF8080_00 != 0) {
			t.Errorf("%v became %#x", b, m.midi)
		}
		for _, e := range m.input {
			if e.Check() != nil {
				t.Errorf("%v became %+v", b, e)
			}
		}
	})
}

func TestFlow(t *testing.T) {
	f := newFlow()
	if f.next() != 1 || f.next() != 2 || f.waiting() != 2 {
		t.Fatalf("%+v", f)
	}
	if err := f.take(3); !errors.Is(err, com.ErrProtocol) {
		t.Errorf("a message was taken that was not sent: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	waited := make(chan error)
	go func() { waited <- f.below(ctx, 2) }()
	if err := f.take(1); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err != nil || f.waiting() != 1 {
		t.Errorf("%v, %d wait", err, f.waiting())
	}
	if err := f.take(0); !errors.Is(err, com.ErrProtocol) {
		t.Errorf("a message was given back: %v", err)
	}
	go func() { waited <- f.below(ctx, 1) }()
	cancel()
	if err := <-waited; !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

// A page that takes nothing has what comes meanwhile left out, and is told how much.
func TestSoundIsLeftOut(t *testing.T) {
	p := packer{buf: make([]byte, soundHead+soundRoom)}
	copy(p.room(), bytes.Repeat([]byte{1}, 8*256))
	p.add(8*256, 0)
	copy(p.room(), bytes.Repeat([]byte{2}, 8*256))
	p.add(8*256, 256)
	m := p.message(7)
	if len(m) != soundHead+8*512 || binary.LittleEndian.Uint32(m) != 7 || binary.LittleEndian.Uint64(m[4:]) != 0 || m[soundHead] != 1 || m[len(m)-1] != 2 {
		t.Errorf("%d bytes, head %v", len(m), m[:soundHead])
	}
	p.add(8*100, 512)
	p.drop()
	p.add(8*100, 1000) // 388 frames are missing, and 100 were dropped
	m = p.message(8)
	if first, lost := binary.LittleEndian.Uint64(m[4:]), binary.LittleEndian.Uint32(m[12:]); first != 1000 || lost != 488 {
		t.Errorf("from frame %d, %d lost", first, lost)
	}
}

func TestPictures(t *testing.T) {
	const w, h = 5, 3
	screen := make([]byte, 4*w*h)
	for i := range screen {
		screen[i] = byte(i)
	}
	p := newPicture(w, h)
	rects := p.clean([]graphics.Rect{{X0: 1, Y0: 1, X1: 4, Y1: 3}, {X0: -7, Y0: 0, X1: 1, Y1: 1}, {X0: 5, Y0: 0, X1: 9, Y1: 3}, {X0: 3, Y0: 2, X1: 1, Y1: 3}})
	m := p.message(9, 1<<33, rects, screen)
	if len(rects) != 2 || len(m) != pictureHead+2*rectHead+4*6+4 {
		t.Fatalf("%v: %d bytes", rects, len(m))
	}
	if binary.LittleEndian.Uint32(m) != 9 || binary.LittleEndian.Uint64(m[4:]) != 1<<33 || m[12] != w || m[14] != h || m[16] != 2 {
		t.Errorf("head %v", m[:pictureHead])
	}
	if r := m[pictureHead:]; r[0] != 1 || r[2] != 1 || r[4] != 3 || r[6] != 2 {
		t.Errorf("rectangle %v", r[:rectHead])
	}
	first := 4 * (w + 1) // the upper left pixel of the first rectangle
	if got := m[pictureHead+rectHead:]; !bytes.Equal(got[:4], []byte{screen[first+2], screen[first+1], screen[first], 255}) {
		t.Errorf("pixel %v", got[:4])
	}
	// As much as the whole screen is the whole screen.
	all := []graphics.Rect{{X1: w, Y1: h}, {X1: w, Y1: h}}
	if r := p.clean(all); len(r) != 1 || r[0] != (graphics.Rect{X1: w, Y1: h}) {
		t.Errorf("%v", r)
	}
	if n := testing.AllocsPerRun(10, func() { p.message(1, 1, p.clean(all), screen) }); n != 0 {
		t.Errorf("a picture allocates %v times", n)
	}
}

func BenchmarkPicture(b *testing.B) {
	const w, h = 640, 480
	p, screen := newPicture(w, h), make([]byte, 4*w*h)
	b.SetBytes(4 * w * h)
	for b.Loop() {
		p.message(1, 1, p.clean([]graphics.Rect{{X1: w, Y1: h}}), screen)
	}
}
