package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
)

// clocked is a sound device whose clock a test moves.
type clocked struct{ sound.Device }

func (clocked) Name() string  { return "clocked" }
func (clocked) Rate() int     { return 48000 }
func (clocked) Channels() int { return 2 }
func (clocked) Period() int   { return 256 }
func (clocked) Queue() int    { return 3 }
func (clocked) Offline() bool { return false }

// bench is a card that plays a tone, and ears, both without goroutines.
type earBench struct {
	t      *testing.T
	e      *ears
	now    float64 // seconds
	sent   uint64
	clock  float64 // the card's frames a second
	heard  []float32
	period []float32
}

func newEarBench(t *testing.T, o audio.ListenOptions, clock float64) *earBench {
	e, err := newEars(nil, o, clocked{})
	if err != nil {
		t.Fatal(err)
	}
	return &earBench{t: t, e: e, clock: clock, period: make([]float32, 512)}
}

// run lets time pass: the card sends a period when it has one, up to late seconds
// after that, and the device takes one when it has played one.
func (b *earBench) run(seconds float64, late func() float64, sends, plays bool) {
	b.t.Helper()
	const period = 256
	for end := b.now + seconds; b.now < end; b.now += 256.0 / 48000 {
		for sends && float64(b.sent+period)/b.clock+late() < b.now {
			buf := make([]byte, period*b.e.frame)
			for i := range period {
				v := 0.5 * math.Sin(2*math.Pi*997*float64(b.sent+uint64(i))/44100)
				for c := range int(b.e.options.Channels) {
					binary.LittleEndian.PutUint16(buf[(i*int(b.e.options.Channels)+c)*2:], uint16(int16(v*32767)))
				}
			}
			if err := b.e.put(buf, b.sent); err != nil {
				b.t.Fatal(err)
			}
			b.sent += period
		}
		if plays {
			if err := b.e.period(b.period); err != nil {
				b.t.Fatal(err)
			}
			b.heard = append(b.heard, b.period...)
		}
	}
}

// TestListenFollowsTheCardsClock: a card whose clock is off by 300 ppm, over a link
// that is late by up to 15 ms, is heard for three minutes without a gap, and what is
// kept back stays what it was.
func TestListenFollowsTheCardsClock(t *testing.T) {
	for _, ppm := range []float64{-300, 300} {
		o := audio.ListenOptions{Rate: 44100, Channels: 1, Format: audio.S16, Behind: 50 * time.Millisecond}
		b := newEarBench(t, o, 44100*(1+ppm*1e-6))
		seed := uint32(1)
		late := func() float64 {
			seed = seed*1664525 + 1013904223
			return 0.015 * float64(seed>>8) / (1 << 24)
		}
		b.run(180, late, true, true)
		var r hearing
		b.e.report(&r)
		if r.Gaps != 0 || r.Lost != 0 || math.Abs(r.Drift-ppm) > 100 {
			t.Errorf("%+v ppm: %+v", ppm, r)
		}
		// What was kept back is there still, and both sides have the tone.
		if s := b.e.in.Stats(); math.Abs(s.BufferMs-50) > 20 {
			t.Errorf("%+v ppm: %.1f ms wait", ppm, s.BufferMs)
		}
		most := float32(0)
		for i, v := range b.heard[len(b.heard)-48000:] {
			most = max(most, v)
			if i%2 == 1 && v != b.heard[len(b.heard)-48000+i-1] {
				t.Fatal("the sides of a mono sound differ")
			}
		}
		if most < 0.49 || most > 0.51 {
			t.Errorf("the tone's peak is %g", most)
		}
	}
}

// TestListenComesBack: a link that falters, and a device here that stands still,
// cost what was due meanwhile and no delay for ever.
func TestListenComesBack(t *testing.T) {
	o := audio.ListenOptions{Rate: 44100, Channels: 2, Format: audio.S16, Behind: 50 * time.Millisecond}
	b := newEarBench(t, o, 44100)
	now := func() float64 { return 0 }
	b.run(5, now, true, true)
	b.run(1, now, false, true) // nothing comes
	b.sent += 44100 / 256 * 256
	b.run(5, now, true, true)
	var r hearing
	b.e.report(&r)
	if r.Gaps != 1 || r.Lost != 44100/256*256 {
		t.Errorf("after a link that faltered: %+v", r)
	}
	b.run(2, now, true, false) // nothing is played
	b.run(5, now, true, true)
	if s := b.e.in.Stats(); s.BufferMs > 200 {
		t.Errorf("%.0f ms wait after the device stood still", s.BufferMs)
	}
	b.e.report(&r)
	if lost := r.Lost - 44100; lost < 44100 || lost > 3*44100 {
		t.Errorf("%d frames lost by a device that stood still for 2 s", lost)
	}
}

