package main

import (
	"reflect"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// contract is one that this program can call without knowing it beforehand.
type contract struct {
	*com.Descriptor
	api reflect.Type // its Go interface
	// query asks an object for the contract; the result has a reference of its own.
	query func(com.Unknown) (com.Unknown, error)
}

func contractOf[T com.Unknown](t *com.Type[T]) contract {
	return contract{&t.Descriptor, reflect.TypeFor[T](), func(o com.Unknown) (com.Unknown, error) { return com.Query(o, t) }}
}

// contracts are those linked into this program.
func contracts() []contract {
	return []contract{
		contractOf(system.SystemType), contractOf(system.NamespaceType), contractOf(system.StatusType),
		contractOf(system.FileType), contractOf(system.EchoType),
		contractOf(system.SchedulerType), contractOf(system.PolicyType), contractOf(system.TraceType),
		contractOf(audio.SynthType), contractOf(audio.BankType), contractOf(audio.PortType), contractOf(audio.InstrumentType),
		contractOf(audio.CaptureType), contractOf(audio.OutputType), contractOf(audio.StreamType),
		contractOf(audio.BufferType), contractOf(audio.ListenerType), contractOf(system.MemoryType),
		contractOf(graphics.GraphicsType), contractOf(graphics.DeviceType), contractOf(graphics.SurfaceType),
		contractOf(graphics.PaletteType), contractOf(graphics.LayerType), contractOf(graphics.RendererType),
		contractOf(graphics.VertexBufferType), contractOf(graphics.ScreenType), contractOf(graphics.ViewType),
		contractOf(input.InputType), contractOf(input.QueueType),
	}
}

// spoken returns the contracts that an object speaks, each with a reference.
func spoken(o com.Unknown) (list []contract, objs []com.Unknown, err error) {
	for _, c := range contracts() {
		v, err := c.query(o)
		if com.CodeOf(err) == com.ErrNoInterface {
			continue
		}
		if err != nil {
			com.Release(objs...)
			return nil, nil, err
		}
		list, objs = append(list, c), append(objs, v)
	}
	return list, objs, nil
}

// signature writes a method as a person calls it from the command line.
func signature(m *com.Method) string {
	s := m.Name
	for _, p := range m.Params {
		name := p.Name
		if p.Out {
			name += "=SIZE"
		} else {
			name += ":" + p.Type
		}
		s += " " + name
	}
	for i, r := range m.Results {
		if i == 0 {
			s += "  ->"
		}
		if r.Name != "" {
			s += " " + r.Name + ":" + r.Type
		} else {
			s += " " + r.Type
		}
	}
	if m.OneWay {
		s += "  (one-way)"
	}
	return s
}
