package synth

import (
	"context"
	"slices"
	"testing"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/synth/gm"
)

const violin, organ = 40, 16

func (r *rig) download(k audio.Bank, program uint8, low, high uint8) *Instrument {
	r.t.Helper()
	var in audio.Instrument
	r.call(func() {
		var err error
		if in, err = k.Download(background, audio.Preset{Program: program}, low, high); err != nil {
			r.t.Fatal(err)
		}
	})
	return in.(*Instrument)
}

func (r *rig) assign(p audio.Port, in audio.Instrument, program uint8) {
	r.t.Helper()
	r.call(func() {
		if err := p.Assign(background, in, audio.Preset{Program: program}); err != nil {
			r.t.Fatal(err)
		}
	})
}

func TestADownloadedInstrumentPlaysInPlaceOfAProgram(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	notes := func(n uint32) []audio.Event {
		return []audio.Event{program(0, 0, n), on(100, 0, 60, 100), off(20000, 0, 60)}
	}
	want := r.play(r.open(audio.PortOptions{}), notes(organ))
	plain := r.play(r.open(audio.PortOptions{}), notes(violin))
	k := r.load(newFile(gm.Bank()))
	in := r.download(k, organ, 0, 127)
	if i, _ := in.Info(background); i.Name == "" || i.Waves == 0 || i.Failed != 0 || i.Bytes == 0 || i.Regions == 0 {
		t.Errorf("%+v", i)
	}
	p := r.open(audio.PortOptions{})
	r.assign(p, in, violin)
	in.Release() // the port holds it
	if got := r.play(p, notes(violin)); !slices.Equal(got[:2*20000], want[:2*20000]) {
		t.Error("the program does not sound as the instrument")
	}
	// Taken away, the bank's own program is there again.
	in = r.download(k, organ, 0, 127)
	p = r.open(audio.PortOptions{})
	r.assign(p, in, violin)
	r.assign(p, nil, violin)
	if got := r.play(p, notes(violin)); !slices.Equal(got[:2*20000], plain[:2*20000]) {
		t.Error("the program does not sound as the bank's own")
	}
	com.Release(in, k)
	r.run(machine.Second / 10)
	if n := r.f.all.bytes.Load(); n != 0 {
		t.Errorf("%d bytes are counted", n)
	}
}

// TestWavesAreCounted downloads and drops instruments of one bank and watches the memory.
func TestWavesAreCounted(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	k := r.load(newFile(gm.Bank()))
	empty := r.h.Usage()
	a := r.download(k, organ, 0, 127)
	one := r.h.Usage()
	b := r.download(k, organ, 0, 127)
	if now := r.h.Usage(); now.Held != one.Held || now.Held == empty.Held {
		t.Errorf("%d bytes held, %d with one of two instruments of the same waves", now.Held, one.Held)
	}
	if i, _ := b.Info(background); i.Shared != i.Waves {
		t.Errorf("%+v", i)
	}
	c := r.download(k, organ, 60, 60)
	if i, _ := c.Info(background); i.Waves == 0 || i.Waves > b.info.Waves || i.Regions >= b.info.Regions {
		t.Errorf("for one key: %+v, for all: %+v", i, b.info)
	}
	d := r.download(k, violin, 0, 127)
	if now := r.h.Usage(); now.Held <= one.Held {
		t.Error("another instrument took nothing")
	}
	com.Release(a, d)
	r.run(machine.Second / 100)
	if now := r.h.Usage(); now.Held != one.Held {
		t.Errorf("%d bytes held, %d with the same instruments before", now.Held, one.Held)
	}
	com.Release(b, c)
	r.run(machine.Second / 100)
	if now := r.h.Usage(); now.Held != empty.Held || now.Blocks != empty.Blocks {
		t.Errorf("%d bytes held in the end, %d in the beginning", now.Held, empty.Held)
	}
	if i, _ := k.Info(background); i.Samples != 0 || i.Bytes != uint64(k.loader.tables) {
		t.Errorf("%+v", i)
	}
	k.Release()
}

