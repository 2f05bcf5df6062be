package mmd

import (
	"bytes"
	"context"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/thread/section"
)

// echo is the object that links are measured with, at /system/echo. Its totals
// are those of all clients together.
type echo struct {
	com.Object
	section                  *section.State
	calls, sum, bytes, wrong uint64                                        // within sections
	wanted                   [256]atomic.Pointer[[16 * patternPeriod]byte] // the pattern of each seed seen
}

// NewEcho returns an object that implements system.Echo, for callers that do not
// post at the same time.
func NewEcho() system.Echo { return NewEchoOn(nil) }

// NewEchoOn is NewEcho for threads of p, which may post together.
func NewEchoOn(p *thread.Processor) system.Echo {
	e := &echo{section: new(section.State)}
	if p != nil {
		e.section = p.Section()
	}
	e.Init(e, nil, system.EchoType.For(e))
	return e
}

// Null implements system.Echo.
func (e *echo) Null() error { return nil }

// Add implements system.Echo.
func (e *echo) Add(a, b int32) (int32, error) { return a + b, nil }

// Fill implements system.Echo.
func (e *echo) Fill(seed uint8, buf []byte) (uint32, error) {
	FillPattern(seed, buf)
	return uint32(len(buf)), nil
}

// patternPeriod is the period of the pattern: prime, so that it does not agree
// with any size a link cuts messages to.
const patternPeriod = 251

// FillPattern fills buf with seed + i mod 251.
func FillPattern(seed uint8, buf []byte) {
	for i := range buf {
		buf[i] = seed + uint8(i%patternPeriod)
	}
}

// checkPattern counts the bytes of data that are not seed + i mod 251. It looks
// at every byte, sixteen periods at a time as long as they are right.
func (e *echo) checkPattern(seed uint8, data []byte) (wrong uint64) {
	p := e.wanted[seed].Load()
	if p == nil {
		p = new([16 * patternPeriod]byte)
		FillPattern(seed, p[:])
		e.wanted[seed].Store(p)
	}
	want := p[:]
	for len(data) > 0 {
		n := min(len(data), len(want))
		if !bytes.Equal(data[:n], want[:n]) {
			for i, b := range data[:n] {
				if b != want[i] {
					wrong++
				}
			}
		}
		data = data[n:]
	}
	return wrong
}

// Post implements system.Echo.
func (e *echo) Post(v uint64) error {
	was := e.section.Enter()
	e.calls++
	e.sum += v
	e.section.Leave(was)
	return nil
}

// PostBytes implements system.Echo.
func (e *echo) PostBytes(seed uint8, data []byte) error {
	wrong := e.checkPattern(seed, data)
	was := e.section.Enter()
	e.calls++
	e.bytes += uint64(len(data))
	e.wrong += wrong
	e.section.Leave(was)
	return nil
}

// Totals implements system.Echo.
func (e *echo) Totals() (calls, sum, bytes, wrong uint64, err error) {
	was := e.section.Enter()
	calls, sum, bytes, wrong = e.calls, e.sum, e.bytes, e.wrong
	e.calls, e.sum, e.bytes, e.wrong = 0, 0, 0, 0
	e.section.Leave(was)
	return
}

// Sleep implements system.Echo.
func (e *echo) Sleep(ctx context.Context, d time.Duration) error {
	t := thread.Current()
	if t == nil {
		return com.Errorf(com.ErrNotSupported, "Sleep is for threads of the card")
	}
	var woken thread.Event
	defer context.AfterFunc(ctx, woken.Signal)()
	until := t.Processor().Now().Add(machine.FromStd(d))
	if woken.Wait(until) == nil {
		if err := ctx.Err(); err != nil {
			return com.CodeOf(err)
		}
	}
	return nil
}

// Call implements system.Echo.
func (e *echo) Call(_ context.Context, back system.Echo, n uint32) error {
	if back == nil {
		return com.Errorf(com.ErrInvalid, "no object to call back")
	}
	for range n {
		if err := back.Null(); err != nil {
			return err
		}
	}
	return nil
}
