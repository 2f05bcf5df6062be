package main

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"github.com/mmlite/mmlite/boards/inside"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/dsound"
)

var ctx = context.Background()

// rig is a program with a card in virtual time.
type rig struct {
	*testing.T
	board *inside.Card
	card  *hostdriver.Card
	dev   *dsound.Device
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{T: t}
	var err error
	if r.board, err = inside.New(1, inside.Paced); err != nil {
		t.Fatal(err)
	}
	if r.card, err = hostdriver.Open(ctx, "", r.board.Option()); err != nil {
		t.Fatal(err)
	}
	if r.dev, err = dsound.Open(ctx, r.card); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.ok(r.dev.Close())
		r.ok(r.card.Close())
		r.ok(r.board.Run(machine.Second))
		r.ok(r.board.Close())
	})
	return r
}

func (r *rig) ok(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

func (r *rig) want(err error, code *dsound.Error) {
	r.Helper()
	if !errors.Is(err, code) {
		r.Errorf("%v, want %s", err, code.Name)
	}
}

// run lets time pass, and takes what the card has to say.
func (r *rig) run(seconds float64) {
	r.Helper()
	r.ok(r.board.Run(machine.Duration(seconds * float64(machine.Second))))
	r.ok(r.card.Flush(ctx))
}

// sine is seconds of a tone.
func sine(hz, seconds, level float64) []byte {
	b := make([]byte, 0, 2*int(seconds*rate))
	for i := range int(seconds * rate) {
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(level*32767*math.Sin(2*math.Pi*hz*float64(i)/rate))))
	}
	return b
}

// fill writes a whole buffer.
func (r *rig) fill(b *dsound.Buffer, data []byte) {
	r.Helper()
	first, second, err := b.Lock(0, uint32(len(data)), 0)
	r.ok(err)
	copy(second, data[copy(first, data):])
	r.ok(b.Unlock(first, second))
}

func (r *rig) buffer(data []byte, flags dsound.Flags) *dsound.Buffer {
	r.Helper()
	b, err := r.dev.CreateBuffer(ctx, dsound.BufferDesc{Name: r.Name(), Bytes: uint32(len(data)), Format: mono, Flags: flags})
	r.ok(err)
	r.fill(b, data)
	return b
}

// level is how much of a tone is on one side of the sound from a second to another.
func level(sound []float32, side int, hz, from, to float64) float64 {
	a, b := int(from*inside.Rate), min(int(to*inside.Rate), len(sound)/2)
	var re, im, weight float64
	for i := a; i < b; i++ {
		w := 1 - math.Cos(2*math.Pi*float64(i-a)/float64(b-a))
		re += w * float64(sound[2*i+side]) * math.Cos(2*math.Pi*hz*float64(i)/inside.Rate)
		im += w * float64(sound[2*i+side]) * math.Sin(2*math.Pi*hz*float64(i)/inside.Rate)
		weight += w
	}
	return 2 * math.Hypot(re, im) / weight
}

func db(x float64) float64 { return 20 * math.Log10(x) }

// since returns what was played from a mark on.
func (r *rig) since(mark int) []float32 { return r.board.Sound()[mark:] }

func TestAStaticBufferIsHeardOnce(t *testing.T) {
	r := newRig(t)
	b := r.buffer(sine(1000, 0.5, 0.5), dsound.Static)
	defer b.Release()
	if !func() bool { c, err := r.dev.Caps(ctx); return err == nil && c.SharedMemory }() {
		t.Fatal("the card shares no memory")
	}
	mark := len(r.board.Sound())
	r.ok(b.Play(ctx, 0))
	r.run(0.3)
	if s, err := b.Status(); err != nil || s != dsound.Playing {
		t.Fatal(s, err)
	}
	r.run(0.7)
	if s, err := b.Status(); err != nil || s != 0 {
		t.Fatal(s, err)
	}
	sound := r.since(mark)
	if l := level(sound, 0, 1000, 0.1, 0.4); math.Abs(db(l/0.5)) > 0.1 {
		t.Errorf("the tone is at %.2f dB", db(l/0.5))
	}
	first, last := -1, 0
	for i := 0; i < len(sound); i += 2 {
		if math.Abs(float64(sound[i])) > 1e-3 {
			if first < 0 {
				first = i / 2
			}
			last = i / 2
		}
	}
	if n := last - first; n < inside.Rate/2-100 || n > inside.Rate/2+100 {
		t.Errorf("half a second is heard over %d frames", n)
	}
	// It is at its beginning again and plays again.
	if play, _, err := b.CurrentPosition(); play != 0 || err != nil {
		t.Error(play, err)
	}
	mark = len(r.board.Sound())
	r.ok(b.Play(ctx, 0))
	r.run(0.4)
	if l := level(r.since(mark), 1, 1000, 0.1, 0.3); math.Abs(db(l/0.5)) > 0.1 {
		t.Errorf("the second time it is at %.2f dB", db(l/0.5))
	}
}