// TestUnloadingWhileNotesPlay takes an instrument away under sounding notes: they sound on, sample for sample, and
// the memory goes back when they have ended.
func TestUnloadingWhileNotesPlay(t *testing.T) {
	sound := func(unload bool) (samples []float32, left uint64) {
		r := newRig(t, &device{queue: 3})
		k := r.load(newFile(gm.Bank()))
		empty := r.h.Usage().Held
		in := r.download(k, organ, 0, 127)
		p := r.open(audio.PortOptions{})
		r.assign(p, in, violin)
		loaded := in.info.Bytes
		rec := r.capture(p)
		must(t, p.Start(background))
		r.call(func() {
			must(t, p.Queue(background, []audio.Event{program(0, 0, violin), on(0, 0, 60, 100), on(0, 0, 67, 100), off(60000, 0, 60), off(60000, 0, 67)}, 0))
		})
		r.run(machine.Second / 2)
		if unload {
			r.assign(p, nil, violin)
			in.Release()
			r.run(machine.Second / 2)
			if held := r.f.all.bytes.Load(); held < int64(loaded) {
				t.Error("the waves went before their voices")
			}
		}
		r.run(3 * machine.Second)
		if unload {
			if n := r.f.all.bytes.Load(); n != k.loader.tables {
				t.Errorf("%d bytes are counted after the voices have ended, %d before", n, k.loader.tables)
			}
			left = r.h.Usage().Held - min(empty, r.h.Usage().Held)
		} else {
			in.Release()
		}
		com.Release(p, k)
		for !rec.ended {
			r.run(machine.Second / 10)
		}
		rec.c.Release()
		return rec.samples, left
	}
	want, _ := sound(false)
	got, _ := sound(true)
	n := 2 * min(last(want), last(got))
	if n < 2*60000 || !slices.Equal(got[:n], want[:n]) {
		t.Errorf("the notes sound otherwise: %d frames, %d untouched", last(got), last(want))
	}
}

// TestABankInUseKeepsWhatInstrumentsDrop holds that a port's own bank is not emptied under it.
func TestABankInUseKeepsWhatInstrumentsDrop(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	k := r.load(newFile(gm.Bank()))
	p := r.open(audio.PortOptions{Bank: k})
	in := r.download(k, organ, 0, 127)
	in.Release()
	r.run(machine.Second / 100)
	if i, _ := k.Info(background); i.Samples == 0 {
		t.Error("the samples have gone")
	}
	if got := r.play(p, []audio.Event{program(0, 0, organ), on(0, 0, 60, 100), off(9000, 0, 60)}); first(got) < 0 {
		t.Error("silence")
	}
	k.Release()
}

func TestDownloadsThatFail(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	r.f.log = func(string, ...any) {}
	src := newFile(gm.Bank())
	k := r.load(src)
	empty := r.h.Usage().Held
	fails := func(want com.Code, preset audio.Preset, low, high uint8, ctx context.Context) {
		t.Helper()
		r.call(func() {
			in, err := k.Download(ctx, preset, low, high)
			if com.CodeOf(err) != want || in != nil {
				t.Errorf("%v, %v; want %v", in, err, want)
			}
		})
	}
	fails(com.ErrNotFound, audio.Preset{Program: 5, Bank: 77}, 0, 127, background)
	fails(com.ErrNotFound, audio.Preset{Program: 128}, 0, 127, background)
	fails(com.ErrNotFound, audio.Preset{Bank: 1 << 15}, 0, 127, background)
	fails(com.ErrInvalid, audio.Preset{}, 60, 59, background)
	fails(com.ErrInvalid, audio.Preset{}, 0, 128, background)
	k.quota.limits.Bytes = k.quota.bytes.Load() + 1000
	fails(com.ErrQuota, audio.Preset{Program: organ}, 0, 127, background)
	k.quota.limits.Bytes = 0
	over, cancel := context.WithCancel(background)
	cancel() // the loader is asked all the same
	reads := src.reads
	fails(com.ErrCanceled, audio.Preset{Program: organ}, 0, 127, over)
	r.run(machine.Second)
	if src.reads == reads {
		t.Error("nothing was read for the call that gave up")
	}
	src.fail = com.Errorf(com.ErrInvalid, "a bad sector")
	fails(com.ErrInvalid, audio.Preset{Program: violin}, 0, 127, background)
	r.run(machine.Second)
	if now := r.h.Usage().Held; now != empty {
		t.Errorf("%d bytes are lost", now-empty)
	}
	if n := r.f.all.bytes.Load(); n != k.loader.tables {
		t.Errorf("%d bytes are counted", n)
	}
	k.Release()
}

