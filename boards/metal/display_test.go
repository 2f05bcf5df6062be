package metal

import (
	"bytes"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
)

func TestDisplayCopiesWhatChanges(t *testing.T) {
	const w, h, pitch = 64, 64, 4*64 + 32
	buffer := make([]byte, pitch*(h-1)+4*w)
	d, err := NewDisplay("test", w, h, pitch, buffer)
	if err != nil {
		t.Fatal(err)
	}
	pixels, own := d.Memory()
	for i := range pixels {
		pixels[i] = byte(i*7) | 1
	}
	d.Show(1, []machine.Rect{{X0: 3, Y0: 5, X1: 10, Y1: 7}, {X0: 60, Y0: 63, X1: 64, Y1: 64}})
	want := make([]byte, len(buffer))
	for _, r := range []machine.Rect{{X0: 3, Y0: 5, X1: 10, Y1: 6}, {X0: 3, Y0: 6, X1: 10, Y1: 7}, {X0: 60, Y0: 63, X1: 64, Y1: 64}} {
		copy(want[r.Y0*pitch+4*r.X0:r.Y0*pitch+4*r.X1], pixels[r.Y0*own+4*r.X0:])
	}
	if !bytes.Equal(buffer, want) {
		t.Error("something else was copied")
	}
	for _, bad := range []struct{ w, h, pitch, n int }{{64, 64, 255, 1 << 20}, {64, 64, 256, 64*256 - 1}, {1, 64, 256, 1 << 20}, {1 << 20, 64, 1 << 24, 1 << 20}} {
		if _, err := NewDisplay("bad", bad.w, bad.h, bad.pitch, make([]byte, bad.n)); com.CodeOf(err) != com.ErrInvalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}
