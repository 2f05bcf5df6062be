package dls

import (
	"bytes"
	"encoding/binary"
	"errors"
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

func TestCountsThatLie(t *testing.T) {
	file := func(art []byte) []byte { return oneRegion(nil, rawList("lart", art)) }
	block := blocks([]Block{{srcNone, 0, dstPan, 0, 100 * unitPermill}})[8:]
	for name, art := range map[string][]byte{
		"more than there are":    rawChunk("art1", le32(8, 1<<32-1), block),
		"times twelve wraps":     rawChunk("art1", le32(8, (1<<32)/12+1), block),
		"a header that is large": rawChunk("art1", le32(1<<32-4, 1), block),
		"a header that is small": rawChunk("art1", le32(0, 1), block),
	} {
		_, notes := mustParse(t, file(art))
		if r := only(t, file(art)); len(notes) != 1 || notes[0].Chunk != "art1" || r.Gen[5] != 100 {
			t.Errorf("%s: notes %v, pan %g", name, notes, r.Gen[5])
		}
	}
	_, notes := mustParse(t, file(rawChunk("art1", le32(8))))
	if len(notes) != 1 || !strings.Contains(notes[0].Text, "too few") {
		t.Errorf("notes %v", notes)
	}
	var many []Block
	for i := range 5000 {
		many = append(many, Block{srcCC + uint16(i%128), srcCC + uint16(i/128), dstPan, 0, 65536})
	}
	r := only(t, file(articChunk("art1", many...)))
	if len(r.Modulators) > 256 {
		t.Errorf("%d modulators", len(r.Modulators))
	}
}

// TestWavesDoNotOverlap holds that waves hidden in one another, with a table that points at all of
// them, are not converted over and over.
func TestWavesDoNotOverlap(t *testing.T) {
	const n = 4000
	inner := rawList("wave", format(1, 1, 22050, 8), rawChunk("data", make([]byte, 100)))
	pool := bytes.Repeat(inner, n)
	outer := rawList("wave", format(1, 1, 22050, 8), rawChunk("data", pool))
	var offsets []uint32
	var regions [][]byte
	for i := range uint32(n) {
		offsets = append(offsets, uint32(len(outer)-len(pool))+i*uint32(len(inner)))
		regions = append(regions, rawList("rgn ", rgnh(0, 0, 0, 127, 0, 0), wlnk(i)))
	}
	file := rawFile(rawList("lins", rawList("ins ", insh(n, 0, 0), rawList("lrgn", regions...))), ptbl(offsets...), rawList("wvpl", outer))
	used := allocated(func() {
		if _, _, err := Parse(file, Options{}); err != nil {
			t.Fatal(err)
		}
	})
	if used > 20<<20 {
		t.Errorf("%d MB allocated for a file of %d KB", used>>20, len(file)>>10)
	}
}

func TestRegionsAreCapped(t *testing.T) {
	region := rawList("rgn ", rgnh(60, 60, 0, 127, 0, 0), wlnk(0))
	file := rawFile(rawList("lins", rawList("ins ", insh(maxRegions+100, 0, 0), rawList("lrgn", bytes.Repeat(region, maxRegions+100)))),
		ptbl(0), rawList("wvpl", rawWave("wave", 10)))
	var notes []riff.Note
	used := allocated(func() {
		b, n, err := Parse(file, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(b.Presets()[0].Regions); got != maxRegions {
			t.Errorf("%d regions, the cap is %d", got, maxRegions)
		}
		notes = n
	})
	if len(notes) != 1 || !strings.Contains(notes[0].Text, "more than") {
		t.Errorf("notes %v", notes)
	}
	if used > 100<<20 {
		t.Errorf("%d MB allocated for a file of %d MB", used>>20, len(file)>>20)
	}
}

func TestNesting(t *testing.T) {
	deep := []byte{}
	for range 1000 {
		deep = rawList("lrgn", deep)
	}
	file := rawFile(rawList("lins", rawList("ins ", insh(1, 0, 0), deep)), ptbl(0), rawList("wvpl", rawWave("wave", 10)))
	b, _ := mustParse(t, file) // lists that no format has are not followed
	if len(b.Presets()[0].Regions) != 0 {
		t.Error("regions out of nothing")
	}
	many := rawFile(rawList("lins", bytes.Repeat(rawChunk("none"), riff.MaxChunks+10)), rawList("wvpl"))
	if _, _, err := Parse(many, Options{}); !errors.Is(err, riff.ErrTooMany) {
		t.Errorf("error %v, want ErrTooMany", err)
	}
}

// TestEveryWord spoils each 16-bit word before the waves in turn: whatever comes of it, it is an
// error or a bank.
func TestEveryWord(t *testing.T) {
	data := testFile(t)
	pool := strings.Index(string(data), "wvpl")
	for _, v := range []uint16{0, 1, 0x7fff, 0x8000, 0xffff} {
		for at := 0; at < pool+200; at += 2 {
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
