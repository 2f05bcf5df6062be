package render

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/graphics/blit"
)

// shuffled is a team that does pieces in any order, by any worker, on one processor.
type shuffled struct {
	workers int
	r       *rand.Rand
}

func (s shuffled) Workers() int { return s.workers }

func (s shuffled) Do(n int, work func(worker, i int)) {
	for _, i := range s.r.Perm(n) {
		work(s.r.IntN(s.workers), i)
	}
}

// paint draws what a seed says: large draws of every kind, some of which need more
// room than there is, on a target that shows where they were interrupted.
func paint(t testing.TB, r *Renderer, d *Depth, seed uint64, draws int) []byte {
	t.Helper()
	const w, h = 160, 100
	rnd := rand.New(rand.NewPCG(seed, 5))
	s := newSurface(w, h, blit.RGB565)
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(r.SetTarget(s, d))
	ok(r.Clear(graphics.Clear{Flags: ClearTarget | ClearDepth | ClearStencil, Color: 0x204060, Z: 1}, nil))
	p := perspective(1, w/h, .5, 40)
	ok(r.SetTransform(Projection, &p))
	for range draws {
		set := func(s State, of ...uint32) { ok(r.SetState(s, of[rnd.IntN(len(of))])) }
		set(CullMode, CullNone, CullNone, CullCW, CullCCW)
		set(FillMode, FillSolid, FillSolid, FillSolid, FillWireframe, FillPoint)
		set(ShadeMode, ShadeFlat, ShadeGouraud)
		set(AlphaBlendEnable, 0, 1)
		ok(r.SetState(SrcBlend, 5))
		ok(r.SetState(DestBlend, 6))
		set(Lighting, 0, 0, 1)
		set(FogEnable, 0, 1)
		set(FogVertexMode, FogNone, FogLinear)
		set(LastPixel, 0, 1)
		set(ClipPlaneEnable, 0, 0, 5)
		ok(r.SetClipPlane(0, graphics.Plane{A: 1, D: 1}))
		ok(r.SetClipPlane(2, graphics.Plane{B: 1, C: .1, D: .5}))
		// From many in one chunk to few in all.
		size := float32(math.Exp(rnd.Float64()*4.5 - 5.5))
		v := make([]meshVertex, 3+rnd.IntN(4500))
		x, y, z := float32(0), float32(0), float32(3)
		for i := range v {
			if i%3 == 0 {
				x, y, z = rnd.Float32()*4-2, rnd.Float32()*3-1.5, .6+rnd.Float32()*4
				if rnd.IntN(40) == 0 {
					z -= 4
				}
			}
			v[i] = meshVertex{x: x + size*rnd.Float32(), y: y + size*rnd.Float32(), z: z + size*rnd.Float32(), nz: -1, color: rnd.Uint32()}
		}
		prim := Primitive(1 + rnd.IntN(6))
		if rnd.IntN(2) == 0 {
			ok(r.Draw(prim, meshFormat, bytesOf(v)))
		} else {
			x, want := make([]uint16, 3+rnd.IntN(9000)), error(nil)
			for i := range x {
				x[i] = uint16(min(i, i-i%3+rnd.IntN(4)) * 7 % len(v))
			}
			if rnd.IntN(4) == 0 {
				x[rnd.IntN(len(x)/3)], want = uint16(len(v)), ErrIndex
			}
			if err := r.DrawIndexed(prim, meshFormat, bytesOf(v), x); err != want && prim != LineList {
				t.Fatalf("%d indices: %v, not %v", len(x), err, want)
			}
		}
		if rnd.IntN(3) == 0 {
			ok(r.Clear(graphics.Clear{Flags: ClearDepth, Z: .9}, []blit.Rect{{X0: 3, Y0: 5, X1: 90, Y1: 70}}))
		}
	}
	ok(r.Flush())
	return append(bytes.Clone(s.Pix), bytesOf(d.z)...)
}

// same draws with a team what one processor draws, and compares pictures and counts.
func sameAsAlone(t *testing.T, team Team, seeds uint64, draws int) {
	t.Helper()
	for seed := range seeds {
		c := Config{Width: 160, Height: 100, Entries: []int{4096, 12000, 60000}[seed%3]}
		var pictures [2][]byte
		var counts [2]Counts
		for i := range pictures {
			if i == 1 {
				c.Team = team
			}
			r, err := New(c)
			if err != nil {
				t.Fatal(err)
			}
			d, err := NewDepthStencil(160, 100)
			if err != nil {
				t.Fatal(err)
			}
			pictures[i] = paint(t, r, d, seed, draws)
			counts[i] = r.Counts()
		}
		if counts[0] != counts[1] {
			t.Errorf("seed %d, %d workers: %+v, and alone %+v", seed, team.Workers(), counts[1], counts[0])
		}
		if !bytes.Equal(pictures[0], pictures[1]) {
			t.Fatalf("seed %d: %d workers draw another picture", seed, team.Workers())
		}
	}
}

// TestAnyOrderDrawsTheSame gathers pieces in any order, by any of some workers.
func TestAnyOrderDrawsTheSame(t *testing.T) {
	seeds := uint64(12)
	if testing.Short() {
		seeds = 3
	}
	for _, workers := range []int{2, 4, 8} {
		sameAsAlone(t, shuffled{workers, rand.New(rand.NewPCG(uint64(workers), 9))}, seeds, 8)
	}
}

// TestCutTrianglesFillTheArena has so many cut that the vertices this adds have no
// room: alone and with others it is rendered at the same triangle then.
func TestCutTrianglesFillTheArena(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 7))
	v := make([]meshVertex, 900)
	for i := range v {
		x, y := float32(i/3%20)/10-1, float32(i/3/20)/8-1
		v[i] = meshVertex{x: x + rnd.Float32()/20, y: y + rnd.Float32()/20, z: .4 + float32(i%3)/5, color: rnd.Uint32()}
	}
	x := make([]uint16, 90000)
	for i := range x {
		x[i] = uint16(3*(i/3*7%300) + i%3)
	}
	p := graphics.Matrix{M11: 1, M22: 1, M33: 1, M44: 1, M43: -.5} // z of .5 is near
	var pictures [2][]byte
	var counts [2]Counts
	for i, team := range []Team{nil, shuffled{3, rnd}} {
		s := newStand(t, 160, 100, Config{Width: 160, Height: 100, Vertices: LeastVertices, Entries: 1 << 20, Team: team})
		s.s = newSurface(160, 100, blit.RGB565)
		s.ok(s.SetTarget(s.s, s.d))
		s.clear(0x102030)
		s.ok(s.SetTransform(Projection, &p))
		s.set(uint32(Lighting), 0, uint32(CullMode), CullNone, uint32(AlphaBlendEnable), 1, uint32(SrcBlend), 5, uint32(DestBlend), 6)
		s.stage(0, uint32(AlphaOp), 3)
		for range 2 {
			s.ok(s.DrawIndexed(TriangleList, meshFormat, bytesOf(v), x))
		}
		s.ok(s.Flush())
		pictures[i], counts[i] = bytes.Clone(s.s.Pix), s.Counts()
	}
	if counts[0] != counts[1] || counts[0].Flushes < 3 {
		t.Errorf("%+v, and alone %+v", counts[1], counts[0])
	}
	if !bytes.Equal(pictures[0], pictures[1]) {
		t.Error("another picture")
	}
}

// TestTeamsDrawTheSame does the same with goroutines.
func TestTeamsDrawTheSame(t *testing.T) {
	for _, helpers := range []int{0, 1, 3, 7} {
		sameAsAlone(t, newCrew(t, 1+helpers), 3, 4)
	}
}
