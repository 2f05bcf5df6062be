package synth

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/synth/bankfile"
	"github.com/mmlite/mmlite/synth/gm"
)

// file is a file of a host: each read takes a while.
type file struct {
	com.Object
	data   []byte
	size   uint64 // as announced
	fail   error
	at     uint64 // where it fails
	more   uint32 // what reads overstate
	delay  machine.Duration
	reads  int
	bytes  int
	during func()
}

func newFile(data []byte) *file {
	f := &file{data: data, size: uint64(len(data))}
	f.Init(f, nil, system.FileType.For(f))
	return f
}

func (f *file) Size(context.Context) (uint64, error) { return f.size, nil }

func (f *file) ReadAt(_ context.Context, off uint64, buf []byte) (uint32, error) {
	f.reads++
	f.bytes += len(buf)
	if f.during != nil {
		f.during()
	}
	if f.delay > 0 {
		thread.Sleep(f.delay)
	}
	if f.fail != nil && off >= f.at {
		return 0, f.fail
	}
	if off >= uint64(len(f.data)) {
		return 0, nil
	}
	return uint32(copy(buf, f.data[off:])) + f.more, nil
}

func TestALoadedBankPlaysAsTheBuiltInOne(t *testing.T) {
	r := newRig(t, &device{queue: 1, offline: true})
	want := r.play(r.open(audio.PortOptions{}), tune(1))
	src := newFile(gm.Bank())
	src.delay = machine.Millisecond
	var k audio.Bank
	r.call(func() {
		var err error
		k, err = r.f.Load(background, src, "mine")
		must(t, err)
	})
	if src.bytes > len(gm.Bank())*3/2 {
		t.Errorf("%d bytes were read of a file of %d", src.bytes, len(gm.Bank()))
	}
	info, err := k.Info(background)
	must(t, err)
	if info.Format != "DLS" || info.File != uint64(len(gm.Bank())) || info.Presets != 129 || info.Samples != 0 || info.Bytes > info.File/4 {
		t.Errorf("%+v", info)
	}
	presets, err := k.Presets(background)
	must(t, err)
	if len(presets) != 129 || !presets[128].Drums || presets[40].Program != 40 || presets[40].Name == "" {
		t.Errorf("%d presets, the last %+v", len(presets), presets[len(presets)-1])
	}
	held := r.h.Usage().Held
	p := r.open(audio.PortOptions{Bank: k})
	k.AddRef()
	got := r.play(p, tune(1))
	if n := last(want); last(got) != n || !slices.Equal(got[:2*n], want[:2*n]) {
		t.Error("it sounds different")
	}
	info, err = k.Info(background)
	must(t, err)
	if info.Samples == 0 || info.Failed != 0 || r.h.Usage().Held < held+info.Bytes/2 {
		t.Errorf("%+v, %d bytes of card memory more than before", info, r.h.Usage().Held-held)
	}
	com.Release(k, k)
	r.run(machine.Second / 10)
	if now := r.h.Usage().Held; now > held {
		t.Errorf("%d bytes are held after the last reference, %d before the samples were loaded", now, held)
	}
	if src.Refs() != 1 {
		t.Errorf("%d references to the file", src.Refs())
	}
}

func TestABankOutlivesItsReferenceWhileVoicesPlay(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	var k audio.Bank
	r.call(func() {
		var err error
		k, err = r.f.Load(background, newFile(gm.Bank()), "mine")
		must(t, err)
	})
	p := r.open(audio.PortOptions{Bank: k})
	must(t, p.Start(background))
	r.call(func() { must(t, p.Queue(background, []audio.Event{program(0, 0, 16), on(0, 0, 60, 100)}, 0)) })
	k.Release()
	r.run(machine.Second / 10)
	p.Release()                       // voices fade from the bank's memory
	if len(r.f.Status().Banks) != 1 { // the built-in one was never asked for
		t.Error("the bank went before its voices")
	}
	r.run(machine.Second / 10)
	if len(r.f.Status().Banks) != 0 {
		t.Error("the bank stays")
	}
}

