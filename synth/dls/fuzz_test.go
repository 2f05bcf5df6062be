package dls

import (
	"errors"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

// FuzzDLS holds that any file is an error or a bank whose regions lie inside their waves.
func FuzzDLS(f *testing.F) {
	f.Add(oneRegion(wsmp(60, 5, -100, [3]uint32{loopRelease, 1, 50}), lart(Block{srcLFO, srcCC + 1, dstPitch, 0, 65536})))
	f.Add(rawFile(rawChunk("cdl ", le16(opConst), le32(1)),
		rawList("lins", rawList("ins ", insh(1, drumFlag, 3), rawList("lrgn", rawList("rgn2", rgnh(0, 127, 0, 127, 1, 3, 1), wlnk(0),
			rawList("lar2", articChunk("art2", Block{srcVelocity, 0, dstGain, 0x8400, -960 << 16}))))),
		), ptbl(0), rawList("wvpl", rawList("wave", format(1, 2, 22050, 8), rawChunk("data", make([]byte, 20))))))
	f.Fuzz(func(t *testing.T, data []byte) {
		sound(t, data)
	})
}

// FuzzChunks does the same for the contents of the chunks, whose lengths are always right.
func FuzzChunks(f *testing.F) {
	body := func(chunk []byte) []byte { return chunk[8:] }
	f.Add(body(insh(1, 5, 3)), body(rgnh(0, 100, 0, 127, 1, 3)), body(wlnk(0)), body(wsmp(60, 5, -100, [3]uint32{loopRelease, 1, 50})),
		body(articChunk("art1", Block{srcLFO, srcCC + 1, dstPitch, 0, 65536}, Block{srcVelocity, 0, dstGain, 0x8400, -960 << 16})),
		body(ptbl(0)), body(format(1, 2, 22050, 8)), make([]byte, 101), append(le16(opConst), le32(1)...))
	f.Fuzz(func(t *testing.T, header, region, link, sample, art, table, form, data, cond []byte) {
		lists := rawList("lins",
			rawList("ins ", rawChunk("insh", header),
				rawList("lrgn",
					rawList("rgn ", rawChunk("rgnh", region), rawChunk("wlnk", link), rawChunk("wsmp", sample), rawList("lart", rawChunk("art1", art))),
					rawList("rgn2", rawChunk("rgnh", region), rawChunk("wlnk", link), rawChunk("cdl ", cond))),
				rawList("lar2", rawChunk("art2", art), rawChunk("cdl ", cond))))
		sound(t, rawFile(lists, rawChunk("ptbl", table),
			rawList("wvpl", rawList("wave", rawChunk("fmt ", form), rawChunk("data", data), rawChunk("wsmp", sample)))))
	})
}

// sound fails unless data is an error, or a bank whose regions lie inside their waves.
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
				t.Fatalf("instrument %q: %d to %d, loop %d to %d of %d frames", p.Name, r.Start, r.End, r.LoopStart, r.LoopEnd, n)
			}
		}
	}
}
