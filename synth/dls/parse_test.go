package dls

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/riff"
)

func testFile(tb testing.TB) []byte {
	tb.Helper()
	data, err := os.ReadFile("testdata/test1.dls")
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// TestFile compares a file with what dlsdump of gigtools 4.3.0 prints of it: its instruments and
// their numbers, each region's keys and wave, each wave's rate.
func TestFile(t *testing.T) {
	b, notes := mustParse(t, testFile(t))
	if b.Name != "Anchor test DLS1" || len(notes) > 0 {
		t.Errorf("name %q, notes %v", b.Name, notes)
	}
	var got []string
	for _, p := range b.Presets() {
		got = append(got, fmt.Sprintf("%s %v %d:%d %d", p.Name, p.Drum, p.MSB, p.LSB, p.Program))
		for _, r := range p.Regions {
			got = append(got, fmt.Sprintf("%s %gHz %d-%d %d-%d", r.Sample.Name, r.Sample.Rate, r.KeyLow, r.KeyHigh, r.VelLow, r.VelHigh))
		}
	}
	want := []string{
		"Saw false 0:0 0", "saw 22050Hz 0-63 0-127", "saw 22050Hz 64-127 0-127",
		"Sine vib false 0:0 1", "sine 22050Hz 0-71 0-127", "sine8 22050Hz 72-127 0-127",
		"Kit true 0:0 0", "kick 22050Hz 36-36 0-127", "snare 22050Hz 38-38 0-127", "hat 22050Hz 42-42 0-127",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	saw := b.Presets()[0].Regions[1]
	if saw.Root != 69.04 || saw.Gen[bank.Attenuation] != 60 || saw.LoopStart != 1000 || saw.LoopEnd != 2000 || saw.Loop != bank.LoopForever {
		t.Errorf("a region with its own settings: %+v", saw)
	}
	if hat := b.Find(true, 0, 0, 0).Regions[2]; hat.Exclusive != 1 {
		t.Errorf("key group %d", hat.Exclusive)
	}
	// An 8-bit wave is the 16-bit one of the same sine, as near as eight bits are.
	sine, sine8 := b.Presets()[1].Regions[0].Sample.Data, b.Presets()[1].Regions[1].Sample.Data
	if len(sine) != 2000 || len(sine8) != 2000 {
		t.Fatalf("%d and %d frames", len(sine), len(sine8))
	}
	for i := range sine8 {
		if sine8[i]&0xff != 0 {
			t.Fatalf("frame %d of an 8-bit wave is %d", i, sine8[i])
		}
	}
	if slices.Max(sine8) < 20000 || slices.Min(sine8) > -20000 {
		t.Errorf("an 8-bit sine from %d to %d", slices.Min(sine8), slices.Max(sine8))
	}
}

func TestSampleSettings(t *testing.T) {
	file := func(inRegion, inWave []byte) []byte {
		return rawFile(
			rawList("lins", rawList("ins ", insh(1, 0, 0), rawList("lrgn",
				rawList("rgn ", rgnh(0, 127, 0, 127, 0, 0), wlnk(0), inRegion)))),
			ptbl(0),
			rawList("wvpl", rawList("wave", format(1, 1, 22050, 16), rawChunk("data", make([]byte, 200)), inWave)))
	}
	ofWave := wsmp(40, 5, -3*unitDecibel, [3]uint32{loopForward, 10, 50})
	type settings struct {
		root, attenuation float32
		loop              bank.LoopMode
		start, end        uint32
	}
	for _, tc := range []struct {
		name string
		data []byte
		want settings
		note string
	}{
		{"neither", file(nil, nil), settings{root: 60}, ""},
		{"the wave's", file(nil, ofWave), settings{39.95, 30, bank.LoopForever, 10, 60}, ""},
		{"the region's, as a whole", file(wsmp(70, -10, 0), ofWave), settings{root: 70.1}, ""},
		{"louder", file(wsmp(70, 0, 6*unitDecibel), nil), settings{root: 70, attenuation: -60}, ""},
		{"silent", file(wsmp(70, 0, absoluteZero), nil), settings{root: 70, attenuation: silence}, ""},
		{"until release", file(wsmp(70, 0, 0, [3]uint32{loopRelease, 0, 100}), nil), settings{70, 0, bank.LoopUntilRelease, 0, 100}, ""},
		{"a loop that ends late", file(wsmp(70, 0, 0, [3]uint32{0, 90, 11}), nil), settings{70, 0, bank.LoopForever, 90, 100}, "cut"},
		{"a loop that wraps", file(wsmp(70, 0, 0, [3]uint32{0, 90, 1<<32 - 1}), nil), settings{70, 0, bank.LoopForever, 90, 100}, "cut"},
		{"a loop outside", file(wsmp(70, 0, 0, [3]uint32{0, 100, 1}), nil), settings{root: 70}, "left out"},
		{"an empty loop", file(wsmp(70, 0, 0, [3]uint32{0, 10, 0}), nil), settings{root: 70}, "left out"},
		{"an unknown loop", file(wsmp(70, 0, 0, [3]uint32{7, 0, 50}), nil), settings{70, 0, bank.LoopForever, 0, 50}, "loop type 7"},
		{"two loops", file(wsmp(70, 0, 0, [3]uint32{0, 0, 50}, [3]uint32{0, 1, 2}), nil), settings{70, 0, bank.LoopForever, 0, 50}, "2 loops"},
		{"a loop that is missing", file(rawChunk("wsmp", le32(20), le16(70, 0), le32(0, 0, 1)), nil), settings{root: 70}, "missing"},
		{"a header that lies", file(rawChunk("wsmp", le32(1<<32-1), le16(70, 0), le32(0, 0, 1, 16, 0, 5, 6)), nil), settings{70, 0, bank.LoopForever, 5, 11}, "header"},
		{"a longer header", file(rawChunk("wsmp", le32(24), le16(70, 0), le32(0, 0, 1, 99, 16, 0, 5, 6)), nil), settings{70, 0, bank.LoopForever, 5, 11}, ""},
		{"too little", file(rawChunk("wsmp", le32(20)), ofWave), settings{39.95, 30, bank.LoopForever, 10, 60}, "too few"},
		{"no such key", file(wsmp(128, 0, 0), nil), settings{root: 60}, "unity note"},
	} {
		_, notes := mustParse(t, tc.data)
		if tc.note == "" && len(notes) > 0 || tc.note != "" && (len(notes) != 1 || !strings.Contains(notes[0].Text, tc.note)) {
			t.Errorf("%s: notes %v", tc.name, notes)
		}
		r := only(t, tc.data)
		got := settings{r.Root, r.Gen[bank.Attenuation], r.Loop, r.LoopStart, r.LoopEnd}
		if r.Loop == bank.LoopNone {
			got.start, got.end = 0, 0
		}
		if got != tc.want {
			t.Errorf("%s: %+v, want %+v", tc.name, got, tc.want)
		}
	}
}

func TestPoolTable(t *testing.T) {
	first, second := rawWave("first", 10), rawWave("second", 20)
	file := func(cue uint32, table []byte) []byte {
		return rawFile(rawList("lins", rawList("ins ", insh(1, 0, 0), rawList("lrgn",
			rawList("rgn ", rgnh(0, 127, 0, 127, 0, 0), wlnk(cue))))), table, rawList("wvpl", first, second))
	}
	at := uint32(len(first))
	for _, tc := range []struct {
		name  string
		data  []byte
		want  string // the wave that is played
		notes int
	}{
		{"in order", file(1, ptbl(0, at)), "second", 0},
		{"swapped", file(1, ptbl(at, 0)), "first", 0},
		{"one wave under two numbers", file(2, ptbl(0, 0, at)), "second", 0},
		{"a lying offset", file(1, ptbl(0, at+2)), "second", 1},
		{"a far offset", file(1, ptbl(0, 1<<32-1)), "second", 1},
		{"no table", file(1, nil), "second", 1},
		{"a short table", file(1, rawChunk("ptbl", le32(8, 1<<31, 0, at))), "second", 1},
		{"a lying header", file(1, rawChunk("ptbl", le32(1<<31, 2, 0, at))), "second", 1},
		{"a longer header", file(1, rawChunk("ptbl", le32(12, 2, 77, 0, at))), "second", 0},
	} {
		_, notes := mustParse(t, tc.data)
		if len(notes) != tc.notes {
			t.Errorf("%s: notes %v, want %d", tc.name, notes, tc.notes)
		}
		if r := only(t, tc.data); r.Sample.Name != tc.want {
			t.Errorf("%s: wave %q, want %q", tc.name, r.Sample.Name, tc.want)
		}
	}
	b, notes := mustParse(t, file(1<<32-1, ptbl(0, at)))
	if len(b.Presets()[0].Regions) != 0 || len(notes) != 2 || notes[0].Chunk != "wlnk" {
		t.Errorf("a region without wave: notes %v", notes)
	}
}

func TestHeaders(t *testing.T) {
	file := func(bank, program uint32, header []byte) []byte {
		return rawFile(rawList("lins", rawList("ins ", insh(1, bank, program), rawList("lrgn",
			rawList("rgn ", header, wlnk(0))))), ptbl(0), rawList("wvpl", rawWave("wave", 10)))
	}
	data := file(drumFlag|0x0203, 4, rgnh(1, 2, 3, 4, 1, 15))
	b, notes := mustParse(t, data)
	p := b.Find(true, 2, 3, 4)
	if p == nil || !p.TuneShiftsKey || len(notes) > 0 {
		t.Fatalf("preset %v, notes %v", p, notes)
	}
	r := p.Regions[0]
	if r.KeyLow != 1 || r.KeyHigh != 2 || r.VelLow != 3 || r.VelHigh != 4 || !r.Overlap || r.Exclusive != 15 {
		t.Errorf("region %+v", r)
	}
	for name, tc := range map[string]struct {
		data []byte
		low  uint8
		high uint8
		note string
	}{
		"no velocities": {file(0, 0, rgnh(0, 127, 0, 0, 0, 0)), 0, 127, "no velocity"},
		"beyond 127":    {file(0, 0, rgnh(0, 300, 0, 1000, 0, 0)), 0, 127, ""},
		"a layer":       {file(0, 0, rgnh(0, 127, 5, 6, 0, 0, 3)), 5, 6, ""},
		"odd numbers":   {file(0xff00, 200, rgnh(0, 127, 0, 127, 0, 0)), 0, 127, "bits that mean nothing"},
		"upside down":   {file(0, 0, rgnh(0, 127, 9, 8, 0, 0)), 9, 8, "hold nothing"},
	} {
		_, notes := mustParse(t, tc.data)
		if tc.note == "" && len(notes) > 0 || tc.note != "" && (len(notes) != 1 || !strings.Contains(notes[0].Text, tc.note)) {
			t.Errorf("%s: notes %v", name, notes)
		}
		if r := only(t, tc.data); r.VelLow != tc.low || r.VelHigh != tc.high || r.Overlap || r.Exclusive != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestWhichArticulation(t *testing.T) {
	pan := func(v int32) Block { return Block{srcNone, 0, dstPan, 0, v * unitPermill} }
	cutoff := Block{srcNone, 0, dstFilterCutoff, 0, hertz(440)}
	lar2 := rawList("lar2", articChunk("art2", cutoff))
	for _, tc := range []struct {
		name         string
		region, inst []byte
		pan, cutoff  float32
		level2       bool
	}{
		{"the instrument's", nil, lart(pan(10)), 10, 13500, false},
		{"the region's", lart(pan(20)), nil, 20, 13500, false},
		{"the region's, as a whole", lart(pan(20)), slices.Concat(lart(pan(10)), lar2), 20, 13500, false},
		{"both levels", nil, slices.Concat(lart(pan(10)), lar2), 10, 6900, true},
		{"Level 2 in a list of Level 1", nil, rawList("lart", articChunk("art1", pan(10)), articChunk("art2", cutoff)), 10, 6900, true},
	} {
		r := only(t, oneRegion(tc.region, tc.inst))
		if r.Gen[bank.Pan] != tc.pan || !near(r.Gen[bank.FilterCutoff], tc.cutoff) {
			t.Errorf("%s: pan %g, cutoff %g", tc.name, r.Gen[bank.Pan], r.Gen[bank.FilterCutoff])
		}
		if (r.PanLaw == bank.PanSine) != tc.level2 || r.LFOVolumeDown == tc.level2 {
			t.Errorf("%s: pan law %d, tremolo downward %v", tc.name, r.PanLaw, r.LFOVolumeDown)
		}
	}
	data := rawFile(rawList("lins", rawList("ins ", insh(1, 0, 0), rawList("lrgn",
		rawList("rgn2", rgnh(0, 127, 0, 127, 0, 0), wlnk(0))))), ptbl(0), rawList("wvpl", rawWave("wave", 10)))
	if r := only(t, data); r.PanLaw != bank.PanSine || r.LFOVolumeDown {
		t.Errorf("a region of Level 2: %+v", r)
	}
	b, _, err := Parse(oneRegion(nil, nil), Options{BipolarTremolo: true})
	if err != nil || b.Presets()[0].Regions[0].LFOVolumeDown {
		t.Errorf("the switch for tremolo does nothing; error %v", err)
	}
}

func TestStereo(t *testing.T) {
	data := make([]byte, 40)
	for i := range 20 {
		binary.LittleEndian.PutUint16(data[2*i:], uint16(i))
	}
	file := rawFile(rawList("lins", rawList("ins ", insh(1, 0, 0), rawList("lrgn",
		rawList("rgn ", rgnh(0, 127, 0, 127, 0, 0), wlnk(0))))), ptbl(0),
		rawList("wvpl", rawList("wave", format(1, 2, 22050, 16), rawChunk("data", data))))
	b, notes := mustParse(t, file)
	rs := b.Presets()[0].Regions
	if len(rs) != 2 || len(notes) != 1 {
		t.Fatalf("%d regions, notes %v", len(rs), notes)
	}
	if rs[0].Gen[bank.Pan] != -500 || rs[1].Gen[bank.Pan] != 500 || rs[0].Sample.Data[1] != 2 || rs[1].Sample.Data[1] != 3 || rs[0].End != 10 {
		t.Errorf("left %+v, right %+v", rs[0], rs[1])
	}

	// Two mono regions, locked in phase, of which one plays the right channel.
	link := func(group uint16, channel uint32) []byte {
		return rawChunk("wlnk", le16(1, group), le32(channel, 0))
	}
	rgn := func(l []byte) []byte { return rawList("rgn ", rgnh(0, 127, 0, 127, 0, 0), l) }
	file = rawFile(rawList("lins", rawList("ins ", insh(4, 0, 0), rawList("lrgn",
		rgn(link(1, 1)), rgn(link(1, 2)), rgn(link(2, 1)), rgn(link(0, 2))))), ptbl(0), rawList("wvpl", rawWave("wave", 10)))
	b, _ = mustParse(t, file)
	for i, want := range []float32{-500, 500, 0, 0} {
		if got := b.Presets()[0].Regions[i].Gen[bank.Pan]; got != want {
			t.Errorf("region %d: pan %g, want %g", i, got, want)
		}
	}
}

func TestWavesLeftOut(t *testing.T) {
	data := rawChunk("data", make([]byte, 20))
	for want, wave := range map[string][]byte{
		"no format":                  rawList("wave", data),
		"format 0x11 is not PCM":     rawList("wave", format(0x11, 1, 22050, 4), data),
		"3 channels":                 rawList("wave", format(1, 3, 22050, 16), data),
		"samples of 24 bits":         rawList("wave", format(1, 1, 22050, 24), data),
		"a rate of 0 Hz":             rawList("wave", format(1, 1, 0, 16), data),
		"a rate of 10000000 Hz":      rawList("wave", format(1, 1, 10_000_000, 16), data),
		"0 frames":                   rawList("wave", format(1, 1, 22050, 16), rawChunk("data", []byte{1})),
		"samples of 65535 bits":      rawList("wave", format(1, 1, 22050, 65535), data),
		"0 frames; left out":         rawList("wave", format(1, 1, 22050, 16)),
		`wave "x": 0 channels`:       rawList("wave", format(1, 0, 22050, 16), data, rawList("INFO", rawChunk("INAM", []byte("x")))),
		"a rate of 4294967295 Hz":    rawList("wave", format(1, 1, 1<<32-1, 16), data),
		"format 0xfffe is not PCM":   rawList("wave", format(0xfffe, 1, 22050, 16), data),
		"samples of 0 bits":          rawList("wave", format(1, 1, 22050, 0), data),
		"samples of 32 bits":         rawList("wave", format(1, 1, 22050, 32), data),
		"a rate of 49 Hz; left out":  rawList("wave", format(1, 1, 49, 16), data),
		"a rate of 400001 Hz; left ": rawList("wave", format(1, 1, 400001, 16), data),
	} {
		file := rawFile(rawList("lins", rawList("ins ", insh(1, 0, 0), rawList("lrgn",
			rawList("rgn ", rgnh(0, 127, 0, 127, 0, 0), wlnk(0))))), ptbl(0), rawList("wvpl", wave))
		b, notes := mustParse(t, file)
		if len(b.Presets()[0].Regions) != 0 || len(notes) == 0 || !strings.Contains(notes[0].Text, want) || notes[0].Chunk != "wave" {
			t.Errorf("%s: notes %v", want, notes)
		}
	}
}

func TestAnyOrderAndUnknownChunks(t *testing.T) {
	crystal := append([]byte("crs1"), 0xff, 0xff, 0xff, 0x7f)
	crystal = append(crystal, make([]byte, 28)...)
	file := rawFile(
		rawList("wvpl", rawWave("wave", 10), rawChunk("junk")), ptbl(0), rawChunk("what", []byte{1}),
		rawList("INFO", rawChunk("INAM", []byte("back to front"))),
		rawList("lins", rawList("ins ", crystal, rawList("lrgn", rawList("rgn ", wlnk(0), rgnh(0, 127, 0, 127, 0, 0))), insh(1, 0, 0))),
		rawChunk("colh", le32(7)), rawChunk("vers", le32(0, 0)))
	b, notes := mustParse(t, file)
	if b.Name != "back to front" || only(t, file).Sample.Name != "wave" {
		t.Errorf("bank %q", b.Name)
	}
	var chunks []string
	for _, n := range notes {
		chunks = append(chunks, n.Chunk)
		if n.Offset <= 0 || n.Offset >= len(file) {
			t.Errorf("note %v is not in the file", n)
		}
	}
	slices.Sort(chunks)
	if want := []string{"colh", "crs1", "junk", "what"}; !slices.Equal(chunks, want) {
		t.Errorf("notes %v", notes)
	}
}

func TestTwins(t *testing.T) {
	ins := func(name string, bank uint32) []byte {
		return rawList("ins ", insh(0, bank, 0), rawList("INFO", rawChunk("INAM", []byte(name))))
	}
	file := rawFile(rawList("lins", ins("first", 0), ins("second", 0), ins("kit", drumFlag)), ptbl(), rawList("wvpl"))
	b, notes := mustParse(t, file)
	if len(b.Presets()) != 2 || b.Find(false, 0, 0, 0).Name != "first" || b.Find(true, 0, 0, 0).Name != "kit" {
		t.Errorf("%d presets", len(b.Presets()))
	}
	if !slices.ContainsFunc(notes, func(n riff.Note) bool { return strings.Contains(n.Text, `"second" has bank 0:0`) }) {
		t.Errorf("notes %v", notes)
	}
}

func TestRefused(t *testing.T) {
	for _, tc := range []struct {
		name string
		data []byte
		want error
	}{
		{"empty", nil, riff.ErrNotRIFF},
		{"text", []byte("a text that is no bank"), riff.ErrNotRIFF},
		{"another RIFF file", append([]byte("RIFF\x04\x00\x00\x00WAVE"), 0), ErrNotDLS},
	} {
		if _, _, err := Parse(tc.data, Options{}); !errors.Is(err, tc.want) {
			t.Errorf("%s: error %v, want %v", tc.name, err, tc.want)
		}
	}
	for want, data := range map[string][]byte{
		"lins (instruments) is missing": rawFile(rawList("wvpl")),
		"wvpl (waves) is missing":       rawFile(rawList("lins")),
		"exclude this player":           rawFile(rawChunk("cdl ", le16(opConst), le32(0))),
	} {
		if _, _, err := Parse(data, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", want, err)
		}
	}
}

func TestTruncated(t *testing.T) {
	data := testFile(t)
	end := strings.LastIndex(string(data), "LIST") // the INFO list stands last and nothing needs it
	for n := 0; n < end; n += 1 + n/100 {
		_, _, err := Parse(data[:n], Options{})
		want := riff.ErrTruncated
		if n < 12 {
			want = riff.ErrNotRIFF
		}
		if !errors.Is(err, want) {
			t.Errorf("cut at %d of %d: error %v, want %v", n, len(data), err, want)
		}
	}
	if _, notes, err := Parse(data[:end+20], Options{}); err != nil || len(notes) == 0 {
		t.Errorf("cut in its last text: error %v, notes %v", err, notes)
	}
}

func BenchmarkParse(b *testing.B) {
	data := testFile(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Parse(data, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
