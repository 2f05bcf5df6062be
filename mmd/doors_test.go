package mmd

import (
	"testing"

	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/namespace"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
)

// TestAScribbledWindowOpensAgain: what a host that runs wild wrote over the first
// page of a window keeps the next program out for a while only.
func TestAScribbledWindowOpensAgain(t *testing.T) {
	p := thread.NewProcessor(thread.Config{Machine: sim.New(1)})
	root := namespace.NewDir(0)
	defer root.Release()
	s := New(Config{
		Processor: p, Root: root, Stubs: system.Stubs, Logf: t.Logf,
		Activity: func(name string) *sched.Activity { return &sched.Activity{Name: name} },
	})
	mem, err := machine.NewGoMemory(4 * link.MinWindow) // three doors at least
	if err != nil {
		t.Fatal(err)
	}
	window := mem.Bytes()
	d, err := link.FormatDoors(window, 7, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ServeDoors(d, "a window", nil); err != nil {
		t.Fatal(err)
	}
	run := func(d machine.Duration) {
		t.Helper()
		if err := p.RunFor(d); err != nil {
			t.Fatal(err)
		}
	}
	run(machine.Millisecond)
	for i, with := range []byte{0xFF, 0, 0x5A} {
		for k := range window[:64] {
			window[k] = with
		}
		run(mendEvery + machine.Millisecond)
		host, err := link.FindDoors(window)
		if err != nil {
			t.Fatalf("written over with %x: %v", with, err)
		}
		if host.Len() != d.Len() || host.Generation() != 7 {
			t.Errorf("written over with %x: %d doors, generation %d", with, host.Len(), host.Generation())
		}
		count := host.Ask(i, "test", 0)
		p.Machine().Ring(host.Knock(i))
		run(machine.Second)
		if *host.Answer(i) != count {
			t.Fatalf("written over with %x: door %d of %d answers %d, not %d", with, i, d.Len(), *host.Answer(i), count)
		}
		if _, err := host.Enter(i); err != nil {
			t.Errorf("written over with %x: %v", with, err)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}
