package compare

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/mmlite/mmlite/synth/engine"
)

var allSongs = flag.Bool("songs", false, "compare all installed songs whole, with every installed bank: some ten minutes")

const (
	fluidR3 = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
	// Without -songs: so many songs, and so many seconds of each.
	someSongs   = 4
	someSeconds = 30
)

// render writes 44.1 kHz stereo of a song played with a bank to a WAV file.
type render struct {
	name string
	to   func(bank, song, out string) error
}

func run(args ...string) error {
	if text, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", args[0], err, text)
	}
	return nil
}

var reference4 = render{"FluidSynth", func(bank, song, out string) error {
	return run("fluidsynth", "-niq", "-F", out, "-r", "44100", "-O", "s16", "-R", "0", "-C", "0", "-g", "0.6", bank, song)
}}

// candidates are this engine and the peers that are installed.
func candidates(t *testing.T) []render {
	all := []render{{"mmlite", func(soundfont, song, out string) error {
		events, _, err := ReadSong(song)
		if err != nil {
			return err
		}
		e, err := engine.New(engine.Config{SampleRate: Rate})
		if err != nil {
			return err
		}
		if err := e.SetBank(loadBank(t, soundfont)); err != nil {
			return err
		}
		frames, err := Play(e, events, Event.Exact, 4)
		if err != nil {
			return err
		}
		return writeWAV(out, frames)
	}}}
	if path, err := exec.LookPath("timidity"); err == nil {
		// Every instrument is named: Debian's own configuration is read first, and
		// what it names would win over the font.
		all = append(all, render{"TiMidity", func(bank, song, out string) error {
			cfg := out + ".cfg"
			text := []byte("bank 0\n")
			for i := range 128 {
				text = fmt.Appendf(text, "%d %%font %s 0 %d\n", i, bank, i)
			}
			text = append(text, "drumset 0\n"...)
			for i := range 128 {
				text = fmt.Appendf(text, "%d %%font %s 128 0 %d\n", i, bank, i)
			}
			if err := os.WriteFile(cfg, text, 0o600); err != nil {
				return err
			}
			return run(path, "-c", cfg, "-Ow", "-s", "44100", "-idq", "-EFreverb=d", "-EFchorus=d", "-EFdelay=d", "-EFns=0", "-p", "256a", "-o", out, song)
		}})
	} else {
		t.Log("timidity is not installed")
	}
	return all
}

// writeWAV clips to 16 bits, as what the others write is.
func writeWAV(path string, frames []Frame) error {
	d := make([]byte, 44, 44+4*len(frames))
	copy(d, "RIFF....WAVEfmt ")
	binary.LittleEndian.PutUint32(d[4:], uint32(36+4*len(frames)))
	binary.LittleEndian.PutUint32(d[16:], 16)
	for i, v := range []uint16{1, 2} {
		binary.LittleEndian.PutUint16(d[20+2*i:], v)
	}
	binary.LittleEndian.PutUint32(d[24:], Rate)
	binary.LittleEndian.PutUint32(d[28:], 4*Rate)
	binary.LittleEndian.PutUint16(d[32:], 4)
	binary.LittleEndian.PutUint16(d[34:], 16)
	copy(d[36:], "data")
	binary.LittleEndian.PutUint32(d[40:], uint32(4*len(frames)))
	for _, f := range frames {
		for _, v := range f {
			d = binary.LittleEndian.AppendUint16(d, uint16(int16(min(max(v*32767, -32768), 32767))))
		}
	}
	return os.WriteFile(path, d, 0o600)
}

