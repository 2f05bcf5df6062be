package blit

import (
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"testing"
)

// bench runs one operation on 640 by 480 pixels and gives its rate on one core.
func bench(b *testing.B, name string, pixels int, f func() error) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		t := spent()
		for b.Loop() {
			if err := f(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(pixels)*float64(b.N)/(spent()-t).Seconds()/1e6, "Mpixels/s")
	})
}

// keyed gives half the pixels the key: in runs of 16, or scattered.
func keyed(s *Surface, scattered bool) (*Surface, Key) {
	k := uint32(0xf81f)
	if s.Format.Bytes() == 4 {
		k = 0xff00ff
	}
	seed := uint32(3)
	for y := range s.Height {
		for x := range s.Width {
			seed = seed*1664525 + 1013904223
			if scattered && seed>>24&1 == 0 || !scattered && (x/16+y)&1 == 0 {
				put(s, x, y, k)
			} else {
				put(s, x, y, uint32(x|1))
			}
		}
	}
	return s, Key{On: true, Low: k, High: k}
}

type operation struct {
	name string
	do   func() error
}

// operations are the rows of the table of blits that peers are measured by.
func operations() []operation {
	const w, h = 640, 480
	var all []operation
	for _, f := range []Format{XRGB8888, RGB565} {
		dst, src, small := surface(f, w, h), surface(f, w, h), surface(f, w/2, h/2)
		argb, r := surface(ARGB8888, w, h), Rect{0, 0, w, h}
		other := surface(map[Format]Format{XRGB8888: RGB565, RGB565: XRGB8888}[f], w, h)
		add := func(name string, src *Surface, o *Options) {
			all = append(all, operation{name + "/" + f.String(), func() error { return Blit(dst, r, src, src.Bounds(), o) }})
		}
		all = append(all, operation{"fill/" + f.String(), func() error { return Fill(dst, r, 0x12345678, nil) }})
		add("copy", src, nil)
		runs, k := keyed(surface(f, w, h), false)
		add("key runs", runs, &Options{SrcKey: k})
		scattered, k := keyed(surface(f, w, h), true)
		add("key scattered", scattered, &Options{SrcKey: k})
		add("constant alpha", src, &Options{Blend: Constant, Alpha: 100})
		add("pixel alpha", argb, &Options{Blend: PerPixel, Alpha: 255})
		add("stretch nearest", small, nil)
		add("stretch bilinear", small, &Options{Filter: Bilinear})
		add("mirror", src, &Options{MirrorX: true})
		add("convert from "+other.Format.String(), other, nil)
		paler, k := keyed(surface(other.Format, w, h), false)
		add("key and convert", paler, &Options{SrcKey: k})
		add("pixel alpha, paler", argb, &Options{Blend: PerPixel, Alpha: 100})
		tall, quarter := surface(f, h, w), &Options{Rotate: Rotate90}
		all = append(all, operation{"turn/" + f.String(), func() error { return Blit(tall, tall.Bounds(), src, src.Bounds(), quarter) }})
		add("xor", src, &Options{ROP: SrcInvert})
		indexed := surface(Indexed8, w, h)
		indexed.Palette = new(Palette)
		add("convert from P8", indexed, nil)
		odd := surface(f, 831, 577)
		add("shrink bilinear", odd, &Options{Filter: Bilinear})
	}
	s := surface(XRGB8888, w, h)
	return append(all, operation{"scroll/XRGB8888", func() error { return Copy(s, 0, 4, s, Rect{0, 0, w, h - 4}) }})
}

func BenchmarkBlit(b *testing.B) {
	for _, o := range operations() {
		bench(b, o.name, 640*480, o.do)
	}
}

func BenchmarkSprite(b *testing.B) {
	dst := surface(RGB565, 640, 480)
	src, k := keyed(surface(RGB565, 16, 16), false)
	o := &Options{SrcKey: k}
	bench(b, "16x16 keyed", 256, func() error { return Blit(dst, Rect{100, 100, 116, 116}, src, src.Bounds(), o) })
}

