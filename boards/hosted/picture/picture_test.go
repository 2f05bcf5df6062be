package picture

import (
	"bytes"
	"errors"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/mmlite/mmlite/firmware/machine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func paint(d *Display, frame uint64, argb [3]byte) {
	pixels, _ := d.Memory()
	for i := 0; i < len(pixels); i += 4 {
		copy(pixels[i:], argb[:])
	}
	w, h := d.Size()
	d.Show(frame, []machine.Rect{{X1: w, Y1: h}})
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	now := machine.Time(0)
	c := Config{Width: 64, Height: 80, Refresh: 50000, PNG: filepath.Join(dir, "x.png"), Video: filepath.Join(dir, "x.y4m"), Now: func() machine.Time { return now }}
	d, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	paint(d, 10, [3]byte{0, 0, 255}) // red: blue comes first
	paint(d, 13, [3]byte{255, 255, 255})
	paint(d, 14, [3]byte{})
	now = machine.Time(40 * machine.Millisecond) // two frames
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil || d.Missed() != 0 {
		t.Fatalf("again: %v, %d pictures are missing", err, d.Missed())
	}
	f, err := os.ReadFile(c.PNG)
	if err != nil {
		t.Fatal(err)
	}
	i, err := png.Decode(bytes.NewReader(f))
	if err != nil || i.Bounds().Dx() != 64 || i.Bounds().Dy() != 80 {
		t.Fatalf("%v, %v", i.Bounds(), err)
	}
	if r, g, b, _ := i.At(5, 70).RGBA(); r != 0xffff || g != 0xffff || b != 0xffff {
		t.Errorf("the last picture shows %x %x %x", r, g, b)
	}
	v, err := os.ReadFile(c.Video)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := bytes.Cut(v, []byte("\n"))
	if string(head) != "YUV4MPEG2 W64 H80 F50000:1000 Ip A1:1 C444 XCOLORRANGE=LIMITED" {
		t.Errorf("%s", head)
	}
	const plane = 64 * 80
	frame := len(frameHeader) + 3*plane
	if len(rest) != 7*frame { // three of the first picture, one of the second, and the last one to the end
		t.Fatalf("%d bytes of frames of %d", len(rest), frame)
	}
	for n, want := range [][3]byte{{81, 90, 240}, {81, 90, 240}, {81, 90, 240}, {235, 128, 128}, {16, 128, 128}, {16, 128, 128}, {16, 128, 128}} {
		p := rest[n*frame+len(frameHeader):]
		if got := [3]byte{p[77], p[plane+77], p[2*plane+77]}; got != want || string(rest[n*frame:][:6]) != frameHeader {
			t.Errorf("frame %d is %v, want %v", n, got, want)
		}
	}
}

func TestThatCannotBe(t *testing.T) {
	for _, c := range []Config{
		{Width: 10, Height: 480}, {Width: 640, Height: 1 << 20}, {Refresh: 1}, {Refresh: -60},
		{PNG: filepath.Join(t.TempDir(), "no", "x.png")}, {Video: filepath.Join(t.TempDir(), "no", "x.y4m")},
	} {
		if d, err := Open(c); err == nil {
			t.Errorf("%+v was taken", c)
			d.Close()
		}
	}
	d, err := Open(Config{})
	if err != nil {
		t.Fatal(err)
	}
	if w, h := d.Size(); w != Width || h != Height || d.Refresh() != 60000 {
		t.Errorf("%d by %d at %d", w, h, d.Refresh())
	}
	paint(d, 1, [3]byte{1, 2, 3})
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errors.New("the disk is full")
	}
	return len(p), nil
}

func (f *full) Close() error { return nil }

// A disk that is full ends the video, and not the card.
func TestFullDisk(t *testing.T) {
	var to io.WriteCloser = &full{left: 3 << 20}
	v := newVideo(to, 512, 512, 60000)
	s := &shot{frame: 1, pixels: make([]byte, 4*512*512)}
	v.add(s, 100)
	v.add(&shot{frame: 100, pixels: s.pixels}, 200)
	if err := v.close(); err == nil {
		t.Error("nobody has noticed")
	}
}
