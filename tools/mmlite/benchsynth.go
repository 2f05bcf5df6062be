package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/synth/gm"
)

// synthBench measures synthesizers.
type synthBench struct {
	Bank   string   `help:"The SoundFont that all play with. Default: TimGM6mb where it is installed, else the built-in bank and no peers." type:"existingfile" placeholder:"FILE.sf2"`
	Songs  []string `arg:"" optional:"" help:"Songs to measure the load of. Default: five of OpenTTD's where they are installed, else the tune that comes along." type:"existingfile"`
	Rounds int      `help:"Rounds to take the median of, 1 to 100." default:"3"`
	Peers  bool     `help:"Measure FluidSynth and TiMidity beside it, where they are installed." default:"true" negatable:""`
}

// Help implements kong.HelpProvider.
func (*synthBench) Help() string {
	return `Every synthesizer renders the same songs to nowhere, effects off, 44.1 kHz stereo,
in a process of its own; what counts is the processor time of the whole process.
voice_seconds_per_cpu_second is taken on two songs that hold 64 and 256 notes of
one voice for a minute, less what the same program takes for a song without notes.
load_per_song is processor time by playing time, in per cent, with nothing taken
off. Rounds alternate between the synthesizers, and the median counts.
mmlite's own lines are its voice engine by itself; "a card" is mmlite play --out,
a host and a card process and the link between them.`
}

// synthResult is what is measured. All figures are for the songs in Songs.
type synthResult struct {
	Bank string   `json:"bank"`
	Held []string `json:"held"` // what the voice-seconds were measured with
	// VoiceSeconds is of mmlite, by interpolation: those of 64 and of 256 voices.
	VoiceSeconds map[string][]float64 `json:"voice_seconds_per_cpu_second"`
	// Load is of mmlite with cubic interpolation, in per cent of a processor.
	Load map[string]float64 `json:"load_per_song"`
	// Peers are the others, and mmlite in other ways: the loops of processors
	// without vectors, and a whole card.
	Peers   map[string]*synthFigure `json:"peers"`
	Missing []string                `json:"missing,omitempty"` // peers, and why

	all map[string]*synthFigure // by renderer
}

// synthFigure is the same for one way to render.
type synthFigure struct {
	VoiceSeconds []float64          `json:"voice_seconds_per_cpu_second"`
	Load         map[string]float64 `json:"load_per_song"`
}

// renderer is a program that renders a song to nowhere.
type renderer struct {
	name string
	own  string // interpolation, if it is mmlite's engine
	args func(song string) []string
	cpu  map[string][]time.Duration // by song, of each round
}

// heldSeconds is for how long the notes of the voice songs sound.
const heldSeconds = 60

var heldVoices = []int{64, 256}

// Run implements kong.
func (b *synthBench) Run(ctx context.Context, g *globals) error {
	if b.Rounds < 1 || b.Rounds > 100 {
		return fmt.Errorf("--rounds %d: want 1 to 100", b.Rounds)
	}
	dir, err := os.MkdirTemp("", "mmlite")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	res := &synthResult{VoiceSeconds: map[string][]float64{}, Load: map[string]float64{}, Peers: map[string]*synthFigure{}, all: map[string]*synthFigure{}}
	b.defaults(res)
	names, err := b.songs(dir, res)
	if err != nil {
		return err
	}
	list := b.renderers(dir, res)
	bar := newBar(true, "rendering", int64(b.Rounds*len(list)*len(names)))
	for range b.Rounds {
		for _, song := range names {
			for _, r := range list {
				cpu, err := cpuOf(ctx, r.args(song))
				if err != nil {
					return fmt.Errorf("%s: %w", r.name, err)
				}
				r.cpu[song] = append(r.cpu[song], cpu)
				_ = bar.Add(1) // a terminal that went away is not worth an error
			}
		}
	}
	_ = bar.Finish()
	if err := res.fill(list, names[0], names[1:1+len(heldVoices)], names[1+len(heldVoices):]); err != nil {
		return err
	}
	if g.JSON {
		return printJSON(res)
	}
	return res.print(list)
}

const (
	timGM   = "/usr/share/sounds/sf2/TimGM6mb.sf2"
	openMSX = "/usr/share/games/openttd/baseset/openmsx"
)

func (b *synthBench) defaults(res *synthResult) {
	if b.Bank == "" {
		if _, err := os.Stat(timGM); err == nil {
			b.Bank = timGM
		}
	}
	if len(b.Songs) == 0 {
		all, _ := filepath.Glob(filepath.Join(openMSX, "*.mid"))
		for i := range min(5, len(all)) { // spread over the alphabet
			b.Songs = append(b.Songs, all[i*(len(all)-1)/max(min(5, len(all))-1, 1)])
		}
	}
	res.Bank = b.Bank
	if b.Bank == "" {
		res.Bank = "built-in"
	}
}

// songs puts the songs that are made here into dir: one without notes, and those
// that hold their notes. The real ones follow.
func (b *synthBench) songs(dir string, res *synthResult) ([]string, error) {
	var names []string
	for _, n := range append([]int{0}, heldVoices...) {
		name := filepath.Join(dir, fmt.Sprintf("%dvoices.mid", n))
		if err := os.WriteFile(name, heldSong(n), 0o600); err != nil {
			return nil, err
		}
		names = append(names, name)
		if n > 0 {
			res.Held = append(res.Held, fmt.Sprintf("%d organ notes for %d s", n, heldSeconds))
		}
	}
	if len(b.Songs) == 0 {
		name, tune := gm.Tune()
		name = filepath.Join(dir, name+".mid")
		if err := os.WriteFile(name, tune, 0o600); err != nil {
			return nil, err
		}
		return append(names, name), nil
	}
	return append(names, b.Songs...), nil
}

