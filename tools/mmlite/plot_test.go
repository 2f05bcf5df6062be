package main

import (
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-audio/audio"
	"github.com/go-audio/wav"
)

func TestPlot(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "step.wav")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	enc := wav.NewEncoder(f, 8000, 16, 1, 1)
	buf := &audio.IntBuffer{Format: &audio.Format{NumChannels: 1, SampleRate: 8000}, SourceBitDepth: 16}
	for i := range 16000 {
		buf.Data = append(buf.Data, (i/10%2*2-1)*8192)
	}
	if err := enc.Write(buf); err != nil {
		t.Fatal(err)
	}
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	f.Close()
	s, err := readSound(name)
	if err != nil || s.Rate != 8000 || len(s.Left) != 16000 || s.Left[0] != -0.25 || s.Right[15] != 0.25 {
		t.Fatal(s.Rate, len(s.Left), err)
	}
	p := plotCmd{File: name, Width: 640, Height: 480}
	if err := p.Run(&globals{JSON: true}); err != nil {
		t.Fatal(err)
	}
	out, err := os.Open(filepath.Join(dir, "step.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if img, err := png.Decode(out); err != nil || img.Bounds().Dx() != 640 || img.Bounds().Dy() != 480 {
		t.Fatal(err)
	}
	if err := (&plotCmd{File: name, Width: 10, Height: 10}).Run(&globals{}); err == nil || !strings.Contains(err.Error(), "400 to 8000") {
		t.Fatal(err)
	}
	for want, p := range map[string]plotCmd{
		"is nothing":       {From: math.NaN()},
		"step.wav has 2.0": {From: 2},
		"would replace":    {Out: name},
	} {
		p.File, p.Width, p.Height = name, 640, 480
		if err := p.Run(&globals{JSON: true}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	broken := filepath.Join(dir, "broken.wav")
	if err := os.WriteFile(broken, []byte("RIFF"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&plotCmd{File: broken, Width: 640, Height: 480}).Run(&globals{JSON: true}); err == nil || !strings.Contains(err.Error(), "broken.wav") {
		t.Fatal(err)
	}
}
