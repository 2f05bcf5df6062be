package dls

import (
	"bytes"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/riff"
)

// The parts of a file, for tests that need one no writer would make. rawChunk and rawList build
// one part from others.
func rawChunk(id string, parts ...[]byte) []byte { return chunk(nil, id, bytes.Join(parts, nil)) }
func rawList(form string, parts ...[]byte) []byte {
	return list(nil, form, bytes.Join(parts, nil))
}

func rawFile(parts ...[]byte) []byte {
	body := append([]byte("DLS "), bytes.Join(parts, nil)...)
	return append(append([]byte("RIFF"), le32(uint32(len(body)))...), body...)
}

func insh(regions, bank, program uint32) []byte {
	return rawChunk("insh", le32(regions, bank, program))
}
func rgnh(v ...uint16) []byte   { return rawChunk("rgnh", le16(v...)) }
func wlnk(cue uint32) []byte    { return rawChunk("wlnk", le16(0, 0), le32(1, cue)) }
func ptbl(off ...uint32) []byte { return rawChunk("ptbl", le32(8, uint32(len(off))), le32(off...)) }
func format(tag, channels uint16, rate uint32, bits uint16) []byte {
	return rawChunk("fmt ", le16(tag, channels), le32(rate, 0), le16(0, bits))
}

func wsmp(unity uint16, fine int16, gain int32, loops ...[3]uint32) []byte {
	b := append(le32(20), le16(unity, uint16(fine))...)
	b = append(b, le32(uint32(gain), 0, uint32(len(loops)))...)
	for _, l := range loops {
		b = append(b, le32(16, l[0], l[1], l[2])...)
	}
	return rawChunk("wsmp", b)
}

func rawWave(name string, frames int) []byte {
	pcm := make([]byte, 2*frames)
	for i := range pcm {
		pcm[i] = byte(i)
	}
	return rawList("wave", format(1, 1, 22050, 16), rawChunk("data", pcm), rawList("INFO", rawChunk("INAM", []byte(name))))
}

func lart(blocks ...Block) []byte { return rawList("lart", articChunk("art1", blocks...)) }
func articChunk(id string, list ...Block) []byte {
	return rawChunk(id, blocks(list))
}

// oneRegion returns a file of one melodic instrument with one region, to which parts are added.
func oneRegion(inRegion, inInstrument []byte) []byte {
	return rawFile(
		rawChunk("colh", le32(1)),
		rawList("lins", rawList("ins ", insh(1, 0, 0),
			rawList("lrgn", rawList("rgn ", rgnh(0, 127, 0, 127, 0, 0), wlnk(0), inRegion)), inInstrument)),
		ptbl(0), rawList("wvpl", rawWave("wave", 100)))
}

func mustParse(t *testing.T, data []byte) (*bank.Bank, []riff.Note) {
	t.Helper()
	b, notes, err := Parse(data, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b, notes
}

// only returns the one region of a file that has but one.
func only(t *testing.T, data []byte) *bank.Region {
	t.Helper()
	b, _ := mustParse(t, data)
	if len(b.Presets()) != 1 || len(b.Presets()[0].Regions) != 1 {
		t.Fatalf("not one instrument with one region")
	}
	return b.Presets()[0].Regions[0]
}
