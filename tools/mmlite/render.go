package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/mixer/format"
	"github.com/mmlite/mmlite/tools/mmlite/song"
)

// renderCmd renders songs to files.
type renderCmd struct {
	Out     string  `short:"o" help:"The WAV file. Default: the song's name with .wav." placeholder:"FILE.wav"`
	Stems   bool    `help:"Also write each channel to a file of its own, beside the whole: 32 bit floats, before the limiter, so that their sum is what went into it."`
	Bank    string  `help:"Play with this bank, DLS or SoundFont 2, instead of the built-in one." type:"existingfile" placeholder:"FILE"`
	Interp  string  `help:"Interpolation: linear, cubic or sinc." enum:"linear,cubic,sinc" default:"sinc"`
	Effects string  `help:"Reverberation and chorus: on or off." enum:"on,off" default:"on"`
	Timing  string  `help:"When events sound: exact, at their frames; player, when FluidSynth's player would send them." enum:"exact,player" default:"exact"`
	Voices  uint32  `help:"Voices at once, 16 to 1024; of each channel with --stems, and then at most 128." default:"256" placeholder:"N"`
	Gain    float32 `help:"Linear gain; 0 is the synthesizer's default." default:"0" placeholder:"G"`
	File    string  `arg:"" optional:"" help:"The MIDI file. Default: the tune that comes along." type:"existingfile"`
}

// Help implements kong.HelpProvider.
func (*renderCmd) Help() string {
	return `A card of its own renders as fast as it goes; the same song gives the same bytes
every time. mmlite play --out does the same with the settings of listening.`
}

// stemVoices is how many voices a channel has when each is a port: 16 of them are
// what a card gives to one client.
const stemVoices = 128

// Run implements kong.
func (c *renderCmd) Run(ctx context.Context, g *globals) error {
	if g.Card != hostedOwn {
		return com.Errorf(com.ErrInvalid, "render starts a card of its own; the card %s keeps the time of its device", g.Card)
	}
	p := &playCmd{Bank: c.Bank, Out: c.Out, Interp: c.Interp, Effects: c.Effects, Timing: c.Timing, Voices: c.Voices, Gain: c.Gain, Quality: "high"}
	if c.File != "" {
		p.Files = []string{c.File}
	}
	if p.Out == "" {
		p.Out = "tune.wav"
		if c.File != "" {
			p.Out = strings.TrimSuffix(c.File, filepath.Ext(c.File)) + ".wav"
		}
	}
	if p.anyWave() {
		return com.Errorf(com.ErrInvalid, "%s is a WAV file already", c.File)
	}
	if !c.Stems {
		return p.Run(ctx, g)
	}
	return c.stems(ctx, g, p)
}

// stemReport is what render --stems says at the end.
type stemReport struct {
	Output  string     `json:"output"`
	Seconds float64    `json:"audio_seconds"`
	Wall    float64    `json:"wall_seconds"`
	Stems   []stemFile `json:"stems"`
}

type stemFile struct {
	Channel    int    `json:"channel"` // 1 to 16
	Instrument string `json:"instrument"`
	File       string `json:"file"`
}

func (c *renderCmd) stems(ctx context.Context, g *globals, p *playCmd) error {
	if err := p.readable(); err != nil {
		return err
	}
	p.Voices = min(p.Voices, stemVoices)
	if err := mayWrite(p.Out, c.File, c.Bank); err != nil {
		return err
	}
	args, err := p.cardArgs(g)
	if err != nil {
		return err
	}
	opts := []hostdriver.Option{hostdriver.CardArgs(args...), hostdriver.Client("mmlite render")}
	if self, err := os.Executable(); err == nil {
		opts = append(opts, hostdriver.Command(self))
	}
	card, err := hostdriver.Open(ctx, g.Card, opts...)
	if err != nil {
		return err
	}
	began := time.Now()
	r, err := c.renderStems(ctx, g, card, p)
	if e := card.Close(); err == nil {
		err = e
	}
	for _, e := range p.exports {
		e.Close()
	}
	if err != nil {
		return err
	}
	r.Wall = time.Since(began).Seconds()
	if g.JSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	fmt.Printf("%.1f s of sound in %.1f s\nwrote %s\n", r.Seconds, r.Wall, r.Output)
	for _, s := range r.Stems {
		fmt.Printf("wrote %s: channel %d, %s\n", s.File, s.Channel, s.Instrument)
	}
	return nil
}

