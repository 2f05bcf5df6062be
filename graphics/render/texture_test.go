package render

import (
	"bytes"
	"errors"
	"testing"

	"github.com/mmlite/mmlite/graphics/blit"
)

// quad fills a target with a texture, one texel a pixel.
func quad(w, h, tw, th float32, color uint32) []tl {
	return []tl{{0, 0, .5, 1, color, 0, .5 / tw, .5 / th}, {w, 0, .5, 1, color, 0, (w + .5) / tw, .5 / th},
		{0, h, .5, 1, color, 0, .5 / tw, (h + .5) / th}, {w, h, .5, 1, color, 0, (w + .5) / tw, (h + .5) / th}}
}

// TestTexturesOfAllFormats draws textures texel for pixel and compares them with
// what blit makes of them.
func TestTexturesOfAllFormats(t *testing.T) {
	pal := new(blit.Palette)
	for i := range pal {
		pal[i] = uint32(i*0x010305) & 0xffffff
	}
	for _, f := range []blit.Format{blit.Indexed8, blit.RGB565, blit.XRGB1555, blit.ARGB4444, blit.XRGB8888, blit.ARGB8888} {
		s := newStand(t, 64, 32, Config{})
		src := newSurface(64, 32, f)
		src.Palette = pal
		for i := range src.Pix {
			src.Pix[i] = byte(i*7 + i>>5)
		}
		tex, err := NewTexture([]Level{{Surface: *src}})
		s.ok(err)
		s.ok(s.SetTexture(0, tex))
		s.stage(0, uint32(ColorOp), 2)
		for round := range 2 {
			s.clear(0)
			s.ok(s.Draw(TriangleStrip, TLVertex, bytesOf(quad(64, 32, 64, 32, ^uint32(0)))))
			s.ok(s.Flush())
			want := newSurface(64, 32, blit.ARGB8888)
			s.ok(blit.Copy(want, 0, 0, src, src.Bounds()))
			if !bytes.Equal(want.Pix, s.s.Pix) {
				t.Errorf("%v, round %d: not the texture: %08x, not %08x", f, round, words(s.s)[70], words(want)[70])
			}
			// Gathered with the old texels, drawn before they change.
			s.ok(s.Draw(TriangleStrip, TLVertex, bytesOf(quad(64, 32, 64, 32, ^uint32(0)))))
			for i := range src.Pix {
				src.Pix[i] ^= 0x5a
			}
			tex.Changed()
		}
	}
}

func TestColorKey(t *testing.T) {
	for _, filter := range []uint32{1, 2} {
		s := newStand(t, 16, 16, Config{})
		src := newSurface(16, 16, blit.RGB565)
		for i := 0; i < len(src.Pix); i += 2 {
			src.Pix[i], src.Pix[i+1] = 0x1f, 0xf8 // magenta
			if i/2%16 < 8 {
				src.Pix[i], src.Pix[i+1] = 0xe0, 0x07
			}
		}
		tex, err := NewTexture([]Level{{Surface: *src}})
		s.ok(err)
		tex.SetKey(blit.Key{On: true, Low: 0xf81f, High: 0xf81f})
		s.ok(s.SetTexture(0, tex))
		s.stage(0, uint32(MagFilter), filter, uint32(MinFilter), filter, uint32(AddressU), 3, uint32(AddressV), 3)
		s.set(uint32(ColorKeyEnable), 1)
		s.clear(0xff000040)
		s.ok(s.Draw(TriangleStrip, TLVertex, bytesOf(quad(16, 16, 16, 16, ^uint32(0)))))
		for x := range 16 {
			want := uint32(0xff00ff00)
			if x >= 8 {
				want = 0xff000040
			}
			if got := s.at(x, 5); got != want {
				t.Errorf("filter %d: pixel %d is %08x, not %08x", filter, x, got, want)
			}
		}
		s.set(uint32(ColorKeyEnable), 0)
		s.ok(s.Draw(TriangleStrip, TLVertex, bytesOf(quad(16, 16, 16, 16, ^uint32(0)))))
		if got := s.at(12, 5); got == 0xff000040 {
			t.Error("drawn as keyed with keys off")
		}
	}
}

