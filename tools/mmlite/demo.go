package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/examples/scenes"
	"github.com/mmlite/mmlite/synth/gm"
	"github.com/mmlite/mmlite/tools/mmlite/song"
)

// demoCmd shows what a card can do.
type demoCmd struct {
	Scene   []string `arg:"" optional:"" help:"What to show: sprites, layers, game, mesh. Default: all, in this order." enum:"sprites,layers,game,mesh" placeholder:"SCENE"`
	Seconds float64  `help:"How long each scene is shown, 0.1 to 3600. Default: six bars of the music, 12.9." default:"0" placeholder:"S"`
	Web     string   `help:"Where browsers find the screen; without a host it is for this computer alone. Default, for a card of one's own: any port that is free; none is no web monitor." placeholder:"[HOST]:PORT"`
	Shots   string   `help:"Keep a picture of each scene in this folder." placeholder:"DIR" type:"path"`
	Video   string   `help:"Record the screen of a card of one's own to this file, for ffmpeg or mpv: YUV4MPEG2." placeholder:"FILE.y4m" type:"path"`
	Device  string   `help:"Sound device of a card of one's own: one that 'mmlite devices' lists. Default: the best there is." placeholder:"NAME"`
	Silent  bool     `help:"No music and no sounds."`

	titles *scenes.Titles // nil: scenes are too short for them
}

// Help implements kong.HelpProvider.
func (*demoCmd) Help() string {
	return `A tour of programs that draw and play on a card: sprites by DirectDraw, hundreds of
layers, a game with sounds, a mesh by Direct3D, with music all the while. On a card
of its own it prints an address for a browser; a card that was given shows it on the
display it has. Ends with figures.`
}

// demoScenes are the stations of the tour, and what is written over them.
var demoScenes = []struct {
	name, caption, text string
	make                func() scenes.Scene
}{
	{"sprites", "Sprites", "DirectDraw: a flip chain, colour keys", func() scenes.Scene { return &scenes.Sprites{} }},
	{"layers", "Layers", "229 pictures, warped on the card", func() scenes.Scene { return &scenes.Layers{} }},
	{"game", "A game", "Pictures and sounds. Play: arrow keys", func() scenes.Scene { return &scenes.Game{} }},
	{"mesh", "A mesh", "Direct3D: lights, textures, mirror, fog", func() scenes.Scene { return &scenes.Mesh{} }},
}

// The tour goes with the tune that comes along, which has 112 beats a minute and its
// coda from beat 80 on: two bars for the title, six for each scene, and the last chord
// for the end.
const (
	beat       = 60. / 112
	titleTime  = 8 * beat
	sceneTime  = 24 * beat
	endingTime = 5
)

// demoReport is what demo says at the end.
type demoReport struct {
	Card     string             `json:"card"`
	Screen   string             `json:"screen"`
	Music    string             `json:"music,omitempty"`
	Scenes   []scenes.Report    `json:"scenes"`
	Composed uint64             `json:"frames_composed"`
	Late     uint64             `json:"frames_late"` // not ready at their blank
	Load     map[string]float64 `json:"load"`        // of processors, by what they were used for
	Seconds  float64            `json:"seconds"`
	Shots    []string           `json:"shots,omitempty"`
}

