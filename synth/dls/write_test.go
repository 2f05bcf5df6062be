package dls

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

// small is a file with everything the writer can write in it.
func small() *FileSpec {
	wave := func(name string, n int) WaveSpec {
		w := WaveSpec{Name: name, Rate: 22050, PCM: make([]int16, n), Sample: SampleSpec{Unity: 60}}
		for i := range w.PCM {
			w.PCM[i] = int16(10000 * math.Sin(float64(i)/7))
		}
		return w
	}
	f := &FileSpec{
		Name: "Small", Copyright: "nobody", Version: [4]uint16{1, 2, 3, 4},
		Waves: []WaveSpec{wave("One", 101), wave("Two", 64)},
	}
	f.Waves[1].Sample = SampleSpec{Unity: 69, FineTune: -7, Gain: -6 * 655360, LoopStart: 10, LoopLength: 44}
	f.Instruments = []InstrumentSpec{
		{Name: "Odd", MSB: 1, LSB: 2, Program: 3,
			Regions: []RegionSpec{
				{KeyLow: 0, KeyHigh: 59, Wave: 1},
				{KeyLow: 60, KeyHigh: 127, Wave: 0, Sample: &SampleSpec{Unity: 64, FineTune: 12}}},
			Articulation: []Block{{Destination: 0x209, Scale: -1200 << 16}, {Source: 1, Control: 0x81, Destination: 3, Scale: 50 << 16}},
			Level2:       []Block{{Destination: 0x500, Scale: 9000 << 16}}},
		{Name: "Kit", Drum: true, Regions: []RegionSpec{
			{KeyLow: 36, KeyHigh: 36, Wave: 0, KeyGroup: 3, SelfNonExclusive: true,
				Articulation: []Block{{Destination: 4, Scale: -250 << 16}}}}},
	}
	return f
}