func TestBadTextures(t *testing.T) {
	good := newSurface(8, 8, blit.RGB565)
	short := *good
	short.Pix = short.Pix[:100]
	for name, l := range map[string][]Level{
		"none":         nil,
		"no power":     {{Surface: *newSurface(12, 8, blit.RGB565)}},
		"short":        {{Surface: short}},
		"second level": {{Surface: *good}, {Surface: *newSurface(4, 8, blit.RGB565)}},
		"large":        {{Surface: *newSurface(4096, 1, blit.RGB565)}},
		"blocks":       {{Surface: blit.Surface{Pix: make([]byte, 31), Pitch: 16, Width: 8, Height: 8}, Coding: DXT1}},
		"coding":       {{Surface: *good, Coding: 9}},
	} {
		if _, err := NewTexture(l); !errors.Is(err, ErrTexture) && !errors.Is(err, blit.ErrSurface) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBlocks decodes blocks that were worked out by hand.
func TestBlocks(t *testing.T) {
	var got [16]uint32
	// White and black, four colours: codes 0 to 3 in the first row.
	decodeBlock(DXT1, []byte{0xff, 0xff, 0, 0, 0xe4, 0, 0, 0}, &got)
	if want := [5]uint32{0xffffffff, 0xff000000, 0xffaaaaaa, 0xff555555, 0xffffffff}; [5]uint32(got[:5]) != want {
		t.Errorf("DXT1 of four colours: %08x", got[:5])
	}
	decodeBlock(DXT1, []byte{0, 0, 0xff, 0xff, 0xe4, 0, 0, 0}, &got)
	if want := [4]uint32{0xff000000, 0xffffffff, 0xff7f7f7f, 0}; [4]uint32(got[:4]) != want {
		t.Errorf("DXT1 of three colours: %08x", got[:4])
	}
	decodeBlock(DXT3, []byte{0x10, 0x32, 0, 0, 0, 0, 0, 0xf0, 0, 0, 0xff, 0xff, 0xe4, 0, 0, 0}, &got)
	if want := [4]uint32{0x00000000, 0x11ffffff, 0x22555555, 0x33aaaaaa}; [4]uint32(got[:4]) != want || got[15]>>24 != 255 {
		t.Errorf("DXT3: %08x", got)
	}
	decodeBlock(DXT5, []byte{210, 0, 0x88, 0xc6, 0xfa, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0}, &got)
	for i, a := range []uint32{210, 0, 180, 150, 120, 90, 60, 30} {
		if got[i]>>24 != a {
			t.Errorf("DXT5: alpha %d is %d, not %d", i, got[i]>>24, a)
		}
	}
	decodeBlock(DXT5, []byte{0, 200, 0x88, 0xc6, 0xfa, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0}, &got)
	for i, a := range []uint32{0, 200, 40, 80, 120, 160, 0, 255} {
		if got[i]>>24 != a {
			t.Errorf("DXT5 of six: alpha %d is %d, not %d", i, got[i]>>24, a)
		}
	}
}

// TestBlockTexture draws a texture of blocks, whose size is no multiple of one
// in its smaller levels.
func TestBlockTexture(t *testing.T) {
	s := newStand(t, 8, 8, Config{})
	var l []Level
	for n := 8; n >= 1; n /= 2 {
		across := (n + 3) / 4
		b := bytes.Repeat([]byte{0x00, 0xf8, 0, 0, 0, 0, 0, 0}, across*across)
		l = append(l, Level{Surface: blit.Surface{Pix: b, Pitch: 8 * across, Width: n, Height: n}, Coding: DXT1})
	}
	tex, err := NewTexture(l)
	s.ok(err)
	s.ok(s.SetTexture(0, tex))
	s.stage(0, uint32(MinFilter), 2, uint32(MagFilter), 2, uint32(MipFilter), 3)
	for _, scale := range []float32{1, 3, 9, 40} {
		s.clear(0)
		q := quad(8, 8, 8, 8, ^uint32(0))
		for i := range q {
			q[i].u, q[i].v = q[i].u*scale, q[i].v*scale
		}
		s.ok(s.Draw(TriangleStrip, TLVertex, bytesOf(q)))
		for i := range 8 {
			if got := s.at(i, i); got != 0xffff0000 {
				t.Errorf("pixel %d at scale %v is %08x", i, scale, got)
			}
		}
	}
}

func FuzzBlocks(f *testing.F) {
	f.Add(byte(1), byte(3), byte(2), []byte("0123456789abcdef0123456789abcdef"))
	f.Add(byte(3), byte(0), byte(0), []byte{210, 0, 0x88, 0xc6, 0xfa, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, coding, w, h byte, data []byte) {
		width, height := 1<<(w&7), 1<<(h&7)
		c := Coding(1 + coding%3)
		l := Level{Surface: blit.Surface{Pix: data, Pitch: (width + 3) / 4 * c.blockBytes(), Width: width, Height: height}, Coding: c}
		tex, err := NewTexture([]Level{l})
		if err != nil {
			if len(data) >= l.Pitch*((height+3)/4) {
				t.Fatal(err)
			}
			return
		}
		r, err := New(Config{Width: 32, Height: 32})
		if err != nil {
			t.Fatal(err)
		}
		if err := tex.use(r); err != nil {
			t.Fatal(err)
		}
	})
}

// TestForgottenTextures draws with textures that are freed one after another, some
// with what is drawn with them still gathered: no slot holds one back.
func TestForgottenTextures(t *testing.T) {
	s := newStand(t, 32, 32, Config{})
	s.stage(0, uint32(ColorOp), 2)
	for i := range uint32(100) {
		src := newSurface(32, 32, blit.ARGB8888)
		for k := range words(src) {
			words(src)[k] = 0xff000000 | i
		}
		tex, err := NewTexture([]Level{{Surface: *src}})
		s.ok(err)
		s.ok(s.SetTexture(0, tex))
		s.clear(0)
		s.ok(s.Draw(TriangleStrip, TLVertex, bytesOf(quad(32, 32, 32, 32, ^uint32(0)))))
		if i&1 == 0 {
			s.ok(s.Flush())
		}
		s.ok(s.Forget(tex))
		if tex.Waits(s.Renderer) {
			t.Error("what is forgotten is waited for")
		}
		tex.Free()
		if got := s.at(9, 9); got != 0xff000000|i {
			t.Errorf("texture %d drew %08x", i, got)
		}
		for k := range s.bins.slots {
			if sl := &s.bins.slots[k]; sl.key.textures[0] != nil || sl.linked.p.Textures[0] != nil || sl.made.p.Textures[0] != nil {
				t.Fatalf("slot %d holds a texture", k)
			}
		}
		s.ok(s.Draw(TriangleStrip, TLVertex, bytesOf(quad(32, 32, 32, 32, 0xffffffff)))) // with none
		if got := s.at(9, 9); got != 0xffffffff {
			t.Errorf("without a texture: %08x", got)
		}
	}
}
