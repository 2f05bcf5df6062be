package main

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/mmd"
)

// caller is one goroutine of a soak.
type caller struct {
	*soak
	rng  *rand.Rand
	back *backEcho
	buf  [8192]byte
	want [8192]byte
}

func newCaller(s *soak, episode, number uint64) *caller {
	k := &caller{soak: s, rng: rand.New(rand.NewPCG(s.Seed+episode, number+1)), back: &backEcho{}}
	k.back.Init(k.back, nil, system.EchoType.For(k.back))
	return k
}

// backEcho is called back by the card.
type backEcho struct {
	com.Object
	nulls uint32
}

// Null implements system.Echo, and is all that the card calls.
func (b *backEcho) Null() error { b.nulls++; return nil }

func unsupported() error { return com.Errorf(com.ErrNotSupported, "only Null is called back") }

// Add implements system.Echo, as the rest does.
func (b *backEcho) Add(int32, int32) (int32, error)    { return 0, unsupported() }
func (b *backEcho) Fill(uint8, []byte) (uint32, error) { return 0, unsupported() }
func (b *backEcho) Post(uint64) error                  { return unsupported() }
func (b *backEcho) PostBytes(uint8, []byte) error      { return unsupported() }
func (b *backEcho) Totals() (calls, sum, bytes, wrong uint64, err error) {
	return 0, 0, 0, 0, unsupported()
}
func (b *backEcho) Sleep(context.Context, time.Duration) error { return unsupported() }
func (b *backEcho) Call(context.Context, system.Echo, uint32) error {
	return unsupported()
}

// burst makes a few calls one after the other, of one kind or mixed, and returns
// how many.
func (k *caller) burst() (made uint64, err error) {
	// Short bursts are frequent: what matters is how they begin and end.
	n := 1 << k.rng.IntN(8)
	kind := k.rng.IntN(8)
	for range n {
		what := kind
		if kind >= 4 {
			what = k.rng.IntN(100)
		}
		began := time.Now()
		count := uint64(1)
		switch {
		case what == 0 || what >= 40:
			err = k.add()
		case what == 1 || what >= 6:
			count = uint64(1) << k.rng.IntN(8)
			err = k.post(count)
		case what == 2 || what == 5:
			err = k.fill()
		default:
			count = uint64(k.rng.IntN(6))
			err = k.callBack(uint32(count))
			count++ // the call itself
		}
		took := int64(time.Since(began))
		for old := k.longest.Load(); took > old && !k.longest.CompareAndSwap(old, took); old = k.longest.Load() {
		}
		made += count
		if err != nil {
			return made, err
		}
	}
	return made, nil
}

func (k *caller) add() error {
	a, b := int32(k.rng.Uint32()), int32(k.rng.Uint32())
	sum, err := k.echo.Add(a, b)
	if err != nil {
		return err
	}
	if sum != a+b {
		return com.Errorf(com.ErrCorrupt, "%d + %d is %d, says the card", a, b, sum)
	}
	k.adds.Add(1)
	return nil
}

// size draws how many bytes a buffer has, small ones more often.
func (k *caller) size() int { return k.rng.IntN(1 << (1 + k.rng.IntN(13))) }

func (k *caller) fill() error {
	seed, buf := byte(k.rng.Uint32()), k.buf[:k.size()]
	clear(buf)
	n, err := k.echo.Fill(seed, buf)
	if err != nil {
		return err
	}
	want := k.want[:len(buf)]
	mmd.FillPattern(seed, want)
	if int(n) != len(buf) || string(buf) != string(want) {
		return com.Errorf(com.ErrCorrupt, "%d bytes were to be filled; %d were, or wrongly", len(buf), n)
	}
	k.fills.Add(1)
	k.bytes.Add(uint64(len(buf)))
	return nil
}

// post makes one-way calls, of numbers or of bytes.
func (k *caller) post(n uint64) error {
	if k.rng.IntN(8) == 0 {
		seed, buf := byte(k.rng.Uint32()), k.buf[:k.size()]
		mmd.FillPattern(seed, buf)
		for range n {
			if err := k.echo.PostBytes(seed, buf); err != nil {
				return err
			}
		}
		k.postedBytes.Add(n * uint64(len(buf)))
		k.bytes.Add(n * uint64(len(buf)))
	} else {
		for range n {
			v := k.rng.Uint64()
			if err := k.echo.Post(v); err != nil {
				return err
			}
			k.sum.Add(v)
		}
	}
	k.posted.Add(n)
	k.posts.Add(n)
	return nil
}

func (k *caller) callBack(n uint32) error {
	k.back.nulls = 0
	if err := k.echo.Call(context.Background(), k.back, n); err != nil {
		return err
	}
	if k.back.nulls != n {
		return com.Errorf(com.ErrCorrupt, "called back %d times instead of %d", k.back.nulls, n)
	}
	k.backs.Add(uint64(n))
	return nil
}
