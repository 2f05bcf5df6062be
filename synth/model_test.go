package synth

import (
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/synth/bank"
	"github.com/mmlite/mmlite/synth/dls"
	"github.com/mmlite/mmlite/synth/engine"
	"github.com/mmlite/mmlite/synth/gm"
)

// song is queued music with what the engine alone makes of it.
type song struct {
	messages []message
	end      uint64
}

type message struct {
	frame uint64
	data  []byte
}

func drawSong(t *rapid.T) song {
	var s song
	frame := uint64(0)
	for range rapid.IntRange(1, 40).Draw(t, "messages") {
		frame += rapid.SampledFrom([]uint64{0, 0, 1, 63, 64, 255, 256, 257, 1000, 3000}).Draw(t, "gap")
		channel := byte(rapid.IntRange(0, 15).Draw(t, "channel"))
		key := byte(rapid.IntRange(30, 90).Draw(t, "key"))
		var data []byte
		switch rapid.IntRange(0, 5).Draw(t, "kind") {
		case 0:
			data = []byte{0xC0 | channel, byte(rapid.IntRange(0, 127).Draw(t, "program")), 0}
		case 1:
			data = []byte{0x80 | channel, key, 0}
		case 2:
			data = []byte{0xB0 | channel, rapid.SampledFrom([]byte{1, 7, 10, 64, 123}).Draw(t, "cc"), byte(rapid.IntRange(0, 127).Draw(t, "value"))}
		case 3:
			data = []byte{0xF0, 0x7F, 0x7F, 4, 1, 0, byte(rapid.IntRange(30, 127).Draw(t, "volume")), 0xF7}
		default:
			data = []byte{0x90 | channel, key, byte(rapid.IntRange(1, 127).Draw(t, "velocity"))}
		}
		s.messages = append(s.messages, message{frame, data})
	}
	s.end = frame + uint64(rapid.IntRange(0, 2000).Draw(t, "rest"))
	return s
}

var builtIn = sync.OnceValues(func() (*bank.Bank, error) {
	b, _, err := dls.Parse(gm.Bank(), dls.Options{})
	return b, err
})

// alone is what an engine makes of the song up to its last period.
func (s song) alone(t *rapid.T) []float32 {
	b, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(engine.Config{SampleRate: rate, Voices: 64})
	if err == nil {
		err = e.SetBank(b)
	}
	if err != nil {
		t.Fatal(err)
	}
	left, right := make([]float32, period), make([]float32, period)
	var out []float32
	todo := s.messages
	for at := uint64(0); at < s.end; at += period {
		for len(todo) > 0 && todo[0].frame < at+period {
			m, offset := todo[0], int(todo[0].frame-at)
			todo = todo[1:]
			if m.data[0] == 0xF0 {
				err = e.SysEx(offset, m.data)
			} else {
				err = e.Event(offset, m.data[0], m.data[1], m.data[2])
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		e.Render(left, right)
		for i := range left {
			out = append(out, left[i], right[i])
		}
	}
	return out
}

// TestPortsAgainstTheEngine has random songs played by several ports at once, with
// calls cut anyhow, and compares every port with an engine of its own.
func TestPortsAgainstTheEngine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRig(t, &device{queue: rapid.IntRange(1, 5).Draw(t, "queue"), offline: rapid.Bool().Draw(t, "offline")})
		songs := make([]song, rapid.IntRange(1, 3).Draw(t, "ports"))
		records := make([]*recorder, len(songs))
		done := make([]func() bool, len(songs))
		for i := range songs {
			songs[i] = drawSong(t)
			cut := rapid.IntRange(1, 20).Draw(t, "cut")
			p := r.open(audio.PortOptions{Voices: 64})
			records[i] = r.capture(p)
			if r.dev.offline && rapid.Bool().Draw(t, "start first") {
				must(t, p.Start(background)) // in real time this would make events late
			}
			done[i] = r.start(func() { r.queueSong(p, songs[i], cut) })
			r.run(machine.Duration(rapid.IntRange(0, 20).Draw(t, "pause")) * machine.Millisecond)
		}
		for n := 0; ; n++ {
			r.run(machine.Second / 10)
			if !slices.ContainsFunc(done, func(f func() bool) bool { return !f() }) && !slices.ContainsFunc(records, func(c *recorder) bool { return !c.ended }) {
				break
			}
			if n > 1200 {
				t.Fatal("it takes more than two minutes")
			}
		}
		for i, s := range songs {
			want := s.alone(t)
			got := records[i].samples
			records[i].c.Release()
			if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
				t.Fatalf("port %d: what it renders and what the engine does alone differ, in %d of %d frames", i, len(got)/2, len(want)/2)
			}
		}
	})
}

// queueSong queues a song in pieces, starts the port if that is yet to be done, and
// drains it.
func (r *rig) queueSong(p audio.Port, s song, cut int) {
	var short []audio.Event
	flush := func(until uint64) {
		if err := p.Queue(background, short, until); err != nil {
			r.t.Errorf("Queue: %v", err)
		}
		short = short[:0]
	}
	for _, m := range s.messages {
		if m.data[0] == 0xF0 {
			flush(0)
			if err := p.QueueSysEx(background, m.frame, m.data); err != nil {
				r.t.Errorf("QueueSysEx: %v", err)
			}
			continue
		}
		short = append(short, audio.Event{Frame: m.frame, Message: uint32(m.data[0]) | uint32(m.data[1])<<8 | uint32(m.data[2])<<16})
		if len(short) == cut {
			flush(m.frame)
		}
	}
	flush(s.end)
	if !p.(*Port).in.Started() {
		if err := p.Start(background); err != nil {
			r.t.Errorf("Start: %v", err)
		}
	}
	if err := p.Drain(background); err != nil {
		r.t.Errorf("Drain: %v", err)
	}
	p.Release()
}
