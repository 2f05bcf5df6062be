package convert

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/dls"
	"github.com/mmlite/mmlite/synth/engine"
	"github.com/mmlite/mmlite/synth/engine/compare"
	"github.com/mmlite/mmlite/synth/sf2"
)

const timGM = "/usr/share/sounds/sf2/TimGM6mb.sf2"

// converted writes the bank as DLS, and returns both and the file's path.
func converted(t *testing.T) (from, to *bank.Bank, path string) {
	t.Helper()
	if testing.Short() {
		t.Skip("renders minutes of music")
	}
	data, err := os.ReadFile(timGM)
	if err != nil {
		t.Skip("TimGM6mb is not installed")
	}
	if from, _, err = sf2.Parse(data, sf2.Options{}); err != nil {
		t.Fatal(err)
	}
	f, _, err := ToDLS(from)
	if err != nil {
		t.Fatal(err)
	}
	if data, err = f.Encode(); err != nil {
		t.Fatal(err)
	}
	if to, _, err = dls.Parse(data, dls.Options{}); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "converted.dls")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return from, to, path
}

// render plays the song with the engine.
func render(t *testing.T, b *bank.Bank, events []compare.Event) []compare.Frame {
	t.Helper()
	e, err := engine.New(engine.Config{SampleRate: compare.Rate, ExactTuning: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.SetBank(b); err != nil {
		t.Fatal(err)
	}
	frames, err := compare.Play(e, events, compare.Event.Exact, 4)
	if err != nil {
		t.Fatal(err)
	}
	return frames
}

// TestItSoundsTheSame renders songs with a bank and with what it was converted to.
func TestItSoundsTheSame(t *testing.T) {
	from, to, _ := converted(t)
	r := compare.Compare(pairs(t, "t*.mid", from, func(_ string, events []compare.Event) []compare.Frame { return render(t, to, events) }))
	t.Logf("%+v", r)
	// Where layers beat, the shape of the oscillators moves the beats: hence nothing on the
	// envelope's extremes.
	if r.LevelWorst > 0.1 || r.EnvelopeMedian > 0.01 || r.EnvelopeP90 > 1 || r.CentsP95 > 2.5 || r.BandsMean > 0.1 || r.MissingOnsets > 0 {
		t.Errorf("it sounds otherwise: %+v", r)
	}
}

// TestFluidSynthPlaysIt renders songs with FluidSynth and the converted bank. Of DLS it reads ranges, loops, tuning
// and the shape of the wave, and leaves out articulation and level; so pitch is what can be compared, and of
// what is held: drums are silent there.
func TestFluidSynthPlaysIt(t *testing.T) {
	if _, err := exec.LookPath("fluidsynth"); err != nil {
		t.Skip("fluidsynth is not installed")
	}
	from, _, path := converted(t)
	r := compare.Compare(pairs(t, "t0[1356]*.mid", from, func(song string, _ []compare.Event) []compare.Frame {
		out := filepath.Join(t.TempDir(), "out.wav")
		cmd := exec.Command("fluidsynth", "-ni", "-F", out, "-r", "44100", "-O", "s16", "-R", "0", "-C", "0", "-g", "0.6", path, song)
		text, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("fluidsynth: %v\n%s", err, text)
		}
		// Its SoundFont reader is asked first, and says so of every DLS file.
		s := strings.ToLower(strings.ReplaceAll(string(text), "error: Not a SoundFont file", ""))
		if strings.Contains(s, "error") || strings.Contains(s, "warning") {
			t.Errorf("fluidsynth complains:\n%s", text)
		}
		return wave(t, out)
	}))
	t.Logf("%+v", r)
	if r.CentsMedian > 3 || r.MissingOnsets > 0 || r.EnvelopeMedian > 3 {
		t.Errorf("it sounds otherwise: %+v", r)
	}
}

// pairs renders songs with the bank, and the other way.
func pairs(t *testing.T, which string, b *bank.Bank, other func(song string, events []compare.Event) []compare.Frame) []compare.Song {
	t.Helper()
	paths, err := filepath.Glob("../testdata/mid/" + which)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no songs: %v", err)
	}
	var songs []compare.Song
	for _, path := range paths {
		events, notes, err := compare.ReadSong(path)
		if err != nil {
			t.Fatal(err)
		}
		songs = append(songs, compare.Song{Name: filepath.Base(path), Notes: notes, Reference: render(t, b, events), Candidate: other(path, events)})
	}
	return songs
}

func wave(t *testing.T, path string) (out []compare.Frame) {
	t.Helper()
	d, err := os.ReadFile(path)
	if err != nil || len(d) < 44 {
		t.Fatal(len(d), err)
	}
	for d = d[44:]; len(d) >= 4; d = d[4:] {
		var f compare.Frame
		for c := range 2 {
			f[c] = float32(int16(binary.LittleEndian.Uint16(d[2*c:]))) / 32768
		}
		out = append(out, f)
	}
	return out
}

// TestDLSDumpReadsIt has gigtools list the converted bank.
func TestDLSDumpReadsIt(t *testing.T) {
	if _, err := exec.LookPath("dlsdump"); err != nil {
		t.Skip("gigtools is not installed")
	}
	from, _, path := converted(t)
	cmd := exec.Command("dlsdump", path)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("dlsdump: %v\n%s", err, &complaints)
	}
	regions := 0
	for _, p := range from.Presets() {
		regions += len(p.Regions)
		if !strings.Contains(string(out), `"`+p.Name+`"`) {
			t.Errorf("dlsdump does not list %q", p.Name)
		}
	}
	if n := strings.Count(string(out), "Region "); n != regions {
		t.Errorf("dlsdump lists %d regions of %d", n, regions)
	}
}
