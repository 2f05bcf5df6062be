package render

import (
	"math/rand"
	"slices"
	"testing"

	"github.com/mmlite/mmlite/firmware/machine/host"
)

// TestLoopsArePutInPlace draws with states no linked loop knows, a little and then
// much, with a machine that compiles and with none.
func TestLoopsArePutInPlace(t *testing.T) {
	var pictures [2][]uint32
	for i, c := range []Config{{States: 4, Team: newCrew(t, 2)}, {States: 4, Team: newCrew(t, 2), Machine: host.New()}} {
		s := newStand(t, 160, 160, c)
		if c.Machine != nil && s.bins.compiler == nil {
			t.Skip("this machine makes no loops at run time")
		}
		s.set(uint32(CullMode), CullNone)
		s.stage(0, uint32(ColorOp), 8, uint32(ColorArg1), 0x10, uint32(ColorArg2), 3, uint32(AlphaOp), 2, uint32(AlphaArg1), 0)
		s.set(uint32(TextureFactor), 0xff405060, uint32(AlphaBlendEnable), 1, uint32(SrcBlend), 7, uint32(DestBlend), 8)
		s.clear(0x80808080)
		r := rand.New(rand.NewSource(6))
		draw := func(n int) {
			v := make([]tl, 3*n)
			for k := range v {
				v[k] = tl{x: r.Float32() * 160, y: r.Float32() * 160, z: r.Float32(), rhw: 1 + r.Float32(), color: r.Uint32()}
			}
			s.ok(s.Draw(TriangleList, TLVertex, bytesOf(v)))
			s.ok(s.Flush())
		}
		is := func(when string, compiled uint64, loop bool) {
			t.Helper()
			if c.Machine == nil {
				compiled, loop = 0, false
			}
			if got := s.Counts().Compiled; got != compiled || (s.Loop() != interpreter) != loop {
				t.Errorf("%s: %d loops were put in place, of %d, and the last is %q", when, got, compiled, s.Loop())
			}
		}
		draw(1)
		is("after one triangle", 0, false)
		draw(40)
		is("after many", 1, true)
		draw(40)
		is("after more", 1, true)
		for k := range uint32(6) { // all slots are taken for others
			s.set(uint32(AlphaTestEnable), 1, uint32(AlphaRef), k, uint32(AlphaFunc), 5)
			draw(1)
		}
		s.set(uint32(AlphaTestEnable), 0)
		draw(1)
		is("once it was taken out", 1, false)
		for k := range uint32(300) { // more than a compiler makes
			s.set(uint32(AlphaTestEnable), 1, uint32(AlphaFunc), 1+k%8, uint32(SrcBlend), 1+k/8%10, uint32(DestBlend), 1+k/80%10)
			draw(12)
		}
		pictures[i] = slices.Clone(words(s.s))
		s.ok(s.Close())
	}
	if !slices.Equal(pictures[0], pictures[1]) {
		t.Error("compiled loops draw another picture")
	}
}
