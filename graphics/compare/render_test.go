package compare

import (
	"math/rand/v2"
	"testing"
)

// perform draws a play by this house's renderer, and gives the commands for Mesa.
func (p *play) perform(t *testing.T, bias float32) (*picture, []byte) {
	t.Helper()
	s := newScene(p.name)
	s.r = rand.New(rand.NewPCG(uint64(len(p.name)), 7))
	d := newDevice(t, &s.bank, p.format, bias)
	p.draw(d)
	return d.finish(), d.w.b
}

// TestMesaAgreesOnRenderer holds scenes that are transformed, lit, cut and put
// together by graphics/render to what Mesa draws.
func TestMesaAgreesOnRenderer(t *testing.T) {
	m := startMesa(t)
	all, worst := plays(), 1.0
	for _, p := range all {
		var got *picture
		var theirs []*picture
		for i, bias := range []float32{0, p.bound.lod, -p.bound.lod} {
			if i > 0 && p.bound.lod == 0 {
				break
			}
			mine, commands := p.perform(t, bias)
			if i == 0 {
				got = mine
			}
			picture, err := m.draw(sceneWidth, sceneHeight, commands)
			if err != nil {
				t.Fatalf("%s: %v", p.name, err)
			}
			theirs = append(theirs, picture)
		}
		worst = min(worst, report(t, p.name, got, theirs, p.format, &p.bound))
	}
	t.Logf("%d scenes, the worst agrees in %.3f %% of pixels", len(all), 100*worst)
}
