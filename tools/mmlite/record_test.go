package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/mixer/format"
)

// spring is an output whose captures give two pieces with a gap between, and are
// interrupted then.
type spring struct {
	audio.Output
	com.Object
	reads     int
	interrupt func()
}

func (s *spring) Capture(context.Context) (audio.Capture, error) {
	s.Init(s, nil)
	return s, nil
}

func (s *spring) Query(iid com.IID) (com.Unknown, error) { return s.Object.Query(iid) }
func (s *spring) AddRef() uint32                         { return s.Object.AddRef() }
func (s *spring) Release() uint32                        { return s.Object.Release() }

func (s *spring) Read(ctx context.Context, buf []byte) (uint32, uint64, error) {
	if s.reads++; s.reads > 2 {
		s.interrupt()
		return 0, 0, com.ErrCanceled
	}
	const frames = 100
	for i := range frames {
		binary.LittleEndian.PutUint32(buf[8*i:], math.Float32bits(float32(s.reads)/4))
		binary.LittleEndian.PutUint32(buf[8*i+4:], math.Float32bits(-float32(s.reads)/4))
	}
	return 8 * frames, uint64(s.reads-1) * 150, nil
}

func TestRecordingIsWholeWhenInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.wav")
	file, err := sound.Open("wav:"+path, sound.Config{Rate: 44100, Channels: 2, Period: recordPeriod, Format: format.F32})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	k := &taker{recordCmd: &recordCmd{Out: path}, file: periods{file: file}, report: taking{Rate: 44100}}
	if err := k.take(ctx, &spring{interrupt: cancel}, true); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if k.report.Frames != 250 || k.report.Lost != 50 || k.peak != 0.5 {
		t.Errorf("%+v, peak %v", k.report, k.peak)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := readWave(f)
	if err != nil || w.frames != 256 || w.rate != 44100 || w.channels != 2 {
		t.Fatalf("%+v, %v", w, err)
	}
	b := make([]byte, 8*256)
	if n, err := w.next(b); n != len(b) || err != nil {
		t.Fatal(n, err)
	}
	for frame, want := range map[int]float32{0: 0.25, 99: 0.25, 100: 0, 149: 0, 150: 0.5, 249: 0.5, 250: 0} {
		if v := math.Float32frombits(binary.LittleEndian.Uint32(b[8*frame:])); v != want {
			t.Errorf("frame %d is %v, want %v", frame, v, want)
		}
	}
}

func TestRecordFromACard(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("ends the player by a signal that this system has not")
	}
	dir := shortFolder(t)
	runCard(t, dir, "--name", "den")
	player := command(t, dir, "--card", "hosted:den", "play", "--json")
	if err := player.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = player.Process.Signal(os.Interrupt)
		_ = player.Wait() // it was interrupted
	}()
	path := filepath.Join(dir, "x.wav")
	out, errs, err := mmlite(t, dir, "record", "-o", path, "--seconds", "1.5", "--json", "--format", "s16")
	if err != nil {
		t.Fatal(err, errs)
	}
	var r taking
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if r.Seconds != 1.5 || r.Frames != uint64(1.5*float64(r.Rate)) || r.Peak < -60 || r.Lost != 0 {
		t.Errorf("%+v", r)
	}
	if info, err := os.Stat(path); err != nil || uint64(info.Size()) < 4*r.Frames {
		t.Error(info, err)
	}
	if _, errs, err := mmlite(t, dir, "record", "-o", path, "--seconds", "-1"); err == nil {
		t.Error("a negative time was accepted", errs)
	}
}

// TestRecordSaysThatNothingPlays asks for a recording where none can come about.
func TestRecordSaysThatNothingPlays(t *testing.T) {
	dir := shortFolder(t)
	if _, errs, err := mmlite(t, dir, "record", "-o", filepath.Join(dir, "x.wav"), "--seconds", "1"); err == nil || !strings.Contains(errs, "nothing plays on a fresh card") {
		t.Errorf("%v %s", err, errs)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.wav")); left != nil {
		t.Error(left)
	}
}

func TestBenchMixerPrintsItsKeys(t *testing.T) {
	out, errs, err := mmlite(t, shortFolder(t), "bench", "mixer", "--json", "--no-peers")
	if err != nil {
		t.Fatal(err, errs)
	}
	var r mixerResult
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"fast", "normal", "high"} {
		f := r.Qualities[q]
		if f == nil || f.NsPerFrame <= 0 || f.THDN > -60 || f.Passband < 15000 || r.Mix[q] <= f.NsPerFrame/2 {
			t.Errorf("%s: %+v", q, f)
		}
	}
}
