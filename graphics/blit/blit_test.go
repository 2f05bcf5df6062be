package blit

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

var formats = []Format{Indexed8, RGB565, XRGB1555, ARGB4444, XRGB8888, ARGB8888}

var rops = []ROP{0, SrcCopy, SrcPaint, SrcAnd, SrcInvert, SrcErase, NotSrcCopy, NotSrcErase, MergeCopy,
	MergePaint, PatCopy, PatPaint, PatInvert, DstInvert, Blackness, Whiteness}

// random fills memory from a seed, in a few values so that keys hit.
func random(pix []byte, seed uint32, few bool) {
	for i := range pix {
		seed = seed*1664525 + 1013904223
		pix[i] = byte(seed >> 24)
		if few && seed>>20&7 != 0 {
			pix[i] = byte(seed>>16&1) * 0x55
		}
	}
}

func genPalette(t *rapid.T, name string) *Palette {
	if rapid.Bool().Draw(t, name+" grey") {
		return nil
	}
	var p Palette
	var b [1024]byte
	random(b[:], rapid.Uint32().Draw(t, name), false)
	for i := range p {
		p[i] = le.Uint32(b[4*i:])
	}
	return &p
}

func genSurface(t *rapid.T, name string) *Surface {
	s := &Surface{Width: rapid.IntRange(1, 90).Draw(t, name+" width"), Height: rapid.IntRange(1, 12).Draw(t, name+" height"),
		Format: rapid.SampledFrom(formats).Draw(t, name+" format")}
	if rapid.IntRange(0, 9).Draw(t, name+" wide") == 0 {
		s.Width += 1200
	}
	s.Pitch = s.Width*s.Format.Bytes() + rapid.IntRange(0, 9).Draw(t, name+" gap")
	s.Pix = make([]byte, s.Pitch*(s.Height-1)+s.Width*s.Format.Bytes())
	random(s.Pix, rapid.Uint32().Draw(t, name+" pixels"), rapid.Bool().Draw(t, name+" few"))
	if s.Format == Indexed8 {
		s.Palette = genPalette(t, name+" palette")
	}
	return s
}

func genInside(t *rapid.T, name string, s *Surface) Rect {
	x, y := rapid.IntRange(0, s.Width-1).Draw(t, name+" x"), rapid.IntRange(0, s.Height-1).Draw(t, name+" y")
	return Rect{x, y, rapid.IntRange(x+1, s.Width).Draw(t, name+" x1"), rapid.IntRange(y+1, s.Height).Draw(t, name+" y1")}
}

func genKey(t *rapid.T, name string, s *Surface) Key {
	if rapid.IntRange(0, 2).Draw(t, name) > 0 {
		return Key{}
	}
	v := get(s, 0, 0)
	k := Key{On: true, Low: v, High: v}
	if rapid.Bool().Draw(t, name+" range") {
		k.Low, k.High = 0, v
	}
	return k
}

func genOptions(t *rapid.T, dst, src *Surface) *Options {
	o := &Options{Rotate: Rotation(rapid.SampledFrom([]uint8{0, 0, 1, 2, 3}).Draw(t, "rotate")), SrcKey: genKey(t, "source key", src), DstKey: genKey(t, "destination key", dst),
		MirrorX: rapid.Bool().Draw(t, "mirror x"), MirrorY: rapid.Bool().Draw(t, "mirror y"),
		Filter: Filter(rapid.IntRange(0, 1).Draw(t, "filter")), Blend: Blending(rapid.IntRange(0, 2).Draw(t, "blend")),
		Alpha: rapid.SampledFrom([]uint8{0, 1, 100, 128, 255}).Draw(t, "alpha"), Pattern: rapid.Uint32().Draw(t, "pattern")}
	if o.Blend == Opaque {
		o.ROP = rapid.SampledFrom(rops).Draw(t, "rop")
		if rapid.IntRange(0, 3).Draw(t, "any rop") == 0 {
			o.ROP = ROP(rapid.Uint32Range(1, 1<<24-1).Draw(t, "rop code"))
		}
	}
	for range rapid.IntRange(0, 3).Draw(t, "clips") {
		// Side by side, so that they do not overlap.
		x := 0
		if n := len(o.Clip); n > 0 {
			x = o.Clip[n-1].X1
		}
		x += rapid.IntRange(0, 20).Draw(t, "clip gap")
		o.Clip = append(o.Clip, Rect{x, rapid.IntRange(-2, 5).Draw(t, "clip y"), x + rapid.IntRange(0, 40).Draw(t, "clip width"), rapid.IntRange(3, 12).Draw(t, "clip y1")})
	}
	return o
}