func TestBadBanks(t *testing.T) {
	data := gm.Bank()
	cases := map[string]struct {
		file func() *file
		code com.Code
		says string
	}{
		"empty":     {func() *file { return newFile(nil) }, com.ErrCorrupt, "empty"},
		"text":      {func() *file { return newFile([]byte("hello, world, this is no bank")) }, com.ErrProtocol, "text"},
		"truncated": {func() *file { return newFile(data[:len(data)/2]) }, com.ErrCorrupt, ""},
		"shrinks": {func() *file {
			f := newFile(data)
			f.size *= 2
			return f
		}, com.ErrCorrupt, "ends at byte"},
		"lies": {func() *file {
			f := newFile(data)
			f.more = 5
			return f
		}, com.ErrProtocol, "asked for"},
		"huge": {func() *file {
			f := newFile(data)
			f.size = 1 << 40
			return f
		}, com.ErrNoMemory, ""},
		"too large": {func() *file {
			f := newFile(data)
			f.size = 1 << 30
			return f
		}, com.ErrCorrupt, "announced"},
		"fails": {func() *file {
			f := newFile(data)
			f.fail, f.at = com.Errorf(com.ErrGone, "the host is no more"), 1<<20
			return f
		}, com.ErrGone, "host"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, &device{queue: 3})
			before := r.h.Usage().Held
			r.call(func() {
				k, err := r.f.Load(background, c.file(), "mine")
				if k != nil || com.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%v, %v", k, err)
				}
			})
			if now := r.h.Usage().Held; now != before {
				t.Errorf("%d bytes are lost", now-before)
			}
		})
	}
}

func TestBanksCountForTheirView(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	image, err := bankfile.Skim(func(at int64, b []byte) error {
		copy(b, gm.Bank()[at:])
		return nil
	}, int64(len(gm.Bank())))
	must(t, err)
	v, other := r.f.View(Limits{Bytes: 3 * image.Held() / 2}), r.f.View(Limits{})
	r.call(func() {
		a, err := v.Load(background, newFile(gm.Bank()), "a")
		must(t, err)
		if _, err := v.Load(background, newFile(gm.Bank()), "b"); com.CodeOf(err) != com.ErrQuota {
			t.Errorf("%v", err)
		}
		b, err := other.Load(background, newFile(gm.Bank()), "b")
		must(t, err)
		_, err = v.Load(background, newFile([]byte("this is no bank")), "c")
		if com.CodeOf(err) != com.ErrProtocol {
			t.Errorf("%v", err)
		}
		com.Release(a, b)
	})
	r.run(machine.Second / 10)
	r.call(func() {
		a, err := v.Load(background, newFile(gm.Bank()), "a")
		must(t, err)
		a.Release()
	})
	r.run(machine.Second / 10)
	if n := r.f.all.bytes.Load(); n != 0 {
		t.Errorf("%d bytes are counted after the last bank", n)
	}
	com.Release(v, other)
}

func TestAThreadThatEndsWhileLoadingLosesNothing(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	before := r.h.Usage().Held
	src := newFile(gm.Bank())
	src.delay = machine.Second
	th, err := r.p.Spawn("client", thread.Attributes{}, func(*thread.Thread) { r.f.Load(background, src, "mine") })
	must(t, err)
	r.run(machine.Second / 2)
	if src.reads == 0 {
		t.Fatal("it has not begun")
	}
	th.Kill()
	r.run(machine.Second)
	if n := r.f.all.bytes.Load(); n != 0 {
		t.Errorf("%d bytes are counted", n)
	}
	if now := r.h.Usage().Held; now != before {
		t.Errorf("%d bytes are lost", now-before)
	}
}

// stranger is a bank of somebody else.
type stranger struct{ com.Object }

func (*stranger) Info(context.Context) (audio.BankInfo, error)    { return audio.BankInfo{}, nil }
func (*stranger) Presets(context.Context) ([]audio.Preset, error) { return nil, nil }
func (*stranger) Download(context.Context, audio.Preset, uint8, uint8) (audio.Instrument, error) {
	return nil, nil
}

func TestAPortTakesOnlyBanksOfItsSynthesizer(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	s := &stranger{}
	s.Init(s, nil, audio.BankType.For(s))
	r.call(func() {
		if _, err := r.f.Open(background, audio.PortOptions{Bank: s}); com.CodeOf(err) != com.ErrInvalid {
			t.Errorf("%v", err)
		}
	})
	if s.Refs() != 1 {
		t.Errorf("%d references to it", s.Refs())
	}
}

func TestTheBuiltInBankIsReadOnce(t *testing.T) {
	r := newRig(t, &device{queue: 3})
	r.call(func() {
		a, err := r.f.BuiltIn(background)
		must(t, err)
		b, err := r.f.BuiltIn(background)
		must(t, err)
		if a != b {
			t.Error("two built-in banks")
		}
		com.Release(a, b)
	})
}
