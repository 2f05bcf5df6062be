package compare

import (
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/engine"
	"github.com/mmlite/mmlite/synth/sf2"
)

const timGM = "/usr/share/sounds/sf2/TimGM6mb.sf2"

// reference renders a song with FluidSynth, effects off.
func reference(t *testing.T, soundfont, song string) []Frame {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.wav")
	cmd := exec.Command("fluidsynth", "-ni", "-F", out, "-r", "44100", "-O", "s16", "-R", "0", "-C", "0", "-g", "0.6", soundfont, song)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("fluidsynth: %v\n%s", err, text)
	}
	return readWAV(t, out)
}

func readWAV(t *testing.T, path string) []Frame {
	t.Helper()
	d, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 12; at+8 <= len(d); {
		size := int(binary.LittleEndian.Uint32(d[at+4:]))
		if string(d[at:at+4]) == "data" {
			d = d[at+8:]
			d = d[:min(size, len(d))]
			out := make([]Frame, len(d)/4)
			for i := range out {
				for c := range 2 {
					out[i][c] = float32(int16(binary.LittleEndian.Uint16(d[i*4+c*2:]))) / 32768
				}
			}
			return out
		}
		at += 8 + size + size&1
	}
	t.Fatalf("%s has no data", path)
	return nil
}

func loadBank(t testing.TB, path string) *bank.Bank {
	t.Helper()
	d, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := sf2.Parse(d, sf2.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// songs renders the songs of paths with both; references that known has are not
// rendered again.
func songs(t *testing.T, soundfont string, kind engine.Interpolation, when func(Event) int, paths []string, known map[string][]Frame) []Song {
	t.Helper()
	b := loadBank(t, soundfont)
	var out []Song
	for _, path := range paths {
		events, notes, err := ReadSong(path)
		if err != nil {
			t.Fatal(err)
		}
		e, err := engine.New(engine.Config{SampleRate: Rate, Interpolation: kind})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.SetBank(b); err != nil {
			t.Fatal(err)
		}
		y, err := Play(e, events, when, 4)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".mid")
		if known[path] == nil {
			known[path] = reference(t, soundfont, path)
		}
		out = append(out, Song{name, notes, known[path], y})
	}
	return out
}

func installed(t *testing.T, soundfont string) {
	t.Helper()
	if testing.Short() {
		t.Skip("renders minutes of music twice")
	}
	if _, err := exec.LookPath("fluidsynth"); err != nil {
		t.Skip("fluidsynth is not installed")
	}
	if _, err := os.Stat(soundfont); err != nil {
		t.Skipf("%s is not installed", soundfont)
	}
}

func report(t *testing.T, r Result) {
	t.Helper()
	t.Logf("songs %d, gain %.2f dB, lag %.2f ms (p90 %.2f, max %.2f), missing onsets %d", r.Songs, r.Gain, r.Lag, r.OnsetP90, r.OnsetMax, r.MissingOnsets)
	t.Logf("level worst %.3f dB (%s), envelope %.3f / %.3f / %.3f dB", r.LevelWorst, r.LevelWorstSong, r.EnvelopeMedian, r.EnvelopeP90, r.EnvelopeP95)
	t.Logf("pan p95 %.3f dB, cents %.3f / %.3f, bands mean %.3f worst %.3f dB (%s)", r.PanP95, r.CentsMedian, r.CentsP95, r.BandsMean, r.BandsWorst, r.BandsWorstSong)
	for name, level := range r.Level {
		t.Logf("  %-28s level %+.3f dB, envelope p95 %.3f dB", name, level, r.Envelope[name])
	}
}

// TestAgainstFluidSynth holds the engine to the reference on the songs of
// synth/testdata, in which each feature is heard alone.
func TestAgainstFluidSynth(t *testing.T) {
	installed(t, timGM)
	paths, err := filepath.Glob("../../testdata/mid/*.mid")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no songs: %v", err)
	}
	known := map[string][]Frame{}
	for _, c := range []struct {
		name                                               string
		when                                               func(Event) int
		onset, level, envelope, pan, cents, bands, missing float64
	}{
		{"exact", Event.Exact, 3, 0.2, 0.7, 0.3, 1, 0.25, 1},
		{"as its player", Event.Blocked, 0.5, 0.15, 0.1, 0.05, 0.2, 0.2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Compare(songs(t, timGM, engine.Cubic, c.when, paths, known))
			report(t, r)
			for _, line := range []struct {
				what      string
				got, most float64
			}{
				{"onset, largest difference after the lag, ms", r.OnsetMax, c.onset},
				{"level of the worst song, dB", r.LevelWorst, c.level},
				{"envelope p95, dB", r.EnvelopeP95, c.envelope},
				{"pan p95, dB", r.PanP95, c.pan},
				{"cents p95", r.CentsP95, c.cents},
				{"bands mean, dB", r.BandsMean, c.bands},
				{"gain, dB", math.Abs(r.Gain), 0.1},
				// A note struck again while it sounds may cancel the first:
				// whether it does is the player's timing to half a millisecond.
				{"notes heard in one render only", float64(r.MissingOnsets), c.missing},
			} {
				if !(line.got <= line.most) {
					t.Errorf("%s: %.3f, at most %.3f", line.what, line.got, line.most)
				}
			}
		})
	}
}
