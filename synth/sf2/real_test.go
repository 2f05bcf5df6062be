package sf2

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
)

const (
	timGM6mb = "/usr/share/sounds/sf2/TimGM6mb.sf2"
	fluidR3  = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
)

func load(tb testing.TB, path string) []byte {
	tb.Helper()
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		tb.Skipf("%s is not installed", path)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// TestTimGM6mb compares each preset of a well-known bank with what sf2dump of gigtools 4.3.0 says
// of it: numbers, name, regions, and the sample and keys of the first and the last of them.
func TestTimGM6mb(t *testing.T) {
	b, notes, err := Parse(load(t, timGM6mb), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(notes) > 0 {
		t.Errorf("notes on a bank without fault: %v", notes)
	}
	want, err := os.Open("testdata/timgm6mb.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	n := 0
	for lines := bufio.NewScanner(want); lines.Scan(); n++ {
		var number, program int
		if _, err := fmt.Sscanf(lines.Text(), "%d\t%d\t", &number, &program); err != nil {
			t.Fatal(err)
		}
		p := b.Find(number == 128, uint8(number&127), 0, uint8(program))
		if p == nil {
			t.Errorf("no preset %d:%d", number, program)
			continue
		}
		first, last := p.Regions[0], p.Regions[len(p.Regions)-1]
		got := fmt.Sprintf("%d\t%d\t%s\t%d\t%s\t%s", number, program, p.Name, len(p.Regions), row(first), row(last))
		if got != lines.Text() {
			t.Errorf("preset\n%s\nwant\n%s", got, lines.Text())
		}
	}
	if n != 136 || len(b.Presets()) != n {
		t.Errorf("%d presets compared, %d read", n, len(b.Presets()))
	}
}

func row(r *bank.Region) string {
	return fmt.Sprintf("%s\t%d-%d", r.Sample.Name, r.KeyLow, r.KeyHigh)
}

// TestFluteOfTimGM6mb compares one region in full with what sf2dump prints of it.
func TestFluteOfTimGM6mb(t *testing.T) {
	b, _, err := Parse(load(t, timGM6mb), Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := b.Find(false, 0, 0, 73).Regions[0]
	if r.Sample.Name != "FluteD5" || r.LoopStart != 5266 || r.LoopEnd != 9504 || r.Sample.Rate != 22500 || len(r.Sample.Data) != 63368-53371 {
		t.Errorf("sample %q, loop %d to %d, %g Hz, %d frames", r.Sample.Name, r.LoopStart, r.LoopEnd, r.Sample.Rate, len(r.Sample.Data))
	}
	if !near(r.Root, 62-0.49) {
		t.Errorf("root %g, want 61.51", r.Root)
	}
	for d, want := range map[bank.Dest]float32{
		bank.VolEnvDecay:   4493, // 13.4001 s
		bank.VolEnvSustain: 20,
		bank.VolEnvRelease: -816,   // 0.624165 s
		bank.ModLFODelay:   -7973,  // 0.00999785 s
		bank.ModLFOFreq:    -1129,  // 4.25914 Hz
		bank.VolEnvAttack:  -12000, // 0.000976562 s
	} {
		if r.Gen[d] != want {
			t.Errorf("%v is %g, want %g", d, r.Gen[d], want)
		}
	}
}

func TestFluidR3(t *testing.T) {
	b, _, err := Parse(load(t, fluidR3), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(b.Presets()); n != 189 {
		t.Errorf("%d presets, want 189", n)
	}
	regions := 0
	for _, p := range b.Presets() {
		regions += len(p.Regions)
	}
	if regions != 16912 { // the pairs of zones in sf2dump's listing whose ranges meet
		t.Errorf("%d regions, want 16912", regions)
	}
	p := b.Find(false, 0, 0, 0)
	if p == nil || p.Name != "Yamaha Grand Piano" {
		t.Fatalf("preset 0 is %v", p)
	}
	// A stereo piano: both channels of each velocity layer sound at once.
	left, right := 0, 0
	for _, r := range p.Key(60) {
		if r.HasVelocity(100) && r.Gen[bank.Pan] < 0 {
			left++
		} else if r.HasVelocity(100) && r.Gen[bank.Pan] > 0 {
			right++
		}
	}
	if left == 0 || left != right {
		t.Errorf("middle C sounds %d regions left and %d right", left, right)
	}
}

func benchmarkParse(b *testing.B, path string) {
	data := load(b, path)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Parse(data, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseTimGM6mb(b *testing.B) { benchmarkParse(b, timGM6mb) }
func BenchmarkParseFluidR3(b *testing.B)  { benchmarkParse(b, fluidR3) }
