package sf2

import "testing"

// FuzzSF2 holds that any file is an error or a bank whose regions lie inside their samples.
func FuzzSF2(f *testing.F) {
	f.Add(simple(nil, nil).bytes())
	full := simple([]gen{keys(0, 60), {genPan, 100}}, []gen{{genSampleModes, 1}, {genOverridingRootKey, 50}})
	full.low = make([]byte, 146)
	full.insts[0].bags = append([]bag{{gens: []gen{{genPan, -5}}}}, full.insts[0].bags...)
	full.insts[0].bags[1].mods = []modulator{{src: srcLink, dest: uint16(genPan), amount: 1}, {src: 0x0082, dest: destLink, amount: 1}}
	f.Add(full.bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		b, _, err := Parse(data, Options{})
		if (b == nil) == (err == nil) {
			t.Fatalf("bank %v, error %v", b, err)
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
	})
}