func TestNothingIsAllocated(t *testing.T) {
	for _, o := range operations() {
		if n := testing.AllocsPerRun(3, func() {
			if err := o.do(); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s allocates %v times", o.name, n)
		}
	}
}

// TestPicture draws one picture with most operations and holds its hash. With
// BLIT_PICTURE set to a file name it writes the picture for looking at.
func TestPicture(t *testing.T) {
	ball := &Surface{Pix: make([]byte, 64*64*4), Pitch: 256, Width: 64, Height: 64, Format: ARGB8888}
	for y := range 64 {
		for x := range 64 {
			d := (x-32)*(x-32) + (y-32)*(y-32)
			put(ball, x, y, 0xff00ff)
			if d < 900 {
				put(ball, x, y, uint32(255-d/5)<<24|uint32(255-d/6)<<16|uint32(4*x)<<8|uint32(4*y))
			}
		}
	}
	key := Key{On: true, Low: 0xff00ff, High: 0xff00ff}
	dst := &Surface{Pix: make([]byte, 400*300*2), Pitch: 800, Width: 400, Height: 300, Format: RGB565}
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	must(Fill(dst, dst.Bounds(), 0x2945, nil))
	must(Fill(dst, Rect{0, 60, 400, 120}, 0x07e0, []Rect{{20, 0, 100, 300}, {200, 70, 390, 110}}))
	whole := ball.Bounds()
	for i, o := range []Options{{}, {SrcKey: key}, {Blend: PerPixel, Alpha: 255}, {Blend: Constant, Alpha: 128, SrcKey: key}, {MirrorX: true, SrcKey: key}, {ROP: SrcInvert}} {
		must(Blit(dst, Rect{65 * i, 40, 65*i + 64, 104}, ball, whole, &o))
	}
	must(Blit(dst, Rect{10, 130, 190, 290}, ball, whole, &Options{Blend: PerPixel, Alpha: 255}))
	must(Blit(dst, Rect{200, 130, 410, 310}, ball, whole, &Options{Filter: Bilinear, Blend: PerPixel, Alpha: 255, MirrorY: true}))
	must(Copy(dst, 300, 4, dst, Rect{280, 30, 380, 110}))
	h := fnv.New64a()
	h.Write(dst.Pix)
	if got := h.Sum64(); got != pictureHash {
		t.Errorf("the picture's hash is %#x, not %#x", got, uint64(pictureHash))
	}
	if name := os.Getenv("BLIT_PICTURE"); name != "" {
		m := image.NewNRGBA(image.Rect(0, 0, 400, 300))
		for y := range 300 {
			for x := range 400 {
				c := Expand(RGB565, get(dst, x, y), nil)
				m.Set(x, y, color.NRGBA{byte(c >> 16), byte(c >> 8), byte(c), 255})
			}
		}
		f, err := os.Create(name)
		must(err)
		must(png.Encode(f, m))
		must(f.Close())
	}
}

const pictureHash = 0x1bfbef9a89d2e259

// FuzzBlit holds that no sizes, pitches, places or options make it panic or
// write outside the view.
func FuzzBlit(f *testing.F) {
	f.Add(uint8(5), uint8(2), 8, 8, 32, 0, 0, 8, 8, 0, 0, 8, 8, uint16(0), uint32(0xCC0020))
	f.Add(uint8(6), uint8(6), 16, 4, 64, -3, -2, 40, 9, 1, 1, 5, 3, uint16(0x1ff), uint32(0))
	f.Add(uint8(1), uint8(9), math.MaxInt, -1, math.MaxInt/2, math.MaxInt/2, math.MinInt/2, 3, 3, -1, 0, 5, 3, uint16(0xffff), uint32(1))
	f.Fuzz(func(t *testing.T, df, sf uint8, w, h, pitch, dx, dy, dw, dh, sx, sy, sw, sh int, bits uint16, rop uint32) {
		const guard = 64
		pix := make([]byte, 4096+2*guard)
		random(pix, 1, false)
		dst := &Surface{Pix: pix[guard : guard+4096], Pitch: pitch, Width: w, Height: h, Format: Format(df)}
		src := surface(formats[int(sf)%len(formats)], 16, 16)
		if bits&0x1000 != 0 {
			src = dst
		}
		o := &Options{Rotate: Rotation(rop >> 24 & 3), MirrorX: bits&1 != 0, MirrorY: bits&2 != 0, Filter: Filter(bits >> 2 & 1), Blend: Blending(bits >> 3 & 3), Alpha: uint8(bits >> 5),
			SrcKey: Key{On: bits&0x2000 != 0, Low: rop, High: rop >> 8}, DstKey: Key{On: bits&0x4000 != 0, High: rop}, ROP: ROP(rop)}
		if bits&0x8000 != 0 {
			o.Clip, o.Scratch = []Rect{{dx, dy, sw, sh}, {sx, sy, dw, dh}}, make([]byte, 512)
		}
		before := append([]byte(nil), pix...)
		if err := Blit(dst, Rect{dx, dy, dx + dw, dy + dh}, src, Rect{sx, sy, sx + sw, sy + sh}, o); err == nil && dst.Check() != nil {
			t.Fatal("drew on a bad surface")
		}
		for i := range pix {
			inside := i >= guard && i < guard+4096
			if inside && dst.Check() == nil {
				inside = (i-guard)%pitch < w*dst.Format.Bytes() && (i-guard)/pitch < h
			}
			if !inside && pix[i] != before[i] {
				t.Fatalf("byte %d outside the view changed", i-guard)
			}
		}
	})
}
