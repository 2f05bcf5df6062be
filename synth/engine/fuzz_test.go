package engine

import (
	"math"
	"testing"
)

// FuzzMessages feeds any bytes as system exclusive and short messages.
func FuzzMessages(f *testing.F) {
	for _, s := range [][]byte{
		{0xF0, 0x7E, 0x7F, 9, 1, 0xF7},
		{0xF0, 0x7F, 0x7F, 4, 1, 0, 64, 0xF7},
		{0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0, 0x7F, 0, 0x41, 0xF7},
		{0xF0, 0x41, 0x10, 0x42, 0x12, 0x40, 0x11, 0x15, 1, 0x19, 0xF7},
		{0xF0, 0x43, 0x10, 0x4C, 0, 0, 0x7E, 0, 0xF7},
		{0xF0, 0x43, 0x10, 0x4C, 8, 3, 7, 2, 0xF7},
		{0xF0, 0x43, 0xF7}, {0xF0, 0xF7}, {0xF0}, {},
	} {
		f.Add(s)
	}
	e := testEngine(f, Config{Voices: 16}, richRegion())
	l, r := make([]float32, 100), make([]float32, 100)
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := e.SysEx(0, data); err != nil {
			t.Fatal(err)
		}
		for i := 0; i+3 <= len(data) && i < 300; i += 3 {
			if err := e.Event(i, data[i], data[i+1], data[i+2]); err != nil {
				t.Fatal(err)
			}
		}
		for range 5 {
			e.Render(l, r)
			for i := range l {
				if !(math.Abs(float64(l[i])) < 50 && math.Abs(float64(r[i])) < 50) {
					t.Fatalf("sample %g, %g", l[i], r[i])
				}
			}
		}
	})
}
