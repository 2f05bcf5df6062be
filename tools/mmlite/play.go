package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/synth/gm"
	"github.com/mmlite/mmlite/tools/mmlite/song"
)

// playCmd plays songs and recordings.
type playCmd struct {
	Bank     string       `help:"Play with this bank, DLS or SoundFont 2, instead of the built-in one." type:"existingfile" placeholder:"FILE"`
	Out      string       `help:"Render to this WAV file, as fast as it goes." placeholder:"FILE.wav"`
	Realtime bool         `help:"Keep time even when rendering to a file."`
	Device   string       `help:"Sound device: one that 'mmlite devices' lists. Default: the best there is." placeholder:"NAME"`
	Here     bool         `help:"Hear a card that is elsewhere on this computer; see mmlite listen. --device is then one of this computer's."`
	Interp   string       `help:"Interpolation: linear, cubic or sinc." enum:"linear,cubic,sinc" default:"cubic"`
	Effects  string       `help:"Reverberation and chorus: on, off, or auto, which is on for what is listened to, and off for files, so that they can be processed and compared." enum:"on,off,auto" default:"auto"`
	Timing   string       `help:"When events sound: exact, at their frames; player, when FluidSynth's player would send them, to compare with it." enum:"exact,player" default:"exact"`
	Voices   uint32       `help:"Voices at once, 16 to 1024." default:"256" placeholder:"N"`
	Gain     float32      `help:"Linear gain; 0 is the synthesizer's default." default:"0" placeholder:"G"`
	Quality  string       `help:"Rate conversion of WAV files: fast, normal or high." enum:"fast,normal,high" default:"high"`
	Policy   policyChoice `help:"Scheduling policies of a card of one's own; see mmlite run." placeholder:"realtime=NAME,spare=NAME"`
	Files    []string     `arg:"" optional:"" help:"MIDI and WAV files, played one after the other. Default: the tune that comes along." type:"existingfile"`

	exports []*hostdriver.Exports // bank files that the card reads
}

// report is what play says at the end.
type report struct {
	Device         string             `json:"device"`
	Output         string             `json:"output,omitempty"`
	Bank           string             `json:"bank"`
	Songs          []string           `json:"songs"`
	AudioSeconds   float64            `json:"audio_seconds"`
	WallSeconds    float64            `json:"wall_seconds"`
	PeakVoices     uint32             `json:"peak_voices"`
	Load           map[string]float64 `json:"load"`
	RPCCalls       uint64             `json:"rpc_calls"`
	DeadlineMisses uint64             `json:"deadline_misses"`
	Underruns      uint64             `json:"underruns"`
	LateEvents     uint64             `json:"late_events"`
	StolenVoices   uint64             `json:"stolen_voices"`
	NotLoaded      uint64             `json:"not_loaded"`  // notes that came before their samples
	DryStreams     uint64             `json:"dry_streams"` // times that a WAV file was not delivered in time
}

// Run implements kong.
func (p *playCmd) Run(ctx context.Context, g *globals) (err error) {
	if err := p.readable(); err != nil {
		return err
	}
	args, err := p.cardArgs(g)
	if err != nil {
		return err
	}
	if err := mayWrite(p.Out, append([]string{p.Bank}, p.Files...)...); err != nil {
		return err
	}
	args = append(args, p.Policy.args()...)
	opts := []hostdriver.Option{hostdriver.CardArgs(args...), hostdriver.Client("mmlite play")}
	if self, err := os.Executable(); err == nil && g.Card == hostedOwn { // whatever it is called
		opts = append(opts, hostdriver.Command(self))
	}
	card, err := hostdriver.Open(ctx, g.Card, opts...)
	if err != nil {
		return err
	}
	began := time.Now()
	r, err := p.playAll(ctx, g, card)
	// The card ends with the link, and a file is complete only then.
	if e := card.Close(); err == nil {
		err = e
	}
	for _, e := range p.exports {
		e.Close()
	}
	if err != nil {
		return err
	}
	r.WallSeconds = time.Since(began).Seconds()
	if g.JSON {
		return json.NewEncoder(os.Stdout).Encode(r)
	}
	r.print()
	return nil
}

const hostedOwn = "hosted:"

// cardArgs says how a card of one's own is started, and where its sound goes. What
// no card takes is refused before one is started.
func (p *playCmd) cardArgs(g *globals) ([]string, error) {
	if err := errors.Join(inBounds("play.voices", float64(p.Voices)), inBounds("play.gain", float64(p.Gain))); err != nil {
		return nil, err
	}
	if g.Card != hostedOwn {
		if p.Device != "" && !p.Here {
			return nil, com.Errorf(com.ErrInvalid, "--device is for a card of one's own, or for --here; the card %s plays on its own device", g.Card)
		}
		if p.Policy != "" {
			return nil, com.Errorf(com.ErrInvalid, "--policy is for a card of one's own; the card %s has those that it was started with: start it with mmlite run --policy %s", g.Card, p.Policy)
		}
		return nil, nil
	}
	if p.Here {
		return nil, com.Errorf(com.ErrInvalid, "--here is for cards that are elsewhere: say which with --card")
	}
	if p.Out != "" && !p.Realtime {
		if p.Device != "" {
			return nil, com.Errorf(com.ErrInvalid, "--out and --device exclude each other, unless with --realtime")
		}
		path, err := filepath.Abs(p.Out)
		return []string{"--device", "wav:" + path}, err
	}
	if p.Device == "" && p.Out == "" && !available() {
		p.Out = "tune.wav"
		fmt.Fprintln(os.Stderr, "mmlite: there is no sound device here (mmlite devices says why): writing tune.wav instead")
		path, err := filepath.Abs(p.Out)
		return []string{"--device", "wav:" + path}, err
	}
	if p.Device == "" && p.Out != "" && !available() {
		return []string{"--device", "null"}, nil
	}
	return []string{"--device", p.Device}, nil
}