// Run implements kong.
func (d *demoCmd) Run(ctx context.Context, g *globals) error {
	own := g.Card == hostedOwn
	switch {
	case d.Seconds != 0 && !(d.Seconds >= 0.1 && d.Seconds <= 3600):
		return com.Errorf(com.ErrInvalid, "--seconds %v: want 0.1 to 3600", d.Seconds)
	case !own && (d.Video != "" || d.Device != ""):
		return com.Errorf(com.ErrInvalid, "--video and --device are for a card of one's own; %s has what it was started with", g.Card)
	case !own && d.Web != "" && !strings.HasPrefix(g.Card, hostedOwn):
		return com.Errorf(com.ErrInvalid, "--web is for hosted cards; for %s run: mmlite --card %s monitor --listen %s", g.Card, g.Card, d.Web)
	}
	if d.Shots != "" {
		if err := os.MkdirAll(d.Shots, 0o777); err != nil {
			return err
		}
	}
	name := strings.TrimPrefix(g.Card, hostedOwn)
	if own {
		// One that others can open: the monitor is a program of its own.
		name = fmt.Sprintf("demo-%d", os.Getpid())
		h, err := startHelper(append([]string{"run", "--attached", "--name", name}, d.cardArgs()...)...)
		if err != nil {
			return err
		}
		defer h.stop()
		if err := h.line(ctx, "card "); err != nil {
			return err
		}
		if g.Card = hostedOwn + name; d.Web == "" {
			d.Web = "127.0.0.1:0"
		}
	}
	card, err := hostdriver.Open(ctx, g.Card, hostdriver.Client("mmlite demo"))
	if err != nil {
		return err
	}
	var web func()
	ctx, cancel := context.WithCancel(ctx)
	if d.Web != "" && d.Web != "none" {
		url, wait, err := startWeb(ctx, name, d.Web)
		if err != nil {
			fmt.Fprintln(os.Stderr, "mmlite: no web monitor:", err)
		} else {
			web = wait
			fmt.Fprintf(os.Stderr, "in a browser: %s\n", url)
		}
	}
	r, err := d.tour(ctx, g, card)
	cancel()
	if web != nil {
		web()
	}
	if e := card.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	if g.JSON {
		return printJSON(r)
	}
	r.print()
	return nil
}

func (d *demoCmd) cardArgs() (args []string) {
	if d.Device != "" {
		args = append(args, "--device", d.Device)
	} else if d.Silent {
		args = append(args, "--device", "null")
	}
	if d.Video != "" {
		args = append(args, "--video", d.Video)
	}
	return args
}

