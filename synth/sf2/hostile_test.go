package sf2

import (
	"encoding/binary"
	"runtime"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/synth/riff"
)

// allocated returns how many bytes fn allocates.
func allocated(fn func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	fn()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestExpansionIsCapped holds that a small file whose preset zones all name one instrument of many
// zones costs neither time nor memory: the product of both would be ten million regions.
func TestExpansionIsCapped(t *testing.T) {
	for name, overlap := range map[string]bool{"overlapping": true, "disjoint": false} {
		f := simple(nil, nil)
		presetKeys, instKeys := keys(0, 10), keys(11, 20)
		if overlap {
			instKeys = keys(5, 20)
		}
		f.presets[0].bags, f.insts[0].bags = nil, nil
		for range 8000 {
			f.presets[0].bags = append(f.presets[0].bags, bag{gens: []gen{presetKeys, {genInstrument, 0}}})
			f.insts[0].bags = append(f.insts[0].bags, bag{gens: []gen{instKeys, {genSampleID, 0}}})
		}
		data := f.bytes()
		var err error
		n := allocated(func() { _, _, err = Parse(data, Options{}) })
		if err == nil || !strings.Contains(err.Error(), "preset") {
			t.Errorf("%s: error %v", name, err)
		}
		if n > 200<<20 {
			t.Errorf("%s: %d MB allocated for a file of %d KB", name, n>>20, len(data)>>10)
		}
	}
}

// TestZonesOwnTheirRecords holds that generators are read once however often bags claim them: here
// every second of 60000 bags claims all.
func TestZonesOwnTheirRecords(t *testing.T) {
	f := simple(nil, nil)
	f.insts[0].bags = nil
	for range 60000 {
		f.insts[0].bags = append(f.insts[0].bags, bag{gens: []gen{{genPan, 1}}})
	}
	data := f.bytes()
	at := strings.Index(string(data), "ibag")
	n := int(binary.LittleEndian.Uint32(data[at+4:])) / bagSize
	for i := range n {
		first := uint16(0)
		if i%2 == 1 {
			first = 60000
		}
		binary.LittleEndian.PutUint16(data[at+8+i*bagSize:], first)
	}
	b, notes, err := Parse(data, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Presets()[0].Regions) != 0 || len(notes) < 100 {
		t.Errorf("%d regions, %d notes", len(b.Presets()[0].Regions), len(notes))
	}
}

// TestTablesAreCapped holds that records no index can name cost nothing.
func TestTablesAreCapped(t *testing.T) {
	f := simple(nil, nil)
	for range 1_000_000 {
		f.samples = append(f.samples, f.samples[0])
	}
	data := f.bytes()
	var notes []riff.Note
	n := allocated(func() {
		var err error
		if _, notes, err = Parse(data, Options{}); err != nil {
			t.Fatal(err)
		}
	})
	if n > 10<<20 {
		t.Errorf("%d MB allocated", n>>20)
	}
	if len(notes) != 1 || notes[0].Chunk != "shdr" {
		t.Errorf("notes %v", notes)
	}
}

// TestEveryWordOfTheHydra spoils each 16-bit word of the tables in turn: whatever comes of it, it
// is an error or a bank.
func TestEveryWordOfTheHydra(t *testing.T) {
	f := simple([]gen{{genPan, 1}}, []gen{keys(1, 2), {genPan, 2}})
	f.presets = append(f.presets, f.presets[0])
	f.insts = append(f.insts, f.insts[0])
	f.insts[0].bags[0].mods = []modulator{{src: 0x0082, dest: uint16(genPan), amount: 1}}
	data := f.bytes()
	from := strings.Index(string(data), "pdta")
	for _, v := range []uint16{0, 1, 0x7fff, 0x8000, 0xffff} {
		for at := from; at+2 <= len(data); at += 2 {
			was := binary.LittleEndian.Uint16(data[at:])
			binary.LittleEndian.PutUint16(data[at:], v)
			b, _, err := Parse(data, Options{})
			if (b == nil) == (err == nil) {
				t.Errorf("word at %d as %#x: bank %v, error %v", at, v, b, err)
			}
			binary.LittleEndian.PutUint16(data[at:], was)
		}
	}
}