// available reports whether some device plays to somebody.
func available() bool {
	for _, d := range sound.List() {
		if d.Default && d.Available {
			return true
		}
	}
	return false
}

func (p *playCmd) playAll(ctx context.Context, g *globals, card *hostdriver.Card) (*report, error) {
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
	info, err := bank.Info(ctx)
	if err != nil {
		return nil, err
	}
	r := &report{Device: card.Info().Device, Output: p.Out, Bank: info.Name, Load: map[string]float64{}}
	if !g.JSON {
		fmt.Fprintf(os.Stderr, "card: %s, %s\nbank: %s (%s, %d instruments)\n", card.Info().Device, card.Info().Link, info.Name, info.Format, info.Presets)
	}
	port, err := synth.Open(ctx, p.options("mmlite play", bank))
	if err != nil {
		return nil, err
	}
	defer port.Release()
	out, err := hostdriver.Bind(ctx, card, "/audio", audio.OutputType)
	if err != nil {
		return nil, err
	}
	defer out.Release()
	before, err := usage(ctx, card)
	if err != nil {
		return nil, err
	}
	source := port.Capture
	if p.anyWave() {
		source = out.Capture // recordings do not pass through the port
	}
	rec, err := p.record(ctx, card, source)
	if err != nil {
		return nil, err
	}
	here, err := p.hear(ctx, g, card, out)
	if err != nil {
		return nil, errors.Join(err, rec.close())
	}
	pl := &player{
		card: card, port: port, out: out, rate: card.Info().Frames, quiet: g.JSON,
		quality: map[string]audio.Quality{"fast": audio.Fast, "normal": audio.Normal, "high": audio.High}[p.Quality],
	}
	first, err := pl.frame(ctx)
	if err == nil {
		err = p.each(func(name string, file io.Reader, wave bool) error {
			r.Songs = append(r.Songs, name)
			if wave {
				return pl.playWave(ctx, name, file)
			}
			smf, err := io.ReadAll(file)
			if err != nil {
				return err
			}
			s, err := p.parse(smf, card.Info().Frames)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return pl.play(ctx, name, s)
		})
	}
	if err == nil {
		err = pl.finish(ctx)
	}
	if e := here.end(ctx, err == nil); err == nil {
		err = e
	}
	if e := rec.close(); err == nil {
		err = e
	}
	if err != nil {
		return nil, err
	}
	r.DryStreams = pl.dry
	return r, p.fill(ctx, card, port, out, first, before, r)
}

// options are those of a port.
func (p *playCmd) options(name string, bank audio.Bank) audio.PortOptions {
	return audio.PortOptions{
		Name: name, Voices: p.Voices, Gain: p.Gain, Bank: bank,
		Interpolation: map[string]audio.Interpolation{"linear": audio.Linear, "cubic": audio.Cubic, "sinc": audio.Sinc}[p.Interp],
		Effects:       p.Effects == "on" || p.Effects == "auto" && p.Out == "",
	}
}

// loadBank shows the card the bank file, and nothing else, and has it loaded. The
// card goes on reading the file until p.exports are closed.
func (p *playCmd) loadBank(ctx context.Context, g *globals, card *hostdriver.Card, synth audio.Synth) (audio.Bank, error) {
	if p.Bank == "" {
		return synth.BuiltIn(ctx)
	}
	e := hostdriver.NewExports()
	p.exports = append(p.exports, e)
	name := filepath.Base(p.Bank)
	if err := e.AddFile("bank", p.Bank); err != nil {
		return nil, err
	}
	if err := card.Export(ctx, e); err != nil {
		return nil, err
	}
	file, err := hostdriver.Bind(ctx, card, "/host/bank", system.FileType)
	if err != nil {
		return nil, err
	}
	defer file.Release()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	b, err := synth.Load(ctx, file, name)
	if err != nil {
		return nil, fmt.Errorf("bank %s: %w", name, err)
	}
	if info, err := b.Info(ctx); err == nil && !g.JSON {
		for _, n := range info.Notes {
			fmt.Fprintln(os.Stderr, "bank:", n)
		}
	}
	return b, nil
}

// parse reads a song for a card of rate frames a second.
func (p *playCmd) parse(smf []byte, rate uint32) (*song.Song, error) {
	if p.Timing == "player" {
		return song.ParseForPlayer(smf, rate)
	}
	return song.Parse(smf, rate)
}

