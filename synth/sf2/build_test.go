package sf2

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/riff"
)

// gen is a generator with its amount.
type gen struct {
	n generator
	v int
}

// keys and vels are the range generators.
func keys(low, high int) gen { return gen{genKeyRange, high<<8 | low} }
func vels(low, high int) gen { return gen{genVelRange, high<<8 | low} }

// bag is a zone to write.
type bag struct {
	gens []gen
	mods []modulator
}

// item is a preset or an instrument to write.
type item struct {
	name          string
	bank, program int
	bags          []bag
}

// head is a sample header to write.
type head struct {
	name                           string
	start, end, loopStart, loopEnd uint32
	rate                           uint32
	key, cents                     int8
	link, kind                     uint16
}

// file is a bank to write.
type file struct {
	major, minor uint16
	presets      []item
	insts        []item
	samples      []head
	frames       []int16
	low          []byte
}

// simple returns a bank of one preset with one zone of one instrument with one zone that plays
// one sample of 100 frames.
func simple(presetGens, instGens []gen) *file {
	return &file{
		major: 2, minor: 4,
		presets: []item{{name: "preset", bags: []bag{{gens: append(presetGens, gen{genInstrument, 0})}}}},
		insts:   []item{{name: "instrument", bags: []bag{{gens: append(instGens, gen{genSampleID, 0})}}}},
		samples: []head{{name: "sample", start: 0, end: 100, loopStart: 10, loopEnd: 90, rate: 44100, key: 60, kind: typeMono}},
		frames:  ramp(146),
	}
}

func ramp(n int) []int16 {
	f := make([]int16, n)
	for i := range f {
		f[i] = int16(i * 3)
	}
	return f
}

func chunk(id string, body []byte) []byte {
	out := append([]byte(id), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(body)))
	out = append(out, body...)
	if len(body)&1 == 1 {
		out = append(out, 0)
	}
	return out
}

func list(id, form string, parts ...[]byte) []byte {
	return chunk(id, append([]byte(form), bytes.Join(parts, nil)...))
}

func put(b []byte, values ...any) []byte {
	for _, v := range values {
		var err error
		if b, err = binary.Append(b, binary.LittleEndian, v); err != nil {
			panic(err)
		}
	}
	return b
}

func name20(s string) [20]byte {
	var n [20]byte
	copy(n[:], s)
	return n
}

// tables writes the bag, modulator and generator tables of items and returns where the bags of
// each start.
func tables(items []item) (first []uint16, bags, mods, gens []byte) {
	for _, it := range items {
		first = append(first, uint16(len(bags)/bagSize))
		for _, b := range it.bags {
			bags = put(bags, uint16(len(gens)/genSize), uint16(len(mods)/modSize))
			for _, g := range b.gens {
				gens = put(gens, uint16(g.n), uint16(g.v))
			}
			for _, m := range b.mods {
				mods = put(mods, m.src, m.dest, int16(m.amount), m.amtSrc, m.trans)
			}
		}
	}
	first = append(first, uint16(len(bags)/bagSize))
	bags = put(bags, uint16(len(gens)/genSize), uint16(len(mods)/modSize))
	return first, bags, append(mods, make([]byte, modSize)...), append(gens, make([]byte, genSize)...)
}

// bytes writes the bank.
func (f *file) bytes() []byte {
	pfirst, pbag, pmod, pgen := tables(f.presets)
	ifirst, ibag, imod, igen := tables(f.insts)
	var phdr, inst, shdr []byte
	for i, p := range append(f.presets[:len(f.presets):len(f.presets)], item{name: "EOP"}) {
		phdr = put(phdr, name20(p.name), uint16(p.program), uint16(p.bank), pfirst[i], uint32(0), uint32(0), uint32(0))
	}
	for i, p := range append(f.insts[:len(f.insts):len(f.insts)], item{name: "EOI"}) {
		inst = put(inst, name20(p.name), ifirst[i])
	}
	for _, s := range append(f.samples[:len(f.samples):len(f.samples)], head{name: "EOS"}) {
		shdr = put(shdr, name20(s.name), s.start, s.end, s.loopStart, s.loopEnd, s.rate, s.key, s.cents, s.link, s.kind)
	}
	sdta := chunk("smpl", put(nil, f.frames))
	if f.low != nil {
		sdta = append(sdta, chunk("sm24", f.low)...)
	}
	return list("RIFF", "sfbk",
		list("LIST", "INFO", chunk("ifil", put(nil, f.major, f.minor)), chunk("INAM", []byte("test bank\x00"))),
		list("LIST", "sdta", sdta),
		list("LIST", "pdta",
			chunk("phdr", phdr), chunk("pbag", pbag), chunk("pmod", pmod), chunk("pgen", pgen),
			chunk("inst", inst), chunk("ibag", ibag), chunk("imod", imod), chunk("igen", igen), chunk("shdr", shdr)))
}

// mustParse reads the bank that f writes.
func mustParse(t *testing.T, f *file, opt Options) (*bank.Bank, []riff.Note) {
	t.Helper()
	b, notes, err := Parse(f.bytes(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return b, notes
}

// only returns the one region of a bank that has but one.
func only(t *testing.T, f *file) *bank.Region {
	t.Helper()
	b, _ := mustParse(t, f, Options{})
	if len(b.Presets()) != 1 || len(b.Presets()[0].Regions) != 1 {
		t.Fatalf("not one preset with one region")
	}
	return b.Presets()[0].Regions[0]
}

func near(a, b float32) bool { return math.Abs(float64(a-b)) < 1e-3 }
