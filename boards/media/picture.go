package media

import (
	"context"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/component"
	"github.com/mmlite/mmlite/firmware/link/share"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/namespace"
	"github.com/mmlite/mmlite/graphics/device"
	"github.com/mmlite/mmlite/graphics/display"
)

// The display of a board that has none: pictures are looked at over a link.
const (
	memoryWidth   = 640
	memoryHeight  = 480
	memoryRefresh = 60000
)

// pictures are the components that draw, once they are loaded; they stay.
type pictures struct {
	display func() (machine.Display, error)
	screen  *display.Screen
	factory *device.Factory
	front   *front // or nil
}

// SetDisplay says what opens the board's display, when the screen is loaded. Without,
// pictures are composed in card memory.
func (m *Media) SetDisplay(open func() (machine.Display, error)) { m.pictures.display = open }

// Screen is the card's, nil before the card has booted.
func (m *Media) Screen() *display.Screen { return m.pictures.screen }

func (m *Media) newScreen(env *component.Env) (com.Unknown, error) {
	open := m.pictures.display
	if open == nil {
		open = func() (machine.Display, error) {
			span, err := env.Heap.Alloc(memoryWidth*memoryHeight*machine.DisplayPixel, 0)
			if err != nil {
				return nil, err
			}
			d, _ := machine.NewPixels("memory", memoryWidth, memoryHeight, memoryRefresh, span.Bytes())
			return d, nil
		}
	}
	d, err := open()
	if err != nil {
		return nil, err
	}
	s, err := display.New(display.Config{
		Processor: m.card.Spare, Display: d, Heap: env.Heap, Activity: m.card.Activities.Get("screen"), Log: m.card.Log.Printf,
	})
	if err != nil {
		return nil, err
	}
	m.pictures.screen = s
	return s, nil
}

func (m *Media) newGraphics(env *component.Env) (com.Unknown, error) {
	o, err := component.Bind(context.Background(), env, Screen, graphics.ScreenType)
	if err != nil {
		return nil, err
	}
	defer o.Release()
	s, ok := o.(*display.Screen)
	if !ok {
		return nil, com.Errorf(com.ErrNotSupported, "devices draw on the screen of their own card, and /%s is none", Screen)
	}
	f, err := device.New(device.Config{
		Processor: m.card.Spare, Screen: s, Heap: env.Heap, Activity: m.card.Activities.Get("graphics"), Log: m.card.Log.Printf,
		Machine: m.card.Machine, Helpers: m.card.Helpers,
	})
	if err != nil {
		return nil, err
	}
	m.pictures.factory = f
	return f, m.card.AddStatus("graphics", func() any { return f.Status() })
}

// What a single client may use of the screen and of graphics memory.
const (
	clientDevices  = 16
	clientSurfaces = 1024
	clientPalettes = 256
	clientLayers   = 256
	clientPictures = 64 << 20 // bytes
	clientViews    = 8
)

// welcome gives a client a screen and a factory of devices with quotas of its own.
func (p *pictures) welcome(own *namespace.Dir, area *share.Area) error {
	if p.screen != nil {
		v := p.screen.View(display.Limits{Views: clientViews, Share: area})
		defer v.Release()
		if err := own.Put(Screen, v); err != nil {
			return err
		}
	}
	if p.factory == nil {
		return nil
	}
	v := p.factory.View(device.Limits{
		Devices: clientDevices, Surfaces: clientSurfaces, Palettes: clientPalettes, Layers: clientLayers, Bytes: clientPictures, Share: area,
	})
	defer v.Release()
	return own.Put(Graphics, v)
}
