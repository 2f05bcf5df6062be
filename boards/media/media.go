// Package media is the image that boards boot: the mixer with the board's sound
// device, the synthesizer, the screen and what draws on it, and the object links are
// measured with.
package media

import (
	"context"
	"slices"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/component"
	"github.com/mmlite/mmlite/firmware/link/share"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/namespace"
	"github.com/mmlite/mmlite/firmware/policies"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	hands "github.com/mmlite/mmlite/graphics/input"
	"github.com/mmlite/mmlite/mixer/output"
	"github.com/mmlite/mmlite/mmd"
	"github.com/mmlite/mmlite/synth"
)

// Names of the components.
const (
	Audio = "audio" // the mixer and the sound device: audio.Output
	Synth = "synth" // the factory of synthesizer ports: audio.Synth
	Echo  = "echo"  // system.Echo

	Screen   = "screen"   // the compositor and the display: graphics.Screen
	Graphics = "graphics" // the factory of devices: graphics.Graphics
	Input    = "input"    // keys and pointers: input.Input
)

// Media is the image on one card.
type Media struct {
	card   *firmware.Card
	device func() (output.Device, error)
	out    *output.Output // once it is loaded; it stays
	synth  *synth.Factory // once it is loaded; it stays
	mmd    *mmd.Server
	page   *page

	pictures pictures
	input    *hands.Input // once it is loaded; it stays
}

// New returns an image whose sound device is opened by device, when the mixer is
// loaded.
func New(device func() (output.Device, error)) *Media { return &Media{device: device} }

// Image returns what a firmware.Config takes.
func (m *Media) Image() firmware.Image {
	return firmware.Image{
		Name:       "media",
		Components: m.components,
		Stubs:      slices.Concat(system.Stubs, audio.Stubs, graphics.Stubs, input.Stubs),
		Start:      []string{Audio, Synth, Screen, Graphics, Input},
		Policies:   policies.Components(),
		// On the spare processor, too: it costs no more than round robin, and calls
		// beside work that never rests are answered within 2 ms instead of 40.
		Run: firmware.Policies{RealTime: policies.Constraint, Spare: policies.Constraint},
	}
}

// keep is the property of components that stay loaded.
var keep = []component.Property{{Name: "keep", Value: "true"}}

func (m *Media) components(card *firmware.Card) ([]component.Component, error) {
	m.card = card
	return []component.Component{
		{Manifest: component.Manifest{
			Name: Audio, Version: firmware.Version, Properties: keep,
			Doc:      "mixer, limiter and sound device",
			Provides: component.Contracts(&audio.OutputType.Descriptor),
		}, New: m.newAudio},
		{Manifest: component.Manifest{
			Name: Synth, Version: firmware.Version, Properties: keep,
			Doc:      "wavetable synthesizer, DLS and SoundFont 2",
			Provides: component.Contracts(&audio.SynthType.Descriptor),
			Requires: []component.Requirement{{Name: Audio, Contract: component.Contracts(&audio.OutputType.Descriptor)[0]}},
		}, New: m.newSynth},
		{Manifest: component.Manifest{
			Name: Screen, Version: firmware.Version, Properties: keep,
			Doc:      "compositor and display",
			Provides: component.Contracts(&graphics.ScreenType.Descriptor),
		}, New: m.newScreen},
		{Manifest: component.Manifest{
			Name: Graphics, Version: firmware.Version, Properties: keep,
			Doc:      "surfaces, flip chains, palettes and blits",
			Provides: component.Contracts(&graphics.GraphicsType.Descriptor),
			Requires: []component.Requirement{{Name: Screen, Contract: component.Contracts(&graphics.ScreenType.Descriptor)[0]}},
		}, New: m.newGraphics},
		{Manifest: component.Manifest{
			Name: Input, Version: firmware.Version, Properties: keep,
			Doc:      "keys, pointers and text",
			Provides: component.Contracts(&input.InputType.Descriptor),
		}, New: m.newInput},
		{Manifest: component.Manifest{
			Name: Echo, Version: firmware.Version,
			Doc:      "measures links",
			Provides: component.Contracts(&system.EchoType.Descriptor),
		}, New: func(*component.Env) (com.Unknown, error) { return mmd.NewEchoOn(card.Spare), nil }},
	}, nil
}

// processor runs what renders: the real-time one, unless the device has no clock
// and everything may take its time.
func (m *Media) processor(offline bool) *thread.Processor {
	if offline {
		return m.card.Spare
	}
	return m.card.RealTime
}