// renderers are mmlite's own engine, its card, and the peers.
func (b *synthBench) renderers(dir string, res *synthResult) []*renderer {
	var list []*renderer
	add := func(name, own string, args func(song string) []string) {
		list = append(list, &renderer{name, own, args, map[string][]time.Duration{}})
	}
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	bank := []string{}
	if b.Bank != "" {
		bank = []string{"--bank", b.Bank}
	}
	for _, kind := range []string{"linear", "cubic", "sinc"} {
		add("mmlite "+kind, kind, func(song string) []string {
			return slices.Concat([]string{self, "bench", "engine", "--interp", kind}, bank, []string{song})
		})
	}
	add("mmlite cubic, portable loops", "", func(song string) []string {
		return slices.Concat([]string{self, "bench", "engine", "--portable"}, bank, []string{song})
	})
	out := filepath.Join(dir, "out.wav")
	add("mmlite cubic, a card", "", func(song string) []string {
		return slices.Concat([]string{self, "play", "--json", "--effects", "off", "--out", out}, bank, []string{song})
	})
	switch {
	case !b.Peers:
		return list
	case b.Bank == "" || !strings.EqualFold(filepath.Ext(b.Bank), ".sf2"):
		res.Missing = append(res.Missing, "peers: they need a SoundFont file that all can read (--bank)")
		return list
	}
	if path, err := exec.LookPath("fluidsynth"); err != nil {
		res.Missing = append(res.Missing, "fluidsynth is not installed")
	} else {
		for _, k := range []struct {
			name  string
			order int
		}{{"linear", 1}, {"4th order", 4}, {"7th order", 7}} {
			cfg := filepath.Join(dir, fmt.Sprint("interp", k.order))
			if err := os.WriteFile(cfg, fmt.Appendf(nil, "interp %d\n", k.order), 0o600); err != nil {
				res.Missing = append(res.Missing, fmt.Sprintf("fluidsynth: %v", err))
				continue
			}
			add("FluidSynth "+k.name, "", func(song string) []string {
				return []string{path, "-niq", "-f", cfg, "-F", out, "-O", "s16", "-r", "44100", "-R", "0", "-C", "0", "-g", "0.6", b.Bank, song}
			})
		}
	}
	if path, err := exec.LookPath("timidity"); err != nil {
		res.Missing = append(res.Missing, "timidity is not installed")
	} else {
		for _, k := range []struct{ name, cache string }{{"", "-S4M"}, {", without its cache", "-S0"}} {
			add("TiMidity linear"+k.name, "", func(song string) []string {
				return []string{path, "-x", "soundfont " + b.Bank, "-Ow", "-s", "44100", "-idq", "-EFresamp=l", "-EFreverb=d", "-EFchorus=d", "-EFdelay=d", "-EFns=0", "-p", "256a", k.cache, "-o", out, song}
			})
		}
	}
	return list
}

// cpuOf runs a program and returns the processor time of it and of what it waited
// for.
func cpuOf(ctx context.Context, args []string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	text, err := cmd.CombinedOutput()
	if stopped := ctx.Err(); stopped != nil {
		return 0, stopped // which it did not of itself
	}
	if err != nil {
		return 0, com.Errorf(com.CodeOf(err), "%s: %v\n%s", strings.Join(args, " "), err, text)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

func median(d []time.Duration) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[len(d)/2]
}

// fill makes figures of times.
func (res *synthResult) fill(list []*renderer, empty string, held, songs []string) error {
	for _, r := range list {
		f := &synthFigure{Load: map[string]float64{}}
		for i, song := range held {
			took := max(median(r.cpu[song])-median(r.cpu[empty]), time.Millisecond)
			f.VoiceSeconds = append(f.VoiceSeconds, float64(heldVoices[i]*heldSeconds)/took.Seconds())
		}
		for _, song := range songs {
			length, err := songSeconds(song)
			if err != nil {
				return err
			}
			name := strings.TrimSuffix(filepath.Base(song), filepath.Ext(song))
			f.Load[name] = 100 * median(r.cpu[song]).Seconds() / length
		}
		res.all[r.name] = f
		switch r.own {
		case "":
			res.Peers[r.name] = f
		case "cubic":
			res.Load = f.Load
			fallthrough
		default:
			res.VoiceSeconds[r.own] = f.VoiceSeconds
		}
	}
	return nil
}

func (res *synthResult) print(list []*renderer) error {
	fmt.Printf("bank: %s\n", res.Bank)
	w := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "SYNTHESIZER\t64 VOICES\t256 VOICES\t")
	var songs []string
	for name := range res.Load {
		songs = append(songs, name)
	}
	slices.Sort(songs)
	for _, s := range songs {
		fmt.Fprintf(w, "%.12s\t", s)
	}
	fmt.Fprintln(w)
	for _, r := range list {
		f := res.all[r.name]
		fmt.Fprintf(w, "%s\t%.0f\t%.0f\t", r.name, f.VoiceSeconds[0], f.VoiceSeconds[1])
		for _, s := range songs {
			fmt.Fprintf(w, "%.2f %%\t", f.Load[s])
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Println("\nvoices: seconds of a voice that are rendered in a second of one processor; songs: load of one processor")
	for _, m := range res.Missing {
		fmt.Println("not measured:", m)
	}
	return nil
}