func TestEncodeReadsBack(t *testing.T) {
	f := small()
	data, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	b, notes, err := Parse(data, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notes {
		t.Errorf("the reader remarks: %v", n)
	}
	odd := b.Find(false, 1, 2, 3)
	if odd == nil || odd.Name != "Odd" || len(odd.Regions) != 2 {
		t.Fatalf("instrument came back as %+v", odd)
	}
	looped, once := odd.Regions[0], odd.Regions[1]
	if looped.LoopStart != 10 || looped.LoopEnd != 54 || looped.KeyHigh != 59 || looped.Root != 69.07 {
		t.Errorf("looped region: loop %d..%d, keys to %d, root %g", looped.LoopStart, looped.LoopEnd, looped.KeyHigh, looped.Root)
	}
	if once.Root != 63.88 || once.LoopEnd > once.LoopStart && once.Loop != 0 || len(once.Sample.Data) != 101 {
		t.Errorf("one-shot region: root %g, loop %v, %d samples", once.Root, once.Loop, len(once.Sample.Data))
	}
	for i, v := range once.Sample.Data {
		if v != f.Waves[0].PCM[i] {
			t.Fatalf("sample %d is %d, was %d", i, v, f.Waves[0].PCM[i])
		}
	}
	kit := b.Find(true, 0, 0, 0)
	if kit == nil || len(kit.Regions) != 1 {
		t.Fatalf("kit came back as %+v", kit)
	}
	if r := kit.Regions[0]; r.Exclusive != 3 || !r.Overlap {
		t.Errorf("drum: group %d, overlap %v", r.Exclusive, r.Overlap)
	}
}

// Layers are of Level 2: they overlap, split velocities, leave their loops, and cut each other off.
func TestLayersReadBack(t *testing.T) {
	f := small()
	ins := &f.Instruments[0]
	ins.Regions = append(ins.Regions,
		RegionSpec{KeyHigh: 127, Layer: true, VelHigh: 64, Wave: 1, KeyGroup: 5, Sample: &SampleSpec{Unity: 60, LoopLength: 20, LoopRelease: true}},
		RegionSpec{KeyHigh: 127, Layer: true, VelLow: 65, VelHigh: 127, Level2: []Block{{Destination: 0x004, Scale: 300 << 16}}})
	data, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	b, notes, err := Parse(data, Options{})
	if err != nil || len(notes) != 0 {
		t.Fatal(err, notes)
	}
	regions := b.Find(false, 1, 2, 3).Regions
	if len(regions) != 4 {
		t.Fatalf("%d regions", len(regions))
	}
	soft, loud := regions[2], regions[3]
	if soft.VelHigh != 64 || soft.Loop != bank.LoopUntilRelease || soft.LoopEnd != 20 || soft.Exclusive != 5 {
		t.Errorf("%+v", soft)
	}
	if loud.VelLow != 65 || loud.Gen[bank.Pan] != 300 || loud.PanLaw != bank.PanSine {
		t.Errorf("%+v", loud)
	}
}

// A writer that fails, however late, is told of, and the length is right.
func TestWriteToFails(t *testing.T) {
	f := small()
	whole, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(whole); n += 7 {
		w := &short{left: n}
		if got, err := f.WriteTo(w); err == nil || got != int64(n) {
			t.Fatalf("after %d bytes: %d, %v", n, got, err)
		}
	}
	if n, err := f.WriteTo(&short{left: len(whole)}); err != nil || n != int64(len(whole)) {
		t.Errorf("%d of %d bytes, %v", n, len(whole), err)
	}
}

// short has room for so many bytes.
type short struct{ left int }

func (s *short) Write(b []byte) (int, error) {
	n := min(len(b), s.left)
	s.left -= n
	if n < len(b) {
		return n, errors.New("full")
	}
	return n, nil
}

// The layout itself, against the specification and not against our reader.
func TestEncodeLayout(t *testing.T) {
	data, err := small().Encode()
	if err != nil {
		t.Fatal(err)
	}
	if string(data[:4]) != "RIFF" || string(data[8:12]) != "DLS " || int(le(data[4:]))+8 != len(data) {
		t.Fatalf("header % x of %d bytes", data[:12], len(data))
	}
	chunks := map[string]uint32{}
	var pool, table []byte
	for at := 12; at < len(data); {
		id, n := string(data[at:at+4]), le(data[at+4:])
		body := data[at+8:][:n]
		if id == "LIST" {
			id = string(body[:4])
		}
		chunks[id] = n
		switch id {
		case "wvpl":
			pool = body[4:]
		case "ptbl":
			table = body
		}
		at += 8 + int(n+n%2)
	}
	for _, id := range []string{"vers", "colh", "lins", "ptbl", "wvpl", "INFO"} {
		if chunks[id] == 0 {
			t.Errorf("no %s", id)
		}
	}
	if le(table) != 8 || le(table[4:]) != 2 {
		t.Fatalf("pool table % x", table)
	}
	for i := range 2 {
		offset := le(table[8+4*i:])
		if cue := pool[offset:]; string(cue[:4]) != "LIST" || string(cue[8:12]) != "wave" {
			t.Errorf("cue %d points at % x", i, cue[:12])
		}
	}
	// A region's header of Level 1 has six numbers and no layer.
	if i := bytes.Index(data, []byte("rgnh")); le(data[i+4:]) != 12 {
		t.Errorf("rgnh has %d bytes", le(data[i+4:]))
	}
}

func le(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

func TestEncodeRefuses(t *testing.T) {
	for _, c := range []struct {
		want  string
		spoil func(*FileSpec)
	}{
		{"no samples", func(f *FileSpec) { f.Waves[0].PCM = nil }},
		{"rate", func(f *FileSpec) { f.Waves[0].Rate = 0 }},
		{"beyond", func(f *FileSpec) { f.Waves[1].Sample.LoopLength = 55 }},
		{"beyond", func(f *FileSpec) { f.Waves[1].Sample.LoopStart = math.MaxUint32 }},
		{"unity", func(f *FileSpec) { f.Waves[0].Sample.Unity = 128 }},
		{"has a region already", func(f *FileSpec) { f.Instruments[0].Regions[0].KeyHigh = 60 }},
		{"must rise", func(f *FileSpec) { f.Instruments[0].Regions[0].KeyLow = 60 }},
		{"must rise", func(f *FileSpec) { f.Instruments[0].Regions[1].KeyHigh = 255 }},
		{"wave 2 of 2", func(f *FileSpec) { f.Instruments[0].Regions[0].Wave = 2 }},
		{"wave -1", func(f *FileSpec) { f.Instruments[0].Regions[0].Wave = -1 }},
		{"key groups are for drum", func(f *FileSpec) { f.Instruments[0].Regions[0].KeyGroup = 1 }},
		{"key group 16", func(f *FileSpec) { f.Instruments[1].Regions[0].KeyGroup = 16 }},
		{"program 128", func(f *FileSpec) { f.Instruments[0].Program = 128 }},
		{"0 regions", func(f *FileSpec) { f.Instruments[0].Regions = nil }},
		{"17 regions", func(f *FileSpec) { f.Instruments[0].Regions = make([]RegionSpec, 17) }},
		{"are those of", func(f *FileSpec) { f.Instruments = append(f.Instruments, f.Instruments[0]) }},
		{"zero byte", func(f *FileSpec) { f.Instruments[0].Name = "a\x00b" }},
		{"at most 4096", func(f *FileSpec) { f.Comment = strings.Repeat("x", 5000) }},
		{"not of Level 1", func(f *FileSpec) { f.Instruments[0].Articulation[0].Destination = 0x500 }},
		{"not of Level 1", func(f *FileSpec) { f.Instruments[0].Articulation[0].Transform = 1 }},
		{"not of Level 2", func(f *FileSpec) { f.Instruments[0].Level2[0].Destination = 0x208 }},
		{"for drums", func(f *FileSpec) { f.Instruments[0].Articulation[0] = Block{Destination: 4} }},
		{"twice", func(f *FileSpec) { f.Instruments[0].Articulation[1] = f.Instruments[0].Articulation[0] }},
		{"scale outside", func(f *FileSpec) { f.Instruments[0].Articulation[1].Scale = 1201 << 16 }},
		{"in its regions only", func(f *FileSpec) { f.Instruments[1].Articulation = f.Instruments[0].Articulation }},
		{"velocities are for layers", func(f *FileSpec) { f.Instruments[0].Regions[0].VelHigh = 100 }},
		{"velocities 9..8", func(f *FileSpec) {
			r := &f.Instruments[0].Regions[0]
			r.Layer, r.VelLow, r.VelHigh = true, 9, 8
		}},
		{"until release", func(f *FileSpec) { f.Waves[1].Sample.LoopRelease = true }},
		{"until release", func(f *FileSpec) {
			f.Instruments[0].Regions[1].Sample = &SampleSpec{LoopLength: 10, LoopRelease: true}
		}},
		{"with layers", func(f *FileSpec) {
			layer := RegionSpec{KeyHigh: 127, VelHigh: 127, Layer: true}
			f.Instruments[0].Regions = append(f.Instruments[0].Regions, slices.Repeat([]RegionSpec{layer}, writeMaxLayers)...)
		}},
		{"of drum kits", func(f *FileSpec) { f.Instruments[0].Regions[0].Articulation = []Block{{Destination: 0x209}} }},
	} {
		f := small()
		c.spoil(f)
		if data, err := f.Encode(); err == nil || data != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want an error with %q, got %v", c.want, err)
		}
	}
}