// TestRealSongs plays music that people play, and holds the engine to be closer to
// FluidSynth than each peer is, by every measure.
func TestRealSongs(t *testing.T) {
	installed(t, timGM)
	var songs []string
	for _, dir := range []string{"/usr/share/games/openttd/baseset/openmsx", "/usr/share/planetblupi/music"} {
		some, err := filepath.Glob(filepath.Join(dir, "*.mid"))
		if err != nil {
			t.Fatal(err)
		}
		songs = append(songs, some...)
	}
	if len(songs) == 0 {
		t.Skip("neither openttd-openmsx nor planetblupi-music-midi is installed")
	}
	limit := 0
	if !*allSongs {
		limit = someSeconds * Rate
		var some []string
		for i := range someSongs {
			some = append(some, songs[(2*i+1)*len(songs)/(2*someSongs)])
		}
		songs = some
	}
	for _, bank := range []string{timGM, fluidR3} {
		t.Run(strings.TrimSuffix(filepath.Base(bank), ".sf2"), func(t *testing.T) {
			if _, err := os.Stat(bank); err != nil {
				t.Skipf("%s is not installed", bank)
			}
			if bank == fluidR3 && !*allSongs {
				t.Skip("only with -songs")
			}
			realSongs(t, bank, songs, limit)
		})
	}
}

// realSongs compares all candidates with the reference on the first limit frames
// of each song, all of it if limit is 0.
func realSongs(t *testing.T, bank string, songs []string, limit int) {
	dir := t.TempDir()
	out := func(r render, i int) string { return filepath.Join(dir, fmt.Sprintf("%s%d.wav", r.name, i)) }
	list := append([]render{reference4}, candidates(t)...)
	var wait sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var mu sync.Mutex
	var failed error
	for i, song := range songs {
		for _, r := range list {
			slots <- struct{}{}
			wait.Go(func() {
				defer func() { <-slots }()
				if err := r.to(bank, song, out(r, i)); err != nil {
					mu.Lock()
					failed = fmt.Errorf("%s, %s: %w", r.name, song, err)
					mu.Unlock()
				}
			})
		}
	}
	wait.Wait()
	if failed != nil {
		t.Fatal(failed)
	}
	cut := func(f []Frame) []Frame {
		if limit > 0 {
			f = f[:min(len(f), limit)]
		}
		return f
	}
	measures := func(r Result) []float64 {
		return []float64{r.EnvelopeMedian, r.EnvelopeP90, r.EnvelopeP95, r.PanP95, r.CentsMedian, r.CentsP95, r.LevelWorst, r.BandsMean, r.BandsWorst}
	}
	names := []string{"envelope median", "envelope p90", "envelope p95", "pan p95", "cents median", "cents p95", "worst level", "bands mean", "bands worst"}
	t.Logf("%d songs, against FluidSynth; %v", len(songs), names)
	results := make([]Result, len(list))
	errs := make([]error, len(list))
	for k, c := range list[1:] {
		wait.Go(func() {
			results[k], errs[k] = Measure(len(songs), func(i int) (Song, error) {
				_, notes, err := ReadSong(songs[i])
				name := strings.TrimSuffix(filepath.Base(songs[i]), ".mid")
				return Song{name, notes, cut(readWAV(t, out(reference4, i))), cut(readWAV(t, out(c, i)))}, err
			})
		})
	}
	wait.Wait()
	var own []float64
	for k, c := range list[1:] {
		r, err := results[k], errs[k]
		if err != nil {
			t.Fatal(err)
		}
		got := measures(r)
		t.Logf("%-10s %.3f (level %s, bands %s)", c.name, got, r.LevelWorstSong, r.BandsWorstSong)
		if own == nil {
			own = got
			continue
		}
		for i, v := range got {
			if !(own[i] < v) {
				t.Errorf("%s: %.3f, and %s has %.3f", names[i], own[i], c.name, v)
			}
		}
	}
	// The fundamental of several instruments at once is no figure to be held to.
	for i, most := range map[int]float64{2: 2.1, 3: 1.1, 6: 0.4, 7: 0.48} {
		if !(own[i] < most) {
			t.Errorf("%s: %.3f, and less than %.3f is wanted", names[i], own[i], most)
		}
	}
}
