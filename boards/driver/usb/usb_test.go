package usb

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// Lengths in descriptors are those of what follows.
func TestDescriptorsAddUp(t *testing.T) {
	c := configuration(descConfig, 512)
	interfaces, streaming := 0, -1
	for at := 0; at < len(c); at += int(c[at]) {
		if c[at] < 2 || at+int(c[at]) > len(c) {
			t.Fatalf("at %d of % x", at, c)
		}
		switch {
		case c[at+1] == descInterface:
			interfaces++
		case c[at+1] == descCSInterface && c[at+2] == 1 && c[at] == 7:
			streaming = at
		}
	}
	if interfaces != int(c[4]) || int(binary.LittleEndian.Uint16(c[2:])) != len(c) {
		t.Fatalf("% x", c)
	}
	// As in the example of MIDI, appendix B.4.3: header, four jacks, two endpoints.
	if n := binary.LittleEndian.Uint16(c[streaming+5:]); n != 65 {
		t.Fatalf("the streaming interface's descriptors have %d bytes", n)
	}
	if w := windows(); int(binary.LittleEndian.Uint16(w[8:])) != len(w) {
		t.Fatalf("% x", w)
	}
}

func TestMIDIThereAndBack(t *testing.T) {
	for _, m := range [][]byte{
		{0x80, 60, 0}, {0x90, 60, 100}, {0xA0, 1, 2}, {0xB7, 7, 127}, {0xC1, 5}, {0xD2, 9}, {0xEF, 0, 64},
		{0xF1, 3}, {0xF2, 1, 2}, {0xF3, 4}, {0xF6}, {0xF8}, {0xFF},
		{0xF0, 0xF7}, {0xF0, 1, 0xF7}, {0xF0, 1, 2, 0xF7}, {0xF0, 1, 2, 3, 0xF7}, append(append([]byte{0xF0}, make([]byte, 4094)...), 0xF7),
	} {
		var wire []byte
		encode(m, func(p [4]byte) bool { wire = append(wire, p[:]...); return true })
		var d decoder
		var got [][]byte
		d.feed(wire, func(m []byte) { got = append(got, bytes.Clone(m)) })
		if len(got) != 1 || !bytes.Equal(got[0], m) {
			t.Errorf("% x became % x", m[:min(len(m), 8)], got)
		}
	}
	var d decoder
	for _, p := range [][]byte{
		{0x09, 0x80, 1, 2}, {0x09, 0x90, 0x90, 2}, {0x00, 1, 2, 3}, {0x01, 1, 2, 3}, {0x19, 0x90, 1, 2},
		{0x07, 1, 2, 0xF7}, {0x02, 0xF2, 1, 0}, {0x03, 0xF1, 1, 1}, {0x09, 0x90, 1},
	} {
		d.feed(p, func(m []byte) { t.Errorf("% x became % x", p, m) })
	}
	d.feed(append([]byte{4, 0xF0, 1, 1}, bytes.Repeat([]byte{4, 1, 1, 1}, 2000)...), func([]byte) { t.Error("too long") })
	d.feed([]byte{5, 0xF7, 0, 0}, func([]byte) { t.Error("too long a message came") })
}

// What comes out of the decoder is well-formed whatever goes in.
func FuzzMIDI(f *testing.F) {
	f.Add([]byte{0x09, 0x90, 60, 100, 0x04, 0xF0, 1, 2, 0x05, 0xF7, 0, 0})
	f.Add([]byte{0x0F, 0xF8, 0, 0, 0x02, 0xF3, 1, 0, 0x07, 0xF0, 1, 0xF7})
	f.Fuzz(func(t *testing.T, b []byte) {
		var d decoder
		d.feed(b, func(m []byte) {
			switch {
			case len(m) == 0 || m[0] < 0x80:
				t.Fatalf("% x", m)
			case m[0] == 0xF0:
				if len(m) > maxSysEx || m[len(m)-1] != 0xF7 || !plain(m[1:len(m)-1]) {
					t.Fatalf("% x", m)
				}
			case len(m) > 3 || !plain(m[1:]):
				t.Fatalf("% x", m)
			}
			n := 0
			encode(m, func([4]byte) bool { n++; return true })
			if n != (len(m)+2)/3 {
				t.Fatalf("% x makes %d packets", m, n)
			}
		})
	})
}

// Whatever a host asks, the answer is within bounds.
func FuzzControl(f *testing.F) {
	f.Add([]byte{0x80, 6, 0, 1, 0, 0, 18, 0}, byte(1))
	f.Add([]byte{0x00, 9, 1, 0, 0, 0, 0, 0}, byte(0))
	f.Add([]byte{0x02, 3, 0, 0, 0x81, 0, 0, 0}, byte(1))
	f.Fuzz(func(t *testing.T, b []byte, configured byte) {
		fn := New(Config{})
		fn.Control(Setup{Request: setConfiguration, Value: uint16(configured & 1)}, nil)
		for ; len(b) >= 8; b = b[8:] {
			s := ParseSetup([8]byte(b))
			var data []byte
			if !s.In() {
				data = make([]byte, s.Length)
			}
			if reply, ok := fn.Control(s, data); len(reply) > int(s.Length) || !ok && len(reply) > 0 {
				t.Fatalf("%+v: %v, % x", s, ok, reply)
			}
		}
	})
}
