package bankfile

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/gm"
	"github.com/mmlite/mmlite/synth/riff"
)

// source reads data and counts.
type source struct {
	data  []byte
	bytes int
	reads int
}

func (s *source) read(at int64, b []byte) error {
	if at < 0 || at > int64(len(s.data)) || copy(b, s.data[at:]) < len(b) {
		return fmt.Errorf("no %d bytes at %d", len(b), at)
	}
	s.bytes += len(b)
	s.reads++
	return nil
}

// banks are the built-in one and those that are installed.
func banks(t testing.TB) map[string][]byte {
	all := map[string][]byte{"built-in": gm.Bank()}
	for _, path := range []string{"/usr/share/sounds/sf2/TimGM6mb.sf2", "../dls/testdata/test1.dls"} {
		if data, err := os.ReadFile(path); err == nil {
			all[path] = data
		}
	}
	return all
}

// TestALazyBankIsTheWholeOne reads banks by parts and in one go, and holds that all presets come
// out the same, sample for sample.
func TestALazyBankIsTheWholeOne(t *testing.T) {
	for name, data := range banks(t) {
		t.Run(name, func(t *testing.T) {
			want, format, _, err := Open(data, Options{})
			if err != nil {
				t.Fatal(err)
			}
			src := &source{data: data}
			m, err := Skim(src.read, int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			got, form, _, err := Read(m, Options{})
			if err != nil || form != format || got.Name != want.Name || len(got.Presets()) != len(want.Presets()) {
				t.Fatalf("%v %v, want %v; %d presets, want %d; %v", form, got, format, len(got.Presets()), len(want.Presets()), err)
			}
			if len(data) > 1<<20 && m.Held() > int64(len(data)/4) {
				t.Errorf("%d of %d bytes are held for the tables", m.Held(), len(data))
			}
			// Backwards: a preset must not depend on those before it.
			for i, q := range slices.Backward(want.Presets()) {
				p := got.Presets()[i]
				if err := p.Build(); err != nil {
					t.Fatal(err)
				}
				same(t, src, p, q)
			}
		})
	}
}

func same(t *testing.T, src *source, got, want *bank.Preset) {
	t.Helper()
	if got.Name != want.Name || got.Program != want.Program || got.Drum != want.Drum || len(got.All()) != len(want.All()) {
		t.Fatalf("preset %q of %d regions, want %q of %d", got.Name, len(got.All()), want.Name, len(want.All()))
	}
	for i, w := range want.All() {
		g := got.All()[i]
		if _, ok := g.Sample.PCM(); !ok {
			pcm, err := Load(src.read, g.Sample, make([]byte, Bytes(g.Sample)))
			if err != nil {
				t.Fatal(err)
			}
			if err := g.Sample.Supply(pcm); err != nil {
				t.Fatal(err)
			}
		}
		pcm, _ := g.Sample.PCM()
		if g.Sample.Name != w.Sample.Name || g.Sample.Rate != w.Sample.Rate ||
			!slices.Equal(pcm.Data, w.Sample.Data) || !slices.Equal(pcm.Low, w.Sample.Low) {
			t.Fatalf("preset %q, region %d: sample %q differs", got.Name, i, w.Sample.Name)
		}
		if !slices.Equal(g.Modulators, w.Modulators) {
			t.Fatalf("preset %q, region %d: modulators differ", got.Name, i)
		}
		a, b := *g, *w
		a.Sample, a.Modulators, b.Sample, b.Modulators = nil, nil, nil, nil
		if fmt.Sprintf("%+v", a) != fmt.Sprintf("%+v", b) {
			t.Fatalf("preset %q, region %d: %+v, want %+v", got.Name, i, a, b)
		}
	}
}

// TestLoadUnpacks is about waves of other forms than the usual one.
func TestLoadUnpacks(t *testing.T) {
	data := []byte{0, 0, 0x80, 1, 0xff, 2, 0x7f, 3} // 8 bits, left and right in turn
	src := (&source{data: data}).read
	load := func(p bank.Place, frames int) []int16 {
		s := &bank.Sample{Frames: frames, Place: p}
		pcm, err := Load(src, s, make([]byte, Bytes(s)))
		if err != nil {
			t.Fatal(err)
		}
		return pcm.Data
	}
	for name, c := range map[string]struct {
		got, want []int16
	}{
		"8 bits":          {load(bank.Place{Bits: 8, Channels: 1}, 3), []int16{-32768, -32768, 0}},
		"8 bits, left":    {load(bank.Place{Bits: 8, Channels: 2}, 4), []int16{-32768, 0, 0x7f00, -256}},
		"8 bits, right":   {load(bank.Place{Bits: 8, Channels: 2, Channel: 1}, 2), []int16{-32768, -0x7f00}},
		"16 bits, right":  {load(bank.Place{Bits: 16, Channels: 2, Channel: 1}, 2), []int16{0x180, 0x37f}},
		"16 bits, offset": {load(bank.Place{Offset: 2, Bits: 16, Channels: 1}, 1), []int16{0x180}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %d, want %d", name, c.got, c.want)
		}
	}
	s := &bank.Sample{Frames: 2, Place: bank.Place{Bits: 16, Channels: 1, Low: 6}}
	if pcm, err := Load(src, s, make([]byte, Bytes(s))); err != nil || !slices.Equal(pcm.Low, []byte{0x7f, 3}) {
		t.Errorf("24 bits: %v, %v", pcm, err)
	}
	s = &bank.Sample{Frames: 2, Place: bank.Place{Offset: 6, Bits: 8, Channels: 2}}
	if _, err := Load(src, s, make([]byte, Bytes(s))); err == nil {
		t.Error("frames beyond the file were read")
	}
}

func TestReadRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"text":        {[]byte("This is a letter."), ErrUnknown},
		"empty":       {nil, ErrUnknown},
		"a recording": {[]byte("RIFF\x04\x00\x00\x00WAVE"), ErrUnknown},
		"cut short":   {gm.Bank()[:len(gm.Bank())/3], riff.ErrTruncated},
	} {
		src := &source{data: c.data}
		m, err := Skim(src.read, int64(len(c.data)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if b, _, notes, err := Read(m, Options{}); b != nil || notes == nil || !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