// TestPlayAgainBeforeItIsOver begins anew while the end is still on its way.
func TestPlayAgainBeforeItIsOver(t *testing.T) {
	r := newRig(t)
	b := r.buffer(sine(1000, 0.1, 0.5), 0)
	defer b.Release()
	for range 12 {
		r.ok(b.Play(ctx, 0))
		r.run(0.11) // the card has read all, and the device has some of it
	}
	r.run(0.5)
	power, n := 0.0, 0
	for i, v := range r.board.Sound()[:2*inside.Rate] {
		if i > 2*inside.Rate/50 {
			power, n = power+float64(v)*float64(v), n+1
		}
	}
	if rms := math.Sqrt(power / float64(n)); rms < 0.33 || rms > 0.36 {
		t.Errorf("twelve times: %.3f", rms)
	}
	if s, _ := b.Status(); s != 0 {
		t.Error("it plays for ever", s)
	}
}

func TestControls(t *testing.T) {
	r := newRig(t)
	b := r.buffer(sine(1000, 1, 0.5), dsound.CtrlVolume|dsound.CtrlPan|dsound.CtrlFrequency)
	defer b.Release()
	heard := func(hz float64, left, right float64) {
		t.Helper()
		r.run(0.1)
		mark := len(r.board.Sound())
		r.run(0.3)
		for side, want := range []float64{left, right} {
			if l := level(r.since(mark), side, hz, 0.05, 0.25); math.Abs(db(l/0.5)-want) > 0.15 && db(l/0.5) > -70 {
				t.Errorf("side %d: %.0f Hz at %.2f dB, want %.2f", side, hz, db(l/0.5), want)
			}
		}
	}
	r.ok(b.Play(ctx, dsound.Looping))
	heard(1000, 0, 0)
	r.ok(b.SetVolume(ctx, -600))
	heard(1000, -6, -6)
	r.ok(b.SetPan(ctx, -1000))
	heard(1000, -6, -16)
	r.ok(b.SetPan(ctx, 2000))
	heard(1000, -26, -6)
	r.ok(b.SetPan(ctx, 0))
	r.ok(b.SetVolume(ctx, 0))
	for _, f := range []uint32{11025, 44100, 30000, 100000, dsound.OriginalFrequency} {
		r.ok(b.SetFrequency(ctx, f))
		if f == dsound.OriginalFrequency {
			f = rate
		}
		heard(1000*float64(f)/rate, 0, 0)
	}
	r.ok(b.SetVolume(ctx, dsound.MinVolume))
	r.run(0.1)
	mark := len(r.board.Sound())
	r.run(0.1)
	for _, v := range r.since(mark) {
		if v != 0 {
			t.Fatal("the least volume is no silence")
		}
	}
	for _, f := range []uint32{1, 99, 200001} {
		r.want(b.SetFrequency(ctx, f), dsound.ErrInvalidParam)
	}
	r.ok(b.SetPan(ctx, -5))
	v, err1 := b.Volume()
	pan, err2 := b.Pan()
	f, err3 := b.Frequency()
	if err := errors.Join(err1, err2, err3); err != nil || v != dsound.MinVolume || pan != -5 || f != rate {
		t.Errorf("volume %d, pan %d, frequency %d, %v", v, pan, f, err)
	}
	r.want(b.SetVolume(ctx, 1), dsound.ErrInvalidParam)
	r.want(b.SetPan(ctx, 10001), dsound.ErrInvalidParam)
	plain := r.buffer(sine(500, 0.1, 0.1), 0)
	defer plain.Release()
	r.want(plain.SetVolume(ctx, 0), dsound.ErrControlUnavail)
	r.want(plain.SetPan(ctx, 0), dsound.ErrControlUnavail)
	r.want(plain.SetFrequency(ctx, 0), dsound.ErrControlUnavail)
	_, err := plain.Volume()
	r.want(err, dsound.ErrControlUnavail)
	r.want(plain.SetNotificationPositions(ctx), dsound.ErrControlUnavail)
}

