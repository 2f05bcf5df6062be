package bankfile

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/mmlite/mmlite/synth/bank"
)

var installed = []string{"/usr/share/sounds/sf2/TimGM6mb.sf2", "/usr/share/sounds/sf2/FluidR3_GM.sf2"}

// fileSource reads a file and counts the bytes.
func fileSource(f *os.File, n *int64) func(int64, []byte) error {
	return func(at int64, b []byte) error {
		*n += int64(len(b))
		_, err := io.ReadFull(io.NewSectionReader(f, at, int64(len(b))), b)
		return err
	}
}

// BenchmarkReady is the time from the opening of a bank file, in the page cache, until it can be played: tables
// alone, and with all that a piano and the drums need. The heap is what stays for the collector to look at.
// What FluidSynth needs to start with the bank, and to leave again, stands beside it.
func BenchmarkReady(b *testing.B) {
	for _, path := range installed {
		if _, err := os.Stat(path); err != nil {
			continue
		}
		b.Run(filepath.Base(path)+"/tables", func(b *testing.B) { ready(b, path, false) })
		b.Run(filepath.Base(path)+"/piano+drums", func(b *testing.B) { ready(b, path, true) })
		b.Run(filepath.Base(path)+"/fluidsynth", func(b *testing.B) { startFluidSynth(b, path) })
		b.Run(filepath.Base(path)+"/fluidsynth-dynamic", func(b *testing.B) {
			startFluidSynth(b, path, "-o", "synth.dynamic-sample-loading=1")
		})
	}
}

func ready(b *testing.B, path string, load bool) {
	var read, heap int64
	for b.Loop() {
		read = 0
		f, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		info, err := f.Stat()
		if err != nil {
			b.Fatal(err)
		}
		src := fileSource(f, &read)
		m, err := Skim(src, info.Size())
		if err != nil {
			b.Fatal(err)
		}
		k, _, _, err := Read(m, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if load {
			loadPreset(b, src, k.Find(false, 0, 0, 0))
			loadPreset(b, src, k.Find(true, 0, 0, 0))
		}
		f.Close()
		if heap == 0 {
			b.StopTimer()
			heap = live(k, m)
			b.StartTimer()
		}
	}
	b.ReportMetric(float64(read), "bytes-read")
	b.ReportMetric(float64(heap), "heap-bytes")
}

// live is how much of the heap a bank keeps, its samples apart.
func live(keep ...any) int64 {
	var with, without runtime.MemStats
	for _, k := range keep {
		if b, ok := k.(*bank.Bank); ok {
			for _, p := range b.Presets() {
				for _, s := range p.Samples() {
					s.Withdraw()
				}
			}
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&with)
	runtime.KeepAlive(keep)
	clear(keep)
	runtime.GC()
	runtime.ReadMemStats(&without)
	return int64(with.HeapAlloc) - int64(without.HeapAlloc)
}

func loadPreset(b *testing.B, src func(int64, []byte) error, p *bank.Preset) {
	if p == nil {
		b.Fatal("no such preset")
	}
	if err := p.Build(); err != nil {
		b.Fatal(err)
	}
	for _, s := range p.Samples() {
		pcm, err := Load(src, s, make([]byte, Bytes(s)))
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Supply(pcm); err != nil {
			b.Fatal(err)
		}
	}
}

// startFluidSynth has the peer render a short song with a bank, and with one that has next to nothing in it:
// the difference, in time and in the processor's time, is what the bank costs it.
func startFluidSynth(b *testing.B, path string, args ...string) {
	if _, err := exec.LookPath("fluidsynth"); err != nil {
		b.Skip("fluidsynth is not installed")
	}
	tiny := filepath.Join(b.TempDir(), "tiny.sf2")
	if err := os.WriteFile(tiny, smallSF2(), 0o600); err != nil {
		b.Fatal(err)
	}
	start := func(bank string) (wall, cpu time.Duration) {
		all := append([]string{"--quiet", "-n", "-i", "-F", os.DevNull}, args...)
		cmd := exec.Command("fluidsynth", append(all, bank, "../testdata/mid/t01_piano_c4_v100.mid")...)
		began := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		return time.Since(began), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	var wall, cpu time.Duration
	for b.Loop() {
		w, c := start(path)
		b.StopTimer()
		w0, c0 := start(tiny)
		b.StartTimer()
		wall, cpu = wall+w-w0, cpu+c-c0
	}
	b.ReportMetric(float64(wall.Nanoseconds())/float64(b.N), "bank-ns")
	b.ReportMetric(float64(cpu.Nanoseconds())/float64(b.N), "bank-cpu-ns")
}