func TestAssignmentsThatFail(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	k := r.load(newFile(gm.Bank()))
	in := r.download(k, organ, 60, 60)
	p := r.open(audio.PortOptions{})
	fails := func(want com.Code, i audio.Instrument, to audio.Preset) {
		t.Helper()
		r.call(func() {
			if err := p.Assign(background, i, to); com.CodeOf(err) != want {
				t.Errorf("%v, want %v", err, want)
			}
		})
	}
	fails(com.ErrInvalid, in, audio.Preset{Program: 128})
	fails(com.ErrInvalid, in, audio.Preset{Bank: 1 << 14})
	fails(com.ErrNotFound, nil, audio.Preset{Program: 3})
	for n := range uint16(maxAssigned) {
		fails(com.OK, in, audio.Preset{Bank: n, Name: "a name that does not count"})
	}
	fails(com.ErrQuota, in, audio.Preset{Bank: maxAssigned})
	fails(com.OK, in, audio.Preset{Bank: 7}) // in place of another
	fails(com.OK, nil, audio.Preset{Bank: 7})
	if n := in.Refs(); n != maxAssigned {
		t.Errorf("%d references to an instrument that is assigned %d times", n, maxAssigned-1)
	}
	p.Release()
	r.run(machine.Second / 10)
	fails(com.ErrGone, in, audio.Preset{})
	if n := in.Refs(); n != 1 {
		t.Errorf("%d references after the port", n)
	}
	com.Release(in, k)
}

// TestALoaderThatFails ends with the call that it failed in: what was loaded plays on, the rest is silent, and
// nothing is lost.
func TestALoaderThatFails(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	logged := 0
	r.f.log = func(string, ...any) { logged++ }
	src := newFile(gm.Bank())
	k := r.load(src)
	empty := r.h.Usage().Held
	notes := func(n uint32) []audio.Event {
		return []audio.Event{program(0, 0, n), on(0, 0, 60, 100), off(9000, 0, 60)}
	}
	p := r.open(audio.PortOptions{Bank: k})
	in := r.download(k, organ, 60, 60)
	src.during = func() { panic("a fault") }
	r.call(func() {
		if in, err := k.Download(background, audio.Preset{Program: violin}, 0, 127); com.CodeOf(err) != com.ErrGone || in != nil {
			t.Errorf("%v, %v", in, err)
		}
		if in, err := k.Download(background, audio.Preset{Program: violin}, 0, 127); com.CodeOf(err) != com.ErrGone || in != nil {
			t.Errorf("%v, %v", in, err)
		}
	})
	if got := r.play(p, notes(organ)); first(got) < 0 {
		t.Error("what was loaded is silent")
	}
	if got := r.play(r.open(audio.PortOptions{Bank: k}), notes(violin)); first(got) >= 0 {
		t.Error("what was not loaded sounds")
	}
	if logged == 0 {
		t.Error("nothing is logged")
	}
	com.Release(in, k)
	r.run(machine.Second)
	if now := r.h.Usage().Held; now > empty {
		t.Errorf("%d bytes are lost", now-empty)
	}
	if n := r.f.all.bytes.Load(); n != 0 {
		t.Errorf("%d bytes are counted", n)
	}
}