// stem is a channel in the making.
type stem struct {
	channel int
	song    *song.Song
	port    audio.Port
	file    *floatWave
	name    string // of the instrument
}

func (c *renderCmd) renderStems(ctx context.Context, g *globals, card *hostdriver.Card, p *playCmd) (*stemReport, error) {
	whole, err := c.song(p, card.Info().Frames)
	if err != nil {
		return nil, err
	}
	synth, err := hostdriver.Bind(ctx, card, "/synth", audio.SynthType)
	if err != nil {
		return nil, err
	}
	defer synth.Release()
	bank, err := p.loadBank(ctx, g, card, synth)
	if err != nil {
		return nil, err
	}
	defer bank.Release()
	all := byChannel(whole)
	defer func() {
		for _, s := range all {
			if s.port != nil {
				s.port.Release()
			}
			s.file.discard()
		}
	}()
	for _, s := range all {
		if s.port, err = synth.Open(ctx, p.options(fmt.Sprintf("channel %d", s.channel+1), bank)); err != nil {
			return nil, err
		}
		if s.file, err = newFloatWave(p.Out, card.Info().Frames); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, longCall)
	defer cancel()
	// A port that was started and has promised nothing holds the device: so all of
	// them begin at the same frame.
	errs := make([]error, 2*len(all))
	var wait sync.WaitGroup
	for i, s := range all {
		capture, err := s.port.Capture(ctx)
		if err != nil {
			return nil, err
		}
		wait.Go(func() {
			errs[2*i+1] = s.file.record(ctx, capture)
			capture.Release()
		})
		if err := s.port.Start(ctx); err != nil {
			cancel()
			return nil, err
		}
	}
	bar := newBar(true, "rendering", int64(len(all)))
	for i, s := range all {
		wait.Go(func() {
			err := queueSong(ctx, s.port, 0, s.song, func() error { return nil })
			if err == nil {
				err = s.port.Drain(ctx)
			}
			if channels, e := s.port.Channels(ctx); e == nil && s.channel < len(channels) {
				s.name = channels[s.channel].Name
			}
			s.port.Release() // its capture ends
			s.port = nil
			_ = bar.Add(1)
			if errs[2*i] = err; err != nil {
				cancel()
			}
		})
	}
	wait.Wait()
	_ = bar.Finish()
	if err := firstFailure(errs); err != nil {
		return nil, err
	}
	longest := uint64(0)
	for _, s := range all {
		longest = max(longest, s.file.size)
	}
	r := &stemReport{Output: p.Out, Seconds: float64(whole.Frames) / float64(card.Info().Frames)}
	for _, s := range all {
		name := fmt.Sprintf("%s-%02d-%s.wav", strings.TrimSuffix(p.Out, filepath.Ext(p.Out)), s.channel+1, fileName(s.name))
		if err := s.file.close(name, longest); err != nil {
			return nil, err
		}
		r.Stems = append(r.Stems, stemFile{s.channel + 1, s.name, name})
	}
	return r, nil
}

func (c *renderCmd) song(p *playCmd, rate uint32) (s *song.Song, err error) {
	err = p.each(func(name string, file io.Reader, _ bool) error {
		b, err := io.ReadAll(file)
		if err == nil {
			s, err = p.parse(b, rate)
		}
		if err == nil && len(s.Events) == 0 {
			err = fmt.Errorf("%s: %w: the file has no notes", name, errNoSong)
		}
		return err
	})
	return s, err
}