func (m *Media) newAudio(env *component.Env) (com.Unknown, error) {
	d, err := m.device()
	if err != nil {
		return nil, err
	}
	out, err := output.New(output.Config{
		Processor: m.processor(d.Offline()), Spare: m.card.Spare, Device: d, Heap: env.Heap,
		Audio: m.card.Activities.Get("audio"), Mixer: m.card.Activities.Get("mixer"),
		Log: m.card.Log.Alarmf, // it tells of nothing but what goes wrong
	})
	if err != nil {
		return nil, err
	}
	m.out = out
	if err := m.card.AddStatus("audio", func() any { return out.Status() }); err != nil {
		return nil, err
	}
	return out, nil
}

func (m *Media) newSynth(env *component.Env) (com.Unknown, error) {
	o, err := component.Bind(context.Background(), env, Audio, audio.OutputType)
	if err != nil {
		return nil, err
	}
	defer o.Release()
	out, ok := o.(*output.Output)
	if !ok {
		return nil, com.Errorf(com.ErrNotSupported, "the synthesizer feeds the mixer of its own card, and /%s is none", Audio)
	}
	f, err := synth.New(synth.Config{
		Processor: m.processor(out.Offline()), Spare: m.card.Spare, Output: out, Heap: env.Heap,
		Activity: m.card.Activities.Get("synth"), Log: m.card.Log.Printf,
	})
	if err != nil {
		return nil, err
	}
	m.synth = f
	if err := m.card.AddStatus("synth", func() any { return f.Status() }); err != nil {
		return nil, err
	}
	return f, nil
}

// Serve returns the server for the card's links, once the card has booted.
func (m *Media) Serve(card *firmware.Card) (*mmd.Server, error) {
	p := &page{m: m}
	m.page = p
	s := mmd.New(mmd.Config{
		Processor: card.Spare, Root: card.Names, Stubs: card.Config().Image.Stubs,
		Info: m.info, Log: card.Log.Since, Logf: card.Log.Printf, Alarmf: card.Log.Alarmf,
		Activity: card.Activities.Get, Forget: card.Activities.Forget,
		Reserve: func(a *sched.Activity, amount, period machine.Duration) (sched.Grant, error) {
			return card.Reserve(card.Spare, a, amount, period)
		},
		Stirred: p.stirred, Welcome: m.welcome,
	})
	m.mmd = s
	if err := card.AddStatus("link", func() any { return s.Status() }); err != nil {
		return nil, err
	}
	if f := m.pictures.front; f != nil {
		if err := f.open(m, m.pictures.screen); err != nil {
			return nil, err
		}
	}
	if card.Machine.Virtual() {
		return s, nil // a thread that never rests would hide that nothing else can happen
	}
	_, err := card.Spare.Spawn("status page", thread.Attributes{Activity: card.Activities.Get("status")}, p.run)
	return s, err
}

// What a single client may use of the synthesizer and the mixer.
const (
	clientPorts       = 16
	clientVoices      = 2048
	clientBytes       = 256 << 20 // of banks
	clientStreams     = 64
	clientStreamBytes = 32 << 20
)

// welcome gives a client a synthesizer and an output with quotas of its own.
func (m *Media) welcome(own *namespace.Dir, area *share.Area) error {
	m.page.stirred() // there is a page more to write
	if m.out != nil {
		v := m.out.View(output.Limits{Streams: clientStreams, Bytes: clientStreamBytes, Share: area})
		defer v.Release()
		if err := own.Put(Audio, v); err != nil {
			return err
		}
	}
	if err := m.pictures.welcome(own, area); err != nil {
		return err
	}
	if m.input != nil {
		v := m.input.View(hands.Limits{Queues: clientQueues})
		defer v.Release()
		if err := own.Put(Input, v); err != nil {
			return err
		}
	}
	if m.synth == nil {
		return nil
	}
	v := m.synth.View(synth.Limits{Ports: clientPorts, Voices: clientVoices, Bytes: clientBytes})
	defer v.Release()
	return own.Put(Synth, v)
}

// clientQueues is how many queues of input a single client may have.
const clientQueues = 8

// Input is where the board's own keys and pointers post what is done, nil before the
// card has booted.
func (m *Media) Input() *hands.Input { return m.input }

func (m *Media) newInput(*component.Env) (com.Unknown, error) {
	m.input = hands.New(m.card.Spare)
	return m.input, m.card.AddStatus(Input, func() any { return m.input.Status() })
}

func (m *Media) info() system.Info {
	i := m.card.Info()
	if m.out != nil {
		o, err := m.out.Info(context.Background())
		if err == nil {
			i.Frames, i.Period, i.Device = o.Rate, o.Period, o.Device
		}
	}
	return i
}
