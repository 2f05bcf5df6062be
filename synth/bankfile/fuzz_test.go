package bankfile

import (
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/dls"
)

// FuzzLazy reads data by parts as a bank: whatever it is, an error or a bank that can be built and
// loaded. What reading it whole finds, reading by parts finds too.
func FuzzLazy(f *testing.F) {
	small := &dls.FileSpec{
		Waves: []dls.WaveSpec{{Name: "w", Rate: 22050, PCM: make([]int16, 50), Sample: dls.SampleSpec{Unity: 60}}},
		Instruments: []dls.InstrumentSpec{{Name: "i", Regions: []dls.RegionSpec{{KeyHigh: 60}, {KeyLow: 61, KeyHigh: 127}},
			Articulation: []dls.Block{{Destination: 0x209, Scale: -1200 << 16}}}},
	}
	if data, err := small.Encode(); err == nil {
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Add(smallSF2())
	f.Add([]byte("RIFF\x10\x00\x00\x00sfbkLIST\x04\x00\x00\x00pdta"))
	f.Fuzz(func(t *testing.T, data []byte) {
		src := &source{data: data}
		m, err := Skim(src.read, int64(len(data)))
		if err != nil {
			t.Fatalf("a file that can be read: %v", err)
		}
		if m.Held() > int64(len(data))*3+100 {
			t.Fatalf("%d bytes are held of %d", m.Held(), len(data))
		}
		b, _, _, err := Read(m, Options{})
		if err != nil {
			return
		}
		whole, _, _, _ := Open(data, Options{})
		loaded := 0
		for _, p := range b.Presets() {
			if err := p.Build(); err != nil {
				continue
			}
			if whole != nil {
				if q := whole.Find(p.Drum, p.MSB, p.LSB, p.Program); q == nil || len(q.All()) != len(p.All()) {
					t.Fatalf("preset %q: %d regions by parts, whole: %v", p.Name, len(p.All()), q)
				}
			}
			p.Missing(func(s *bank.Sample) bool {
				if loaded += Bytes(s); loaded > 1<<24 {
					return false
				}
				pcm, err := Load(src.read, s, make([]byte, Bytes(s)))
				if err != nil {
					t.Fatalf("sample %q at %+v of %d bytes: %v", s.Name, s.Place, len(data), err)
				}
				return s.Supply(pcm) == nil
			})
		}
	})
}

// smallSF2 is a bank of one preset, one instrument, one sample.
func smallSF2() []byte {
	le := func(v ...int) (b []byte) {
		for _, x := range v {
			b = append(b, byte(x), byte(x>>8))
		}
		return b
	}
	name := func(s string) []byte { return append([]byte(s), make([]byte, 20-len(s))...) }
	chunk := func(id string, parts ...[]byte) (b []byte) {
		for _, p := range parts {
			b = append(b, p...)
		}
		return append(append([]byte(id), le(len(b), len(b)>>16)...), b...)
	}
	list := func(form string, parts ...[]byte) []byte {
		return chunk("LIST", append([][]byte{[]byte(form)}, parts...)...)
	}
	zeros := make([]byte, 12)
	return chunk("RIFF", []byte("sfbk"),
		list("INFO", chunk("ifil", le(2, 4))),
		list("sdta", chunk("smpl", make([]byte, 400)), chunk("sm24", make([]byte, 200))),
		list("pdta",
			chunk("phdr", name("p"), le(0, 0, 0), zeros, name("EOP"), le(0, 0, 1), zeros),
			chunk("pbag", le(0, 0, 1, 0)), chunk("pmod", make([]byte, 10)), chunk("pgen", le(41, 0, 0, 0)),
			chunk("inst", name("i"), le(0), name("EOI"), le(1)),
			chunk("ibag", le(0, 0, 2, 0)), chunk("imod", make([]byte, 10)), chunk("igen", le(54, 1, 53, 0, 0, 0)),
			chunk("shdr", name("s"), le(0, 0, 150, 0, 10, 0, 140, 0, 44100, 0), []byte{60, 0}, le(0, 1), name("EOS"), make([]byte, 26)),
		))
}

func TestSmallSF2(t *testing.T) {
	b, _, notes, err := Open(smallSF2(), Options{})
	if err != nil || len(notes) != 0 || len(b.Presets()) != 1 || len(b.Presets()[0].All()) != 1 {
		t.Errorf("%v %v %v", b, notes, err)
	}
}