func TestWhatALineCarries(t *testing.T) {
	for _, c := range []struct {
		baud           int
		mono           bool
		rate, channels uint32
	}{
		{3_000_000, false, 44100, 2}, {3_000_000, true, 44100, 1}, {2_000_000, false, 32000, 2}, {1_500_000, false, 44100, 1},
		{921_600, false, 32000, 1}, {460_800, false, 16000, 1}, {230_400, false, 8000, 1},
	} {
		rate, channels, err := fitting(c.baud, 44100, c.mono)
		if err != nil || rate != c.rate || channels != c.channels {
			t.Errorf("%d baud: %d Hz, %d channels, %v", c.baud, rate, channels, err)
		}
	}
	if _, _, err := fitting(115200, 44100, false); !errors.Is(err, com.ErrNotSupported) {
		t.Error(err)
	}
	for url, want := range map[string]audio.ListenOptions{
		"hosted:x":          {Rate: 44100, Channels: 2, Format: audio.F32, Behind: windowLatency},
		"usb:":              {Rate: 44100, Channels: 2, Format: audio.F32, Behind: streamLatency},
		"serial:x":          {Rate: 32000, Channels: 1, Format: audio.S16, Behind: lineLatency},
		"serial:x,3000000":  {Rate: 44100, Channels: 2, Format: audio.S16, Behind: lineLatency},
		"serial:x,12000000": {Rate: 44100, Channels: 2, Format: audio.S16, Behind: lineLatency},
	} {
		if o, err := new(listenCmd).options(url, 44100); err != nil || o != want {
			t.Errorf("%s: %+v, %v", url, o, err)
		}
	}
	if _, err := (&listenCmd{Rate: 96000}).options("usb:", 44100); !errors.Is(err, com.ErrInvalid) {
		t.Error(err)
	}
}

// TestListenToACard hears a card that plays, on a device that plays to nobody and in
// a file.
func TestListenToACard(t *testing.T) {
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
	for _, args := range [][]string{{"--device", "null"}, {"--out", path, "--mono", "--rate", "32000"}} {
		out, errs, err := mmlite(t, dir, append(append([]string{"--json", "--card", "hosted:den", "listen"}, args...), "--seconds", "1.5")...)
		if err != nil {
			t.Fatal(err, errs)
		}
		var r hearing
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatal(err)
		}
		if r.Seconds < 1.5 || r.Seconds > 2 || r.Latency != 50 {
			t.Errorf("%v: %+v", args, r)
		}
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := readWave(f)
	if err != nil || w.rate != 32000 || w.channels != 2 || w.frames < 48000 {
		t.Fatalf("%+v, %v", w, err)
	}
	b := make([]byte, 4*48000)
	if n, err := w.next(b); n != len(b) || err != nil {
		t.Fatal(n, err)
	}
	most := int16(0)
	for i := 0; i < len(b); i += 4 {
		l, r := int16(binary.LittleEndian.Uint16(b[i:])), int16(binary.LittleEndian.Uint16(b[i+2:]))
		if most = max(most, l); max(l-r, r-l) > 2 { // each side is rounded with noise of its own
			t.Fatalf("frame %d of a mono sound: %d and %d", i/4, l, r)
		}
	}
	if most < 100 {
		t.Errorf("the file's peak is %d", most)
	}
}

// TestPlayHere plays on a card that is elsewhere, and hears it here.
func TestPlayHere(t *testing.T) {
	dir := shortFolder(t)
	runCard(t, dir, "--name", "den")
	song := filepath.Join(dir, "x.mid")
	// A note of half a second: 480 ticks to the quarter, at 120 beats a minute.
	notes := "\x00\x90\x3c\x64\x83\x60\x80\x3c\x00\x00\xff\x2f\x00"
	file := "MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0MTrk\x00\x00\x00" + string(rune(len(notes))) + notes
	if err := os.WriteFile(song, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	_, errs, err := mmlite(t, dir, "--card", "hosted:den", "play", "--here", "--device", "null", song)
	if err != nil || !strings.Contains(errs, "heard on null") || !strings.Contains(errs, "heard here: ") {
		t.Errorf("%v: %s", err, errs)
	}
	for args, want := range map[string]string{
		"play --here":                          "--here is for cards that are elsewhere",
		"--card hosted:den play --device null": "or for --here",
		"--card hosted:den play --here --device nothing " + song: "no device",
	} {
		if _, errs, err := mmlite(t, dir, strings.Fields(args)...); err == nil || !strings.Contains(errs, want) {
			t.Errorf("%s: %v, %s", args, err, errs)
		}
	}
}

func TestListenRefuses(t *testing.T) {
	dir := shortFolder(t)
	for args, want := range map[string]string{
		"listen":                                   "nothing plays on a fresh card",
		"listen --seconds -1":                      "--seconds",
		"listen --latency 1ms":                     "want 20ms to 2s",
		"listen --out x.wav --device null":         "exclude each other",
		"--card serial:/dev/null,9600 listen":      "no serial line",
		"--card hosted:nobody listen":              "no card called",
		"--card hosted:nobody listen --latency 3s": "want 20ms to 2s",
	} {
		if _, errs, err := mmlite(t, dir, strings.Fields(args)...); err == nil || !strings.Contains(errs, want) {
			t.Errorf("%s: %v, %s", args, err, errs)
		}
	}
}
