package compare

import (
	"cmp"
	"flag"
	"fmt"
	"slices"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/graphics/blit"
	"github.com/mmlite/mmlite/graphics/raster"
)

var (
	pictures = flag.String("pictures", "", "folder for pictures of scenes that fail: ours, Mesa's, their difference, the pixels that are off")
	everyOne = flag.Bool("all", false, "with -pictures: of all scenes")
	dice     = flag.Uint64("dice", 1, "another number draws other triangles and textures in the same scenes")
)

// scenes are all scenes, or with -short some.
func scenes(t *testing.T) []*scene {
	t.Helper()
	all := generate(t)
	names := map[string]bool{}
	for _, s := range all {
		if names[s.name] {
			t.Errorf("two scenes are called %s", s.name)
		}
		names[s.name] = true
	}
	if len(all) < 200 {
		t.Fatalf("only %d scenes", len(all))
	}
	if testing.Short() {
		n := 0
		all = slices.DeleteFunc(all, func(*scene) bool { n++; return n%10 != 0 })
	}
	return all
}

// TestLoopsAgree draws every scene by the pixel loops that are linked, by those
// made at run time, and by the interpreter of states: the same bits.
func TestLoopsAgree(t *testing.T) {
	var c *raster.Compiler
	loops, made := map[string]int{}, 0
	for i, s := range scenes(t) {
		if i%50 == 0 { // one holds so many loops
			made += closing(t, c)
			c = raster.NewCompiler(host.New())
		}
		want := s.rasterize(t, true, nil)
		for _, with := range []*raster.Compiler{nil, c} {
			if !s.rasterize(t, false, with).same(want) {
				t.Errorf("%s: pixel loops and interpreter draw different pictures, run-time loops: %t", s.name, with != nil)
			}
		}
		for _, b := range s.batches {
			loops[b.Loop()]++
		}
	}
	t.Logf("%d loops were made at run time; batches by their loops: %v", made+closing(t, c), loops)
}

// closing ends a compiler, and says how many loops it has made.
func closing(t *testing.T, c *raster.Compiler) int {
	t.Helper()
	n, err := c.Made()
	if err != nil && com.CodeOf(err) != com.ErrNotSupported {
		t.Errorf("no more loops could be made: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	return n
}

// TestMesaAgrees holds every scene to what Mesa draws.
func TestMesaAgrees(t *testing.T) {
	m := startMesa(t)
	var all table
	for _, s := range scenes(t) {
		got := s.rasterize(t, false, nil)
		theirs := []*picture{s.mesa(t, m, 0)}
		if s.bound.lod > 0 {
			theirs = append(theirs, s.mesa(t, m, s.bound.lod), s.mesa(t, m, -s.bound.lod))
		}
		all.report(t, s.name, got, theirs, s.format, &s.bound)
	}
	all.log(t)
}

// table is what came of a test's scenes, a line of each.
type table []line

type line struct {
	share float64 // of pixels that agree
	text  string
}

// log shows the scenes that agree least, and all of them where the test failed.
func (all table) log(t *testing.T) {
	t.Helper()
	slices.SortStableFunc(all, func(a, b line) int { return cmp.Compare(a.share, b.share) })
	shown := min(10, len(all))
	if t.Failed() {
		shown = len(all)
	}
	for _, l := range all[:shown] {
		t.Log(l.text)
	}
	whole := 0
	for _, l := range all {
		if l.share == 1 {
			whole++
		}
	}
	t.Logf("%d scenes, of which %d agree in every pixel, and the worst in %.3f %% of them", len(all), whole, 100*all[0].share)
}

// report adds a line to the table, an error where too few pixels agree, and the
// pictures where they are asked for.
func (all *table) report(t *testing.T, name string, got *picture, theirs []*picture, f blit.Format, b *bound) {
	t.Helper()
	v := judge(got, theirs, f, b)
	*all = append(*all, line{v.share, fmt.Sprintf("%-42s %8.3f %% within %d, worst %3d, mean %.4f, depth %.0e", name, 100*v.share, b.channel, v.worst, v.mean, v.depth)})
	if got.plain() != b.empty && *dice == 1 { // others may draw nothing
		t.Errorf("%s: nothing is drawn: %t", name, got.plain())
	}
	bad := v.share < b.share
	if bad {
		t.Errorf("%s: only %.3f %% of pixels agree", name, 100*v.share)
	}
	if *pictures != "" && (bad || *everyOne) {
		if err := save(*pictures, name, got, theirs[0], &v); err != nil {
			t.Error(err)
		}
	}
}

func (s *scene) mesa(t *testing.T, m *mesa, bias float32) *picture {
	t.Helper()
	p, err := m.draw(sceneWidth, sceneHeight, s.commands(bias))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestJudge: what is off is found, and what is within the bound is not.
func TestJudge(t *testing.T) {
	base := func() *picture {
		p := newPicture(10, 1)
		for i := range p.color {
			p.color[i], p.depth[i], p.stencil[i] = 0x80f07040, 0.5, 9
		}
		return p
	}
	for name, c := range map[string]struct {
		change func(p *picture)
		format blit.Format
		off    int
	}{
		"nothing":               {func(p *picture) {}, blit.ARGB8888, 0},
		"two steps":             {func(p *picture) { p.color[3] += 0x020000 - 0x0200 }, blit.ARGB8888, 0},
		"three steps":           {func(p *picture) { p.color[3] += 3; p.color[4] -= 0x0300 }, blit.ARGB8888, 2},
		"alpha":                 {func(p *picture) { p.color[3] += 0x03000000 }, blit.ARGB8888, 1},
		"alpha that is not":     {func(p *picture) { p.color[3] += 0x03000000 }, blit.XRGB8888, 0},
		"depth":                 {func(p *picture) { p.depth[0] += 2 * depthBound }, blit.ARGB8888, 1},
		"stencil":               {func(p *picture) { p.stencil[9]++ }, blit.ARGB8888, 1},
		"cut to 5 bits":         {func(p *picture) { p.color[3] = 0xfff77139 }, blit.RGB565, 0},
		"cut to the wrong bits": {func(p *picture) { p.color[3] = 0xfff77131 }, blit.RGB565, 1},
	} {
		got, mesa := base(), base()
		if c.format == blit.RGB565 {
			for i := range got.color {
				got.color[i] = blit.Expand(blit.RGB565, blit.Reduce(blit.RGB565, got.color[i], nil), nil)
			}
		}
		c.change(got)
		v := judge(got, []*picture{mesa}, c.format, &bound{channel: 2})
		n := 0
		for _, off := range v.off {
			if off {
				n++
			}
		}
		if n != c.off || v.share != float64(10-c.off)/10 {
			t.Errorf("%s: %d pixels are off and %.2f agree, not %d", name, n, v.share, c.off)
		}
	}
}