// byChannel gives each channel that has notes a song of its own, with all that is
// meant for every channel.
func byChannel(whole *song.Song) (all []*stem) {
	var notes [16]bool
	for _, e := range whole.Events {
		if e.SysEx == nil && e.Message&0xF0 == 0x90 && e.Message>>16&0x7F > 0 {
			notes[e.Message&15] = true
		}
	}
	for ch, sounds := range notes {
		if !sounds {
			continue
		}
		s := &song.Song{Title: whole.Title, Frames: whole.Frames}
		for _, e := range whole.Events {
			if e.SysEx != nil || e.Message&0xF0 == 0xF0 || int(e.Message&15) == ch {
				s.Events = append(s.Events, e)
			}
		}
		all = append(all, &stem{channel: ch, song: s})
	}
	return all
}

// fileName makes a part of a file's name of an instrument's.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, name)
	for strings.Contains(name, "--") {
		name = strings.ReplaceAll(name, "--", "-")
	}
	if name = strings.Trim(name, "-"); name == "" {
		return "channel"
	}
	return name
}

// floatWave is a WAV file of stereo floats in the making.
type floatWave struct {
	file *os.File
	rate uint32
	size uint64
}

// header is the file's, for so many bytes of samples.
func (w *floatWave) header(size uint32) []byte {
	return sound.WaveHeader(format.F32, 2, int(w.rate), size)
}

func newFloatWave(beside string, rate uint32) (*floatWave, error) {
	f, err := os.CreateTemp(filepath.Dir(beside), ".mmlite-*.wav")
	if err != nil {
		return nil, com.Errorf(com.CodeOf(err), "cannot write beside %s: %v", beside, err)
	}
	w := &floatWave{file: f, rate: rate}
	_, err = f.Write(w.header(0))
	if err != nil {
		w.discard()
		return nil, err
	}
	return w, nil
}

// record writes what is captured until that ends.
func (w *floatWave) record(ctx context.Context, c audio.Capture) error {
	buf := make([]byte, 256<<10)
	for {
		n, frame, err := c.Read(ctx, buf)
		if err != nil {
			return fmt.Errorf("recording: %w", err)
		}
		if n == 0 {
			return nil
		}
		if frame*8 != w.size {
			return com.Errorf(com.ErrFailed, "recording: frames %d to %d were lost", w.size/8, frame)
		}
		if _, err := w.file.Write(buf[:n]); err != nil {
			return com.Errorf(com.CodeOf(err), "recording: %v", err)
		}
		w.size += uint64(n)
	}
}

// close completes the file with silence up to so many bytes of samples, and it appears under its name.
func (w *floatWave) close(name string, upTo uint64) error {
	const most = 1<<32 - 64
	h := w.header(uint32(min(upTo, most)))
	_, err := w.file.WriteAt(h, 0)
	if err == nil {
		err = w.file.Truncate(int64(upTo) + int64(len(h)))
	}
	if e := w.file.Close(); err == nil {
		err = e
	}
	temp := w.file.Name()
	w.file = nil
	if err == nil {
		err = os.Chmod(temp, 0o644)
	}
	if err == nil {
		err = os.Rename(temp, name)
	}
	if err != nil {
		os.Remove(temp)
		return com.Errorf(com.CodeOf(err), "cannot write %s: %v", name, err)
	}
	return nil
}

// discard removes a file that was not completed.
func (w *floatWave) discard() {
	if w == nil || w.file == nil {
		return
	}
	w.file.Close()
	os.Remove(w.file.Name())
	w.file = nil
}

// firstFailure is the error that ended the others, which were canceled for it.
func firstFailure(errs []error) (first error) {
	for _, err := range errs {
		if err != nil && (first == nil || com.CodeOf(first) == com.ErrCanceled) {
			first = err
		}
	}
	return first
}