func genPlace(t *rapid.T, sr Rect) Rect {
	r := Rect{X0: rapid.IntRange(-20, 60).Draw(t, "x"), Y0: rapid.IntRange(-5, 9).Draw(t, "y")}
	r.X1, r.Y1 = r.X0+sr.Dx(), r.Y0+sr.Dy()
	if rapid.IntRange(0, 4).Draw(t, "turned") == 0 {
		r.X1, r.Y1 = r.X0+sr.Dy(), r.Y0+sr.Dx()
	}
	if rapid.Bool().Draw(t, "stretch") {
		r.X1, r.Y1 = r.X0+rapid.IntRange(1, 200).Draw(t, "width"), r.Y0+rapid.IntRange(1, 20).Draw(t, "height")
	}
	return r
}

// TestBlitIsTheModel holds every combination of formats and options to the model, bit for bit, gaps between rows included.
func TestBlitIsTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src, dst := genSurface(t, "source"), genSurface(t, "destination")
		sr := genInside(t, "source", src)
		dr := genPlace(t, sr)
		o := genOptions(t, dst, src)
		want := *dst
		want.Pix = append([]byte(nil), dst.Pix...)
		model(&want, dr, src, sr, o)
		if err := Blit(dst, dr, src, sr, o); err != nil {
			t.Fatal(err)
		}
		compare(t, dst, &want)
	})
}

func compare(t *rapid.T, got, want *Surface) {
	t.Helper()
	if bytes.Equal(got.Pix, want.Pix) {
		return
	}
	for y := range got.Height {
		for x := range got.Width {
			if g, w := get(got, x, y), get(want, x, y); g != w {
				t.Fatalf("pixel %d,%d is %#x, not %#x", x, y, g, w)
			}
		}
	}
	t.Fatal("the memory between rows has changed")
}

// TestOverlap draws a surface on itself: as if the source had been copied aside.
func TestOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := genSurface(t, "surface")
		sr := genInside(t, "source", s)
		dr := genPlace(t, sr)
		o := genOptions(t, s, s)
		o.Scratch = make([]byte, sr.Dx()*sr.Dy()*s.Format.Bytes())
		want := *s
		want.Pix = append([]byte(nil), s.Pix...)
		model(&want, dr, &want, sr, o)
		if err := Blit(s, dr, s, sr, o); err != nil {
			t.Fatal(err)
		}
		compare(t, s, &want)
	})
}

func TestOverlapNeedsScratch(t *testing.T) {
	s := surface(XRGB8888, 32, 32)
	o := &Options{MirrorX: true}
	r := Rect{0, 0, 20, 20}
	if err := Blit(s, Rect{4, 4, 24, 24}, s, r, o); !errors.Is(err, ErrOverlap) {
		t.Fatalf("a mirrored overlap without scratch gives %v", err)
	}
	if err := Blit(s, Rect{20, 0, 32, 20}, s, r, o); err != nil {
		t.Fatalf("rectangles beside each other give %v", err)
	}
}

func TestFill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := genSurface(t, "surface")
		r := genPlace(t, Rect{0, 0, rapid.IntRange(1, 1300).Draw(t, "w"), 9})
		v := rapid.Uint32().Draw(t, "pixel")
		want := *s
		want.Pix = append([]byte(nil), s.Pix...)
		for y := range s.Height {
			for x := range s.Width {
				if x >= r.X0 && x < r.X1 && y >= r.Y0 && y < r.Y1 {
					put(&want, x, y, v)
				}
			}
		}
		if err := Fill(s, r, v, nil); err != nil {
			t.Fatal(err)
		}
		compare(t, s, &want)
		mask, w := rapid.Uint32().Draw(t, "mask"), rapid.Uint32().Draw(t, "masked")
		clip := []Rect{{0, 0, 7, 3}, {40, 1, 70, 9}}
		for y := range s.Height {
			for x := range s.Width {
				in := false
				for _, c := range clip {
					in = in || (x >= c.X0 && x < c.X1 && y >= c.Y0 && y < c.Y1)
				}
				if in && x >= r.X0 && x < r.X1 && y >= r.Y0 && y < r.Y1 {
					put(&want, x, y, get(s, x, y)&^mask|w&mask)
				}
			}
		}
		if err := FillMask(s, r, w, mask, clip); err != nil {
			t.Fatal(err)
		}
		compare(t, s, &want)
	})
}

// TestLoadRect holds both ways to get colours to Expand.
func TestLoadRect(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := genSurface(t, "surface")
		r := genInside(t, "part", s)
		pitch := 4*r.Dx() + 4*rapid.IntRange(0, 3).Draw(t, "gap")
		got, line := make([]byte, pitch*r.Dy()), make([]byte, 4*r.Dx())
		s.LoadRect(got, pitch, r)
		for y := range r.Dy() {
			s.Load(line, r.X0, r.Y0+y)
			for x := range r.Dx() {
				want := Expand(s.Format, get(s, r.X0+x, r.Y0+y), s.Palette)
				if a, b := le.Uint32(got[y*pitch+4*x:]), le.Uint32(line[4*x:]); a != want || b != want {
					t.Fatalf("%d,%d is %#x and %#x, not %#x", x, y, a, b, want)
				}
			}
			for _, b := range got[y*pitch+4*r.Dx() : (y+1)*pitch] {
				if b != 0 {
					t.Fatal("it wrote between rows")
				}
			}
		}
	})
}

