package dls

import (
	"os"
	"slices"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

// TestRoundTrip holds that the reader finds what the writer was told, and nothing to note.
func TestRoundTrip(t *testing.T) {
	frames := make([]int16, 101)
	for i := range frames {
		frames[i] = int16(i*601 - 30000)
	}
	spec := FileSpec{
		Name: "round trip", Version: [4]uint16{1, 2, 3, 4},
		Instruments: []InstrumentSpec{
			{
				Name: "organ", MSB: 1, LSB: 2, Program: 3,
				Regions: []RegionSpec{
					{KeyLow: 0, KeyHigh: 59, Wave: 1},
					{KeyLow: 60, KeyHigh: 127, Wave: 0, Sample: &SampleSpec{Unity: 72, FineTune: -7, Gain: -2 * unitDecibel, LoopStart: 3, LoopLength: 98}},
				},
				Articulation: []Block{{srcNone, 0, dstEG1Release, 0, seconds(0.5)}},
				Level2:       []Block{{srcNone, 0, dstFilterCutoff, 0, hertz(880)}},
			},
			{
				Name: "kit", Drum: true,
				Regions: []RegionSpec{{
					KeyLow: 36, KeyHigh: 36, SelfNonExclusive: true, KeyGroup: 5,
					Articulation: []Block{{srcNone, 0, dstPan, 0, -250 * unitPermill}},
				}},
			},
		},
		Waves: []WaveSpec{
			{Name: "first", Rate: 11025, PCM: frames, Sample: SampleSpec{Unity: 64}},
			{Name: "second", Rate: 48000, PCM: frames[1:], Sample: SampleSpec{Unity: 65, FineTune: 50, LoopStart: 10, LoopLength: 20}},
		},
	}
	data, err := spec.Encode()
	if err != nil {
		t.Fatal(err)
	}
	b, notes := mustParse(t, data)
	if b.Name != "round trip" || len(notes) > 0 || len(b.Presets()) != 2 {
		t.Fatalf("bank %q of %d, notes %v", b.Name, len(b.Presets()), notes)
	}
	organ := b.Find(false, 1, 2, 3)
	if organ == nil || organ.Name != "organ" || len(organ.Regions) != 2 {
		t.Fatalf("organ is %+v", organ)
	}
	low, high := organ.Regions[0], organ.Regions[1]
	if low.Sample.Name != "second" || low.Sample.Rate != 48000 || !slices.Equal(low.Sample.Data, frames[1:]) ||
		low.Root != 64.5 || low.LoopStart != 10 || low.LoopEnd != 30 || low.KeyHigh != 59 {
		t.Errorf("low region %+v", low)
	}
	if high.Sample.Name != "first" || !slices.Equal(high.Sample.Data, frames) || high.Root != 72.07 ||
		high.Gen[bank.Attenuation] != 20 || high.LoopStart != 3 || high.LoopEnd != 101 || high.KeyLow != 60 {
		t.Errorf("high region %+v", high)
	}
	if !near(low.Gen[bank.VolEnvRelease], -1200) || !near(high.Gen[bank.FilterCutoff], 8100) {
		t.Errorf("release %g, cutoff %g", low.Gen[bank.VolEnvRelease], high.Gen[bank.FilterCutoff])
	}
	kick := b.Find(true, 0, 0, 0).Regions[0]
	if !kick.Overlap || kick.Exclusive != 5 || kick.Gen[bank.Pan] != -250 || kick.KeyLow != 36 || kick.KeyHigh != 36 {
		t.Errorf("kit region %+v", kick)
	}
}

// TestOwnBank holds that the bank which cards play by default is read in full and without a note.
func TestOwnBank(t *testing.T) {
	data, err := os.ReadFile("../gm/gm.dls")
	if err != nil {
		t.Fatal(err)
	}
	b, notes := mustParse(t, data)
	if len(b.Presets()) != 129 || b.Find(true, 0, 0, 0) == nil || len(notes) > 0 {
		t.Errorf("%d instruments, want 128 programs and a kit; notes %v", len(b.Presets()), notes)
	}
	for _, p := range b.Presets() {
		if len(p.Regions) == 0 {
			t.Errorf("%q plays nothing", p.Name)
		}
	}
}

func BenchmarkParseOwnBank(b *testing.B) {
	data, err := os.ReadFile("../gm/gm.dls")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Parse(data, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