// TestStreaming fills a ring behind the play cursor, as games do, and finds every
// sample where it belongs.
func TestStreaming(t *testing.T) {
	r := newRig(t)
	const seconds = 3
	all := sine(440, seconds, 0.5)
	size := uint32(rate / 5 * 2) // 200 ms
	b, err := r.dev.CreateBuffer(ctx, dsound.BufferDesc{Bytes: size, Format: mono})
	r.ok(err)
	defer b.Release()
	next, done := uint32(0), 0
	put := func(n uint32) {
		first, second, err := b.Lock(next, n, 0)
		r.ok(err)
		for _, s := range [][]byte{first, second} {
			k := copy(s, all[min(done, len(all)):])
			clear(s[k:])
			done += len(s)
		}
		if next+n > size != (len(second) > 0) {
			t.Fatalf("%d bytes at %d: %d and %d", n, next, len(first), len(second))
		}
		r.ok(b.Unlock(first, second))
		next = (next + n) % size
	}
	put(size)
	mark := len(r.board.Sound())
	r.ok(b.Play(ctx, dsound.Looping))
	last := uint32(0)
	for done < len(all)+int(size) {
		r.run(0.013)
		play, write, err := b.CurrentPosition()
		r.ok(err)
		if lead := (write + size - play) % size; lead == 0 || lead > rate*2/20 {
			t.Fatalf("play cursor at %d, write cursor at %d", play, write)
		}
		if n := (play + size - last) % size; n > rate*2/30 {
			t.Fatalf("the play cursor jumps by %d bytes in 13 ms", n)
		}
		last = play
		if n := (play + size - next) % size; n > 0 {
			put(n &^ 1)
		}
	}
	r.ok(b.Stop(ctx))
	sound := r.since(mark)
	for from := 0.1; from < seconds-0.3; from += 0.1 {
		if l := level(sound, 0, 440, from, from+0.2); math.Abs(db(l/0.5)) > 0.05 {
			t.Errorf("from %.1f s: %.3f dB", from, db(l/0.5))
		}
	}
}

func TestCursorsFollowWhatIsHeard(t *testing.T) {
	r := newRig(t)
	b := r.buffer(sine(1000, 1, 0.5), 0)
	defer b.Release()
	r.ok(b.Play(ctx, dsound.Looping))
	r.run(0.25)
	calls := r.card.Stats().Sent
	a, _, err := b.CurrentPosition()
	r.ok(err)
	if r.card.Stats().Sent != calls {
		t.Error("reading the cursors is a call")
	}
	r.run(0.5)
	c, _, err := b.CurrentPosition()
	r.ok(err)
	if d := float64(c-a) / 2 / rate; math.Abs(d-0.5) > 0.007 {
		t.Errorf("half a second moves the cursor by %.4f s", d)
	}
	// 0.25 s less the device's queue has been heard.
	if h := float64(a) / 2 / rate; h < 0.22 || h > 0.252 {
		t.Errorf("after 0.25 s %.4f s have been heard", h)
	}
	r.ok(b.Stop(ctx))
	r.run(0.1)
	stopped, write, err := b.CurrentPosition()
	r.ok(err)
	r.run(0.1)
	again, _, err := b.CurrentPosition()
	r.ok(err)
	if again != stopped || (write+2*rate-stopped)%(2*rate) > 400 {
		t.Errorf("stopped at %d, then %d, write cursor at %d", stopped, again, write)
	}
	r.ok(b.SetCurrentPosition(ctx, rate)) // the middle, at rest
	r.run(0.02)
	if play, write, err := b.CurrentPosition(); play != rate || write != rate || err != nil {
		t.Error(play, write, err)
	}
	r.ok(b.Play(ctx, dsound.Looping))
	r.run(0.1)
	r.ok(b.SetCurrentPosition(ctx, 2000)) // and while it plays
	r.run(0.1)
	play, _, err := b.CurrentPosition()
	r.ok(err)
	if d := (float64(play) - 2000) / 2 / rate; d < 0.07 || d > 0.101 {
		t.Errorf("0.1 s after a jump it is %.4f s further", d)
	}
	r.want(b.SetCurrentPosition(ctx, 2*rate), dsound.ErrInvalidParam)
}

