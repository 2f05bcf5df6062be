package sf2

import (
	"errors"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/riff"
)

// FuzzSF2 holds that any file is an error or a bank whose regions lie inside their samples.
func FuzzSF2(f *testing.F) {
	f.Add(simple(nil, nil).bytes())
	full := simple([]gen{keys(0, 60), {genPan, 100}}, []gen{{genSampleModes, 1}, {genOverridingRootKey, 50}})
	full.low = make([]byte, 146)
	full.insts[0].bags = append([]bag{{gens: []gen{{genPan, -5}}}}, full.insts[0].bags...)
	full.insts[0].bags[1].mods = []modulator{{src: srcLink, dest: uint16(genPan), amount: 1}, {src: 0x0082, dest: destLink, amount: 1}}
	f.Add(full.bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		sound(t, data)
	})
}

// FuzzHydra does the same for the contents of the nine tables, whose lengths are always right.
func FuzzHydra(f *testing.F) {
	full := simple([]gen{keys(0, 60), {genPan, 100}}, []gen{{genSampleModes, 1}, {genOverridingRootKey, 50}})
	full.insts[0].bags = append([]bag{{gens: []gen{{genPan, -5}}}}, full.insts[0].bags...)
	full.insts[0].bags[1].mods = []modulator{{src: srcLink, dest: uint16(genPan), amount: 1}, {src: 0x0082, dest: destLink, amount: 1}}
	full.presets[0].bags[0].mods = []modulator{{src: 0x0502, dest: uint16(genInitialAttenuation), amount: -100}}
	full.samples = append(full.samples, full.samples[0])
	full.presets = append(full.presets, full.presets[0])
	h := hydraOf(f, full.bytes())
	f.Add(h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8])
	smpl := put(nil, ramp(200))
	f.Fuzz(func(t *testing.T, phdr, pbag, pmod, pgen, inst, ibag, imod, igen, shdr []byte) {
		sound(t, list("RIFF", "sfbk",
			list("LIST", "sdta", chunk("smpl", smpl)),
			list("LIST", "pdta",
				chunk("phdr", phdr), chunk("pbag", pbag), chunk("pmod", pmod), chunk("pgen", pgen),
				chunk("inst", inst), chunk("ibag", ibag), chunk("imod", imod), chunk("igen", igen), chunk("shdr", shdr))))
	})
}

// hydraOf returns the nine tables of a file.
func hydraOf(tb testing.TB, data []byte) (tables [][]byte) {
	f, root, err := riff.Open(data)
	if err != nil {
		tb.Fatal(err)
	}
	for l := range f.Children(root) {
		if l.List("pdta") {
			for c := range f.Children(l) {
				tables = append(tables, c.Body)
			}
		}
	}
	return tables
}

// sound fails unless data is an error, or a bank whose regions lie inside their samples.
func sound(t *testing.T, data []byte) {
	b, _, err := Parse(data, Options{})
	if (b == nil) == (err == nil) {
		t.Fatalf("bank %v, error %v", b, err)
	}
	if errors.Is(err, bank.ErrInvalid) {
		t.Fatalf("the model refuses what the reader made: %v", err)
	}
	if err != nil {
		return
	}
	for _, p := range b.Presets() {
		for _, r := range p.Regions {
			n := uint32(len(r.Sample.Data))
			if r.Start > r.End || r.End > n || r.Loop != 0 && (r.LoopStart >= r.LoopEnd || r.LoopEnd > n) {
				t.Fatalf("preset %q: %d to %d, loop %d to %d of %d frames", p.Name, r.Start, r.End, r.LoopStart, r.LoopEnd, n)
			}
		}
	}
}
