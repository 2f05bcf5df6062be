package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
)

// soakPulse says when the computer itself stood still: a real-time thread on each
// processor does nothing but wake, and what is late then would have been late for
// anybody. On a virtual machine whose host is busy that is so now and then.
type soakPulse struct{}

const (
	// pulseEvery is how often a processor is felt.
	pulseEvery = time.Millisecond
	// pulseStall is from what lateness on a processor stood still.
	pulseStall = time.Millisecond
)

// stillness is time during which a processor did nothing for us.
type stillness struct {
	processor int
	from, to  int64 // machine time in ns
}

// Run implements kong.
func (*soakPulse) Run(ctx context.Context) error {
	go endWithParent()
	runtime.GOMAXPROCS(runtime.NumCPU() + 2) // a place for each thread that wakes
	found := make(chan stillness, 1024)
	var wg sync.WaitGroup
	for i := range runtime.NumCPU() {
		wg.Go(func() { pulse(ctx, i, found) })
	}
	go func() { wg.Wait(); close(found) }()
	for s := range found {
		fmt.Println(s.processor, s.from, s.to)
	}
	return nil
}

// pulse feels one processor until ctx is done.
func pulse(ctx context.Context, processor int, found chan<- stillness) {
	runtime.LockOSThread()
	var m machine.Machine = host.New()
	rt, ok := m.(machine.RealTimer)
	if !ok || !stayOn(processor) {
		return
	}
	leave, err := rt.EnterRealTime()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mmlite: when this computer stands still is not known:", err)
		return
	}
	defer leave()
	for at := int64(m.Now()); ctx.Err() == nil; {
		at += int64(pulseEvery)
		sleepUntil(at)
		if now := int64(m.Now()); now-at > int64(pulseStall) {
			select {
			case found <- stillness{processor, at, now}:
			default: // nobody reads
			}
			at = now
		}
	}
}

// pulses is what a process found, as it goes on.
type pulses struct {
	*helper
	mu   sync.Mutex
	list []stillness
	done chan struct{}
}

// startPulses starts it; nil where this system has no such threads.
func startPulses() (*pulses, error) {
	if !canPulse {
		return nil, nil
	}
	h, err := startHelper("soak", "pulse")
	if err != nil {
		return nil, err
	}
	p := &pulses{helper: h, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.read(h.out)
	}()
	return p, nil
}

// maxStill bounds the list.
const maxStill = 100_000

func (p *pulses) read(r *bufio.Reader) {
	for {
		line, err := r.ReadString('\n')
		var s stillness
		if n, _ := fmt.Sscan(line, &s.processor, &s.from, &s.to); n == 3 && s.to > s.from {
			p.mu.Lock()
			if len(p.list) < maxStill {
				p.list = append(p.list, s)
			}
			p.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// during returns how long a processor stood still at most in some time.
func (p *pulses) during(from, to int64) (longest time.Duration) {
	if p == nil {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.list {
		if s.to >= from && s.from <= to {
			longest = max(longest, time.Duration(s.to-s.from))
		}
	}
	return longest
}

// end ends the process.
func (p *pulses) end() {
	if p == nil {
		return
	}
	_ = p.in.Close() // it may be gone
	kill := time.AfterFunc(stopPatience, func() { _ = p.cmd.Process.Kill() })
	<-p.done
	_, _ = io.Copy(io.Discard, p.out)
	_ = p.cmd.Wait()
	kill.Stop()
}
