package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/mmlite/mmlite/synth/bankfile"
	"github.com/mmlite/mmlite/synth/engine"
	"github.com/mmlite/mmlite/synth/gm"
	"github.com/mmlite/mmlite/tools/mmlite/song"
)

func TestHeldSongsHoldTheirVoices(t *testing.T) {
	b, _, _, err := bankfile.Open(gm.Bank(), bankfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var least int
	for _, n := range []int{0, 64, 256} {
		s, err := song.Parse(heldSong(n), 8000)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 && s.Frames < heldSeconds*8000 {
			t.Errorf("%d voices for %d frames", n, s.Frames)
		}
		e, err := engine.New(engine.Config{SampleRate: 8000, Voices: 1024})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.SetBank(b); err != nil {
			t.Fatal(err)
		}
		// Up to the middle, when all must sound.
		s.Frames /= 2
		if err := renderAll(e, s); err != nil {
			t.Fatal(err)
		}
		switch v := e.ActiveVoices(); {
		case n == 64:
			least = v
		case n == 256 && v != 4*least:
			t.Errorf("%d voices for 256 notes, %d for 64", v, least)
		case n == 0 && v != 0:
			t.Errorf("%d voices without notes", v)
		}
	}
	if least < 64 {
		t.Errorf("%d voices sound of 64", least)
	}
}

func TestFiguresOfSynthesizers(t *testing.T) {
	name, tune := gm.Tune()
	path := filepath.Join(t.TempDir(), name+".mid")
	if err := os.WriteFile(path, tune, 0o600); err != nil {
		t.Fatal(err)
	}
	seconds, err := songSeconds(path)
	if err != nil {
		t.Fatal(err)
	}
	times := func(empty, few, many, song time.Duration) map[string][]time.Duration {
		return map[string][]time.Duration{
			"empty": {time.Hour, empty, 0}, "64": {few, few, time.Hour}, "256": {0, many, many}, path: {song},
		}
	}
	list := []*renderer{
		{name: "mmlite cubic", own: "cubic", cpu: times(time.Second, 2*time.Second, 5*time.Second, time.Second)},
		{name: "other", cpu: times(time.Second, 3*time.Second, 9*time.Second, 2*time.Second)},
	}
	res := &synthResult{VoiceSeconds: map[string][]float64{}, Load: map[string]float64{}, Peers: map[string]*synthFigure{}, all: map[string]*synthFigure{}}
	if err := res.fill(list, "empty", []string{"64", "256"}, []string{path}); err != nil {
		t.Fatal(err)
	}
	own, other := res.VoiceSeconds["cubic"], res.Peers["other"]
	if own[0] != 64*60 || own[1] != 256*60/4 || other.VoiceSeconds[0] != 64*60/2 || other.VoiceSeconds[1] != 256*60/8 || len(res.Peers) != 1 {
		t.Errorf("%+v, %+v", res, other)
	}
	if got := res.Load[name] * seconds; got < 99.9 || got > 100.1 || other.Load[name] < 1.99*res.Load[name] {
		t.Errorf("load %v, %v", res.Load, other.Load)
	}
	if err := res.print(list); err != nil {
		t.Fatal(err)
	}
}

func TestEngineOfTheBench(t *testing.T) {
	path := filepath.Join(t.TempDir(), "few.mid")
	if err := os.WriteFile(path, heldSong(1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&engineChild{Interp: "linear", Song: path}).Run(); err != nil {
		t.Fatal(err)
	}
	if err := (&engineChild{Interp: "linear", Bank: path, Song: path}).Run(); err == nil {
		t.Fatal("a song is no bank")
	}
}