func TestDuplicatesShareTheirMemory(t *testing.T) {
	r := newRig(t)
	b := r.buffer(sine(1000, 1, 0.25), dsound.CtrlVolume)
	d, err := r.dev.DuplicateBuffer(ctx, b)
	r.ok(err)
	defer d.Release()
	b.Release() // the memory stays for the duplicate
	first, second, err := d.Lock(0, 0, dsound.EntireBuffer)
	r.ok(err)
	if len(first) != 2*rate || second != nil || binary.LittleEndian.Uint16(first[20:]) == 0 {
		t.Fatal("the duplicate has memory of its own")
	}
	r.ok(d.Unlock(first, second))
	mark := len(r.board.Sound())
	r.ok(d.Play(ctx, 0))
	r.run(0.4)
	if l := level(r.since(mark), 0, 1000, 0.1, 0.3); math.Abs(db(l/0.25)) > 0.1 {
		t.Errorf("%.2f dB", db(l/0.25))
	}
}

func TestNotifications(t *testing.T) {
	r := newRig(t)
	b := r.buffer(sine(1000, 1, 0.25), dsound.CtrlPositionNotify)
	defer b.Release()
	begin, middle, stop := make(chan struct{}, 100), make(chan struct{}, 100), make(chan struct{}, 1)
	r.ok(b.SetNotificationPositions(ctx,
		dsound.PositionNotify{Offset: 0, C: begin}, dsound.PositionNotify{Offset: rate + 1, C: middle}, dsound.PositionNotify{Offset: dsound.OffsetStop, C: stop}))
	r.ok(b.Play(ctx, dsound.Looping))
	r.run(0.25)
	if len(begin) != 1 || len(middle) != 0 {
		t.Fatal(len(begin), len(middle))
	}
	r.want(b.SetNotificationPositions(ctx), dsound.ErrInvalidCall)
	r.run(0.5)
	if len(begin) != 1 || len(middle) != 1 {
		t.Fatal(len(begin), len(middle))
	}
	r.run(5)
	if len(begin) != 6 || len(middle) != 6 || len(stop) != 0 {
		t.Fatal(len(begin), len(middle), len(stop))
	}
	r.ok(b.Stop(ctx))
	r.run(0.1)
	if len(stop) != 1 {
		t.Fatal("nobody was told of the end")
	}
	<-stop
	r.ok(b.Play(ctx, 0))
	r.run(1)
	if len(stop) != 1 {
		t.Fatal("nobody was told that it was played")
	}
	r.ok(b.SetNotificationPositions(ctx))
	n := len(begin)
	r.ok(b.Play(ctx, 0))
	r.run(0.5)
	if len(begin) != n {
		t.Fatal("told though nobody asks")
	}
	c := make(chan struct{}, 1)
	r.want(b.SetNotificationPositions(ctx, dsound.PositionNotify{Offset: 2 * rate, C: c}), dsound.ErrInvalidParam)
	r.want(b.SetNotificationPositions(ctx, dsound.PositionNotify{Offset: 2}), dsound.ErrInvalidParam)
	r.want(b.SetNotificationPositions(ctx, dsound.PositionNotify{Offset: 2, C: c}, dsound.PositionNotify{Offset: 3, C: c}), dsound.ErrInvalidParam)
}