// TestBetween counts the calls that let others go on.
func TestBetween(t *testing.T) {
	dst, src, small := surface(XRGB8888, 640, 480), surface(XRGB8888, 640, 480), surface(RGB565, 320, 240)
	for _, c := range []struct {
		name string
		src  *Surface
		dr   Rect
		o    Options
	}{
		{"copy", src, dst.Bounds(), Options{}},
		{"convert and stretch", small, dst.Bounds(), Options{}},
		{"mirror", src, dst.Bounds(), Options{MirrorX: true}},
		{"turn", src, Rect{0, 0, 480, 640}, Options{Rotate: Rotate90}},
		{"scroll", dst, Rect{0, 1, 640, 481}, Options{}},
		{"scroll keyed", dst, Rect{0, 1, 640, 481}, Options{SrcKey: Key{On: true}}},
		{"mirror in place", dst, dst.Bounds(), Options{MirrorY: true, Scratch: make([]byte, 640*480*4)}},
	} {
		n := 0
		c.o.Between = func() { n++ }
		if err := Blit(dst, c.dr, c.src, c.src.Bounds(), &c.o); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if n < 480*480/BetweenPixels/2 || n > 2*640*480/BetweenPixels {
			t.Errorf("%s: %d calls", c.name, n)
		}
	}
}

func surface(f Format, w, h int) *Surface {
	s := &Surface{Pitch: w * f.Bytes(), Width: w, Height: h, Format: f}
	s.Pix = make([]byte, s.Pitch*h)
	random(s.Pix, 7, false)
	return s
}

func TestRefusals(t *testing.T) {
	good := surface(RGB565, 16, 16)
	r := good.Bounds()
	short := *good
	short.Pix = short.Pix[:len(short.Pix)-1]
	narrow := *good
	narrow.Pitch = 31
	odd := *good
	odd.Format = 99
	for _, c := range []struct {
		name     string
		dst, src *Surface
		dr, sr   Rect
		o        *Options
		want     error
	}{
		{"no destination", nil, good, r, r, nil, ErrSurface},
		{"short memory", &short, good, r, r, nil, ErrSurface},
		{"narrow pitch", good, &narrow, r, r, nil, ErrSurface},
		{"unknown format", good, &odd, r, r, nil, ErrSurface},
		{"source outside", good, surface(RGB565, 16, 16), r, Rect{0, 0, 17, 16}, nil, ErrRect},
		{"source before", good, surface(RGB565, 16, 16), r, Rect{-1, 0, 15, 16}, nil, ErrRect},
		{"inverted", good, surface(RGB565, 16, 16), Rect{4, 4, 3, 9}, r, nil, ErrRect},
		{"huge", good, surface(RGB565, 16, 16), Rect{0, 0, 1 << 30, 9}, r, nil, ErrRect},
		{"no source", good, nil, r, r, nil, ErrOptions},
		{"alpha and rop", good, surface(RGB565, 16, 16), r, r, &Options{Blend: Constant, ROP: SrcPaint}, ErrOptions},
		{"five quarter turns", good, surface(RGB565, 16, 16), r, r, &Options{Rotate: 5}, ErrOptions},
		{"blending", good, surface(RGB565, 16, 16), r, r, &Options{Blend: 9}, ErrOptions},
	} {
		if err := Blit(c.dst, c.dr, c.src, c.sr, c.o); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := Blit(good, r, nil, Rect{}, &Options{ROP: PatCopy, Pattern: 0x1234}); err != nil || get(good, 15, 15) != 0x1234 {
		t.Errorf("a pattern without a source: %v, %#x", err, get(good, 15, 15))
	}
}

// TestRoundTrip holds expanding and reducing to give every 16-bit pixel back.
func TestRoundTrip(t *testing.T) {
	for _, f := range formats[1:4] {
		for v := range uint32(1 << 16) {
			v &= f.used()
			if got := Reduce(f, Expand(f, v, nil), nil); got != v {
				t.Fatalf("%v %#x comes back as %#x", f, v, got)
			}
		}
	}
	if c := Expand(RGB565, 0xffff, nil); c != 0xffffffff {
		t.Errorf("white is %#x", c)
	}
	if c := Expand(ARGB4444, 0x8421, nil); c != 0x88442211 {
		t.Errorf("8421 is %#x", c)
	}
}