// readable reads all songs once before anything is opened for writing: a song that
// is damaged must not cost a file that was rendered before.
func (p *playCmd) readable() error {
	return p.each(func(name string, file io.Reader, wave bool) error {
		if wave {
			return nil // its length would have to be read, and its header is looked at again
		}
		b, err := io.ReadAll(file)
		if err != nil {
			return err
		}
		const anyRate = 44100
		if _, err := song.Parse(b, anyRate); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
}

// each calls f for every song and recording.
func (p *playCmd) each(f func(name string, file io.Reader, wave bool) error) error {
	if len(p.Files) == 0 {
		name, smf := gm.Tune()
		return f(name, bytes.NewReader(smf), false)
	}
	for _, path := range p.Files {
		if err := p.one(path, f); err != nil {
			return err
		}
	}
	return nil
}

func (p *playCmd) one(path string, f func(name string, file io.Reader, wave bool) error) error {
	file, wave, err := openSong(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && !wave && info.Size() > song.MaxBytes {
		return com.Errorf(com.ErrInvalid, "%s has %d bytes; a MIDI file has at most %d", path, info.Size(), song.MaxBytes)
	}
	return f(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), file, wave)
}

// openSong opens a file and looks whether it is a WAVE file. Devices and pipes are
// refused before they are opened: they may have no end, and opening may wait.
func openSong(path string) (file *os.File, wave bool, err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, false, com.Errorf(com.ErrInvalid, "%s is not a regular file", path)
	}
	if file, err = os.Open(path); err != nil {
		return nil, false, err
	}
	head := make([]byte, 12)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		file.Close()
		return nil, false, err
	}
	return file, isWave(head[:n]), nil
}

// anyWave reports whether a WAVE file is among the files.
func (p *playCmd) anyWave() bool {
	for _, path := range p.Files {
		file, wave, err := openSong(path)
		if err != nil {
			continue // it is told when its turn comes
		}
		file.Close()
		if wave {
			return true
		}
	}
	return false
}

// usage reads what the card's activities have used, in seconds.
func usage(ctx context.Context, card *hostdriver.Card) (map[string]float64, error) {
	s, err := hostdriver.Bind(ctx, card, "/status/activities", system.StatusType)
	if err != nil {
		return nil, err
	}
	defer s.Release()
	b, err := s.JSON(ctx)
	if err != nil {
		return nil, err
	}
	var list []struct {
		Activity string  `json:"activity"`
		Seconds  float64 `json:"cpu_seconds"`
	}
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, err
	}
	m := map[string]float64{}
	for _, a := range list {
		name := a.Activity
		if strings.HasPrefix(name, "client/") {
			name = "rpc"
		}
		m[name] += a.Seconds
	}
	return m, nil
}

// fill completes the report. The device had been given first frames before.
func (p *playCmd) fill(ctx context.Context, card *hostdriver.Card, port audio.Port, out audio.Output, first uint64, before map[string]float64, r *report) error {
	info, err := port.Info(ctx)
	if err != nil {
		return err
	}
	after, err := usage(ctx, card)
	if err != nil {
		return err
	}
	dev, err := out.Info(ctx)
	if err != nil {
		return err
	}
	r.AudioSeconds = float64(info.Frame) / float64(dev.Rate)
	if p.anyWave() {
		r.AudioSeconds = float64(dev.Frame-first) / float64(dev.Rate)
	}
	for name, seconds := range after {
		if load := (seconds - before[name]) / r.AudioSeconds; load > 0 && !math.IsInf(load, 0) {
			r.Load[name] = load
		}
	}
	r.PeakVoices, r.DeadlineMisses, r.LateEvents, r.StolenVoices = info.PeakVoices, info.Missed, info.Late, info.Stolen
	r.NotLoaded = info.NotLoaded
	r.RPCCalls, r.Underruns = card.Stats().Sent, dev.Underruns
	return nil
}

func (r *report) print() {
	fmt.Printf("%.1f s of sound in %.1f s, up to %d voices, %d calls to the card\n", r.AudioSeconds, r.WallSeconds, r.PeakVoices, r.RPCCalls)
	fmt.Printf("processor time per second of sound:")
	for _, name := range []string{"synth", "mixer", "audio", "rpc"} {
		if l, ok := r.Load[name]; ok {
			fmt.Printf("  %s %.2f %%", name, 100*l)
		}
	}
	fmt.Println()
	fmt.Printf("missed deadlines %d, underruns %d, late events %d, voices stolen %d\n", r.DeadlineMisses, r.Underruns, r.LateEvents, r.StolenVoices)
	if r.NotLoaded > 0 {
		fmt.Printf("notes that came before their samples %d\n", r.NotLoaded)
	}
	if r.DryStreams > 0 {
		fmt.Printf("WAV files were late %d times\n", r.DryStreams)
	}
	if r.Output != "" {
		fmt.Println("wrote", r.Output)
	}
}

var errNoSong = errors.New("nothing to play")