func TestFormats(t *testing.T) {
	r := newRig(t)
	for _, f := range []dsound.Format{
		{Rate: 8000, Channels: 1, Sample: audio.U8}, {Rate: 48000, Channels: 2, Sample: audio.S24},
		{Rate: 44100, Channels: 2, Sample: audio.S32}, {Rate: 96000, Channels: 6, Sample: audio.F32}, {Rate: 192000, Channels: 8, Sample: audio.S16},
	} {
		b, err := r.dev.CreateBuffer(ctx, dsound.BufferDesc{Bytes: f.BlockAlign() * f.Rate, Format: f})
		r.ok(err)
		first, _, err := b.Lock(0, 0, dsound.EntireBuffer)
		r.ok(err)
		for i := range int(f.Rate) {
			v := 0.5 * math.Sin(2*math.Pi*400*float64(i)/float64(f.Rate))
			for c := range min(2, int(f.Channels)) { // front left and right
				s := first[uint32(i)*f.BlockAlign()+uint32(c)*f.BlockAlign()/f.Channels:]
				switch f.Sample {
				case audio.U8:
					s[0] = byte(128 + 127*v)
				case audio.S16:
					binary.LittleEndian.PutUint16(s, uint16(int16(32767*v)))
				case audio.S24:
					x := int32(8388607 * v)
					s[0], s[1], s[2] = byte(x), byte(x>>8), byte(x>>16)
				case audio.S32:
					binary.LittleEndian.PutUint32(s, uint32(int32(2147483647*v)))
				case audio.F32:
					binary.LittleEndian.PutUint32(s, math.Float32bits(float32(v)))
				}
			}
		}
		r.ok(b.Unlock(first, nil))
		mark := len(r.board.Sound())
		r.ok(b.Play(ctx, dsound.Looping))
		r.run(0.4)
		one := level(r.since(mark), 0, 400, 0.1, 0.3)
		if one < 0.2 || one > 0.51 || math.Abs(one-level(r.since(mark), 1, 400, 0.1, 0.3)) > 1e-3 {
			t.Errorf("%+v: %.3f", f, one)
		}
		b.Release()
		r.run(0.05)
	}
	// Floats that are no numbers are silence, and hurt nobody else.
	b, err := r.dev.CreateBuffer(ctx, dsound.BufferDesc{Bytes: 8000, Format: dsound.Format{Rate: 44100, Channels: 2, Sample: audio.F32}})
	r.ok(err)
	defer b.Release()
	first, _, err := b.Lock(0, 0, dsound.EntireBuffer)
	r.ok(err)
	for i := 0; i < len(first); i += 4 {
		binary.LittleEndian.PutUint32(first[i:], []uint32{0x7FC00000, 0x7F800000, 0xFF800000, 0xFFFFFFFF}[i/4%4])
	}
	r.ok(b.Unlock(first, nil))
	other := r.buffer(sine(1000, 1, 0.25), 0)
	defer other.Release()
	mark := len(r.board.Sound())
	r.ok(b.Play(ctx, dsound.Looping))
	r.ok(other.Play(ctx, dsound.Looping))
	r.run(0.4)
	if l := level(r.since(mark), 0, 1000, 0.1, 0.3); math.Abs(db(l/0.25)) > 0.1 {
		t.Errorf("beside floats that are no numbers: %.2f dB", db(l/0.25))
	}
}

// A device that was closed has given its output back, and takes no other.
func TestReconnectAfterClose(t *testing.T) {
	r := newRig(t)
	r.ok(r.dev.Close())
	r.want(r.dev.Reconnect(ctx, r.card), dsound.ErrUninitialized)
	r.ok(r.dev.Close())
}

// TestPrimary changes what all programs share.
func TestPrimary(t *testing.T) {
	r := newRig(t)
	all := r.dev.Primary()
	have, err := all.Format(ctx)
	r.ok(err)
	if have.Rate != inside.Rate || have.Channels != 2 {
		t.Errorf("%+v", have)
	}
	r.want(all.SetFormat(ctx, have), dsound.ErrPrioLevelNeeded)
	r.want(r.dev.SetCooperativeLevel(7), dsound.ErrInvalidParam)
	r.ok(r.dev.SetCooperativeLevel(dsound.PriorityLevel))
	r.ok(all.SetFormat(ctx, have))
	have.Rate++
	r.want(all.SetFormat(ctx, have), dsound.ErrBadFormat)
	r.want(all.Lock(), dsound.ErrPrioLevelNeeded)
	r.want(all.SetVolume(ctx, 1), dsound.ErrInvalidParam)
	r.want(all.SetVolume(ctx, dsound.MinVolume-1), dsound.ErrInvalidParam)
	b := r.buffer(sine(1000, 1, 0.5), 0)
	defer b.Release()
	r.ok(b.Play(ctx, dsound.Looping))
	for _, volume := range []int32{-600, 0, -2000} {
		r.ok(all.SetVolume(ctx, volume))
		r.run(0.2)
		mark := len(r.board.Sound())
		r.run(0.3)
		if l := db(level(r.since(mark), 0, 1000, 0.05, 0.25) / 0.5); math.Abs(l-float64(volume)/100) > 0.15 {
			t.Errorf("%.2f dB, want %.2f", l, float64(volume)/100)
		}
	}
}
