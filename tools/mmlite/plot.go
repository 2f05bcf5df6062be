package main

import (
	"encoding/json"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/mixer/format"
	"github.com/mmlite/mmlite/tools/internal/soundplot"
)

// plotCmd draws a WAV file.
type plotCmd struct {
	Out    string  `short:"o" help:"The picture. Default: the file's name with .png." placeholder:"FILE.png"`
	Width  int     `help:"Of the picture, in pixels." default:"1280" placeholder:"N"`
	Height int     `help:"Of the picture, in pixels." default:"720" placeholder:"N"`
	From   float64 `help:"Draw from this second on." default:"0" placeholder:"SECONDS"`
	To     float64 `help:"Draw up to this second; 0 is the end." default:"0" placeholder:"SECONDS"`
	File   string  `arg:"" help:"The WAV file." type:"existingfile"`
}

// maxPlot is how many frames are drawn at most: an hour and a half at 48 kHz, in 2
// GiB.
const maxPlot = 256 << 20

// Run implements kong.
func (p *plotCmd) Run(g *globals) error {
	if p.Width < 400 || p.Width > 8000 || p.Height < 300 || p.Height > 4000 {
		return com.Errorf(com.ErrInvalid, "a picture of %d by %d pixels; 400 to 8000 by 300 to 4000 are possible", p.Width, p.Height)
	}
	if !(p.From >= 0) || p.To != 0 && !(p.To > p.From) {
		return com.Errorf(com.ErrInvalid, "from second %g to %g is nothing", p.From, p.To)
	}
	if p.Out == "" {
		p.Out = strings.TrimSuffix(p.File, filepath.Ext(p.File)) + ".png"
	}
	if err := mayWrite(p.Out, p.File); err != nil {
		return err
	}
	s, err := readSound(p.File)
	if err != nil {
		return fmt.Errorf("%s: %w", p.File, err)
	}
	length := float64(len(s.Left)) / float64(s.Rate)
	if p.From > 0 && p.From >= length {
		return com.Errorf(com.ErrInvalid, "--from %g: %s has %.3f s", p.From, p.File, length)
	}
	p.To = min(p.To, length)
	o := soundplot.Options{Title: filepath.Base(p.File), Width: p.Width, Height: p.Height, From: p.From, To: p.To}
	if !g.JSON && term.IsTerminal(int(os.Stderr.Fd())) {
		bar := newBar(true, "drawing", int64(p.Width))
		o.Progress = func(done, all int) { _ = bar.Set(done * p.Width / all) }
	}
	sum, loud := soundplot.Measure(s)
	img := soundplot.Draw(s, sum, loud, o)
	err = writeFile(p.Out, func(f *os.File) error { return png.Encode(f, img) })
	if err != nil {
		return err
	}
	if g.JSON {
		return json.NewEncoder(os.Stdout).Encode(struct {
			soundplot.Summary
			Picture string `json:"picture"`
		}{sum, p.Out})
	}
	fmt.Printf("%v\n%s\n", sum, p.Out)
	return nil
}

// sampleFormats are those of the contract, as the mixer calls them.
var sampleFormats = map[audio.SampleFormat]format.Format{
	audio.U8: format.U8, audio.S16: format.S16, audio.S24: format.S24, audio.S32: format.S32, audio.F32: format.F32,
}

// readSound reads a WAV file's first two channels; a single one is both.
func readSound(path string) (soundplot.Sound, error) {
	f, err := os.Open(path)
	if err != nil {
		return soundplot.Sound{}, err
	}
	defer f.Close()
	w, err := readWave(f)
	if err != nil {
		return soundplot.Sound{}, err
	}
	s := soundplot.Sound{Rate: int(w.rate)}
	if w.rate < 1000 || w.rate > 768000 {
		return s, com.Errorf(com.ErrNotSupported, "%d Hz; 1000 to 768000 can be drawn", w.rate)
	}
	c := int(w.channels)
	buf := make([]byte, 4096*w.frame)
	samples := make([]float32, 4096*c)
	for {
		n, err := w.next(buf)
		if err != nil {
			return s, err
		}
		if n == 0 {
			return s, nil
		}
		got := format.Decode(samples, buf[:n], sampleFormats[w.format])
		for i := 0; i < got; i += c {
			s.Left = append(s.Left, samples[i])
			s.Right = append(s.Right, samples[i+min(1, c-1)])
		}
		if len(s.Left) > maxPlot {
			return s, com.Errorf(com.ErrQuota, "more than %d frames; cut it into parts", maxPlot)
		}
	}
}