// tour shows the scenes.
func (d *demoCmd) tour(ctx context.Context, g *globals, card *hostdriver.Card) (*demoReport, error) {
	stage, err := scenes.Open(ctx, card)
	if err != nil {
		return nil, err
	}
	defer stage.Close()
	stage.Silent = d.Silent
	began := time.Now()
	before, err := usage(ctx, card)
	if err != nil {
		return nil, err
	}
	first := stage.Info
	r := &demoReport{Card: card.Info().Board + ", " + card.Info().Link, Load: map[string]float64{}}
	r.Screen = fmt.Sprintf("%s, %d by %d pixels", first.Device, first.Width, first.Height)
	if !d.Silent {
		stop, err := music(ctx, card)
		if err != nil {
			return nil, err
		}
		defer stop()
		r.Music, _ = gm.Tune()
	}
	titled := d.Seconds == 0 || d.Seconds >= scenes.LeastTitled
	if titled {
		if d.titles, err = scenes.NewTitles(ctx, stage); err != nil {
			return nil, err
		}
		defer d.titles.Close()
		if err := d.titles.Card(ctx, titleTime, "MMLite", "Pictures and sound", "from a card that runs Go"); err != nil && ctx.Err() == nil {
			return nil, err
		}
	}
	ends := time.Since(began).Seconds()
	for _, s := range demoScenes {
		if len(d.Scene) > 0 && !slices.Contains(d.Scene, s.name) {
			continue
		}
		if titled {
			if ctx.Err() != nil {
				break // somebody has seen enough
			}
			if err := d.titles.Caption(ctx, s.caption, s.text); err != nil && ctx.Err() == nil {
				return nil, err
			}
		}
		// Scenes end with the music's bars, however long it took to begin.
		seconds := d.Seconds
		if ends += sceneTime; seconds == 0 {
			seconds = max(ends-time.Since(began).Seconds(), scenes.LeastTitled)
		}
		if err := d.show(ctx, g, stage, s.name, s.make(), seconds, r); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	if titled && len(r.Scenes) > 0 {
		if err := d.titles.Card(ctx, endingTime, "MMLite", r.lines()...); err != nil && ctx.Err() == nil {
			return nil, err
		}
	}
	// Figures are due even if somebody has seen enough.
	ctx = context.WithoutCancel(ctx)
	r.Seconds = time.Since(began).Seconds()
	last, err := stage.Screen.Info(ctx)
	if err != nil {
		return nil, err
	}
	r.Composed, r.Late = last.Composed-first.Composed, last.Late-first.Late
	after, err := usage(ctx, card)
	if err != nil {
		return nil, err
	}
	for name, seconds := range after {
		if load := (seconds - before[name]) / r.Seconds; load >= 0.001 {
			r.Load[name] = load
		}
	}
	return r, nil
}

// show shows one scene, and keeps a picture of it.
func (d *demoCmd) show(ctx context.Context, g *globals, stage *scenes.Stage, name string, s scenes.Scene, seconds float64, r *demoReport) error {
	if !g.JSON {
		fmt.Printf("\n%s\n", s.Title())
		for _, line := range s.Text() {
			fmt.Println("  " + line)
		}
	}
	if err := s.Open(ctx, stage); err != nil {
		return err
	}
	defer s.Close()
	bar := newBar(!g.JSON, name, int64(seconds*1000/periodOf(stage)), untimed...)
	shot := d.Shots == ""
	report, err := scenes.Run(ctx, stage, s, seconds, func(frame uint64) error {
		_ = bar.Set64(int64(frame)) // of a terminal that went away, at worst
		at := float64(frame) * periodOf(stage) / 1000
		if d.titles != nil {
			if err := d.titles.Show(at, seconds); err != nil {
				return err
			}
		}
		if shot || at < 0.6*seconds { // when nothing is written any more
			return nil
		}
		shot = true
		if d.titles != nil && at > seconds-1 { // it fades out already, where frames are few
			if err := d.titles.Lift(ctx); err != nil {
				return err
			}
		}
		return d.keep(ctx, stage, name, r)
	})
	_ = bar.Finish()
	if err != nil {
		return err
	}
	r.Scenes = append(r.Scenes, report)
	return nil
}

// keep keeps a picture of what is shown.
func (d *demoCmd) keep(ctx context.Context, stage *scenes.Stage, name string, r *demoReport) error {
	img, err := stage.Shot(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	file := filepath.Join(d.Shots, name+".png")
	r.Shots = append(r.Shots, file)
	return scenes.SavePNG(file, img)
}

// periodOf is how many milliseconds a frame is shown.
func periodOf(s *scenes.Stage) float64 { return 1e6 / float64(max(s.Info.Refresh, 1)) }

// music has the tune that comes along be played over and over, softly, until stop is
// called.
func music(ctx context.Context, card *hostdriver.Card) (stop func(), err error) {
	synth, err := hostdriver.Bind(ctx, card, "/synth", audio.SynthType)
	if err != nil {
		return nil, err
	}
	defer synth.Release()
	_, smf := gm.Tune()
	s, err := song.Parse(smf, card.Info().Frames)
	if err != nil {
		return nil, err
	}
	port, err := synth.Open(ctx, audio.PortOptions{Name: "mmlite demo", Effects: true, Gain: 0.4})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		at, started := uint64(0), false
		for ctx.Err() == nil {
			err := queueSong(ctx, port, at, s, func() error {
				if started {
					return nil
				}
				started = true
				return port.Start(ctx)
			})
			if err != nil {
				if ctx.Err() == nil {
					fmt.Fprintln(os.Stderr, "mmlite: the music ended:", err)
				}
				return
			}
			at += s.Frames + uint64(pause.Seconds()*float64(card.Info().Frames))
		}
	}()
	return func() {
		cancel()
		<-done
		port.Release()
	}, nil
}
