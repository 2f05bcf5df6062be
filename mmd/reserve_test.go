package mmd

import (
	"fmt"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/namespace"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
)

// bank is what reserves in these tests.
type bank struct {
	has   map[string]machine.Duration
	room  machine.Duration // for all
	asked int
}

func (b *bank) reserve(a *sched.Activity, amount, period machine.Duration) (sched.Grant, error) {
	b.asked++
	if amount == 0 {
		delete(b.has, a.Name)
		return sched.Grant{}, nil
	}
	if amount > period || amount < callLeast {
		return sched.Grant{}, com.Errorf(com.ErrInvalid, "%v of %v", amount, period)
	}
	free := b.room
	for name, d := range b.has {
		if name != a.Name {
			free -= d
		}
	}
	if amount > free {
		return sched.Grant{Amount: free, Period: period}, com.ErrQuota
	}
	b.has[a.Name] = amount
	return sched.Grant{Amount: amount, Period: period}, nil
}

func TestReservationsFollowCalls(t *testing.T) {
	m := sim.New(1)
	p := thread.NewProcessor(thread.Config{Machine: m})
	b := &bank{has: map[string]machine.Duration{}, room: callPeriod * 85 / 100}
	root := namespace.NewDir(0)
	defer root.Release()
	s := New(Config{
		Processor: p, Root: root, Stubs: system.Stubs, Reserve: b.reserve,
		Info: func() system.Info { return system.Info{} }, Logf: t.Logf,
		Activity: func(name string) *sched.Activity { return &sched.Activity{Name: name} },
	})
	var clients []*Client
	for i := range 3 {
		cfg := link.Config{Slots: 64, Small: 64 << 10, Large: 1 << 20}
		mem, err := machine.NewGoMemory(cfg.Size())
		if err != nil {
			t.Fatal(err)
		}
		ch, err := link.Format(mem.Bytes(), cfg, 1)
		if err != nil {
			t.Fatal(err)
		}
		c, err := s.Connect(ch, fmt.Sprint("c", i), "memory", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		clients = append(clients, c)
	}
	// period lets clients use what each is said to, in every of 100 periods of calls.
	period := func(use ...machine.Duration) {
		for range 100 {
			for i, d := range use {
				clients[i].activity.Charge(d)
			}
			m.Advance(3 * callPeriod)
			s.Adjust()
		}
	}
	period(3*600*machine.Microsecond, 0, 0)
	most := callShare / 3
	if got := b.has["client/c0#1"]; got != most {
		t.Errorf("a client that uses 600 us of every 2 ms has %v; a third of what there is for all is %v", got, most)
	}
	for _, name := range []string{"client/c1#2", "client/c2#3"} {
		if got := b.has[name]; got < callLeast || got > callLeast*5/4 {
			t.Errorf("%s, which calls nothing, has %v", name, got)
		}
	}
	asked := b.asked
	period(3*600*machine.Microsecond, 0, 0)
	if b.asked != asked {
		t.Errorf("asked %d times though nothing changed", b.asked-asked)
	}
	// Two go: the third may have more, and gets it.
	for _, c := range clients[1:] {
		c.Disconnect()
	}
	if err := p.RunFor(machine.Millisecond); err != nil {
		t.Fatal(err)
	}
	if len(b.has) != 1 {
		t.Errorf("reservations outlive their clients: %v", b.has)
	}
	period(3 * 600 * machine.Microsecond)
	if got := b.has["client/c0#1"]; got < 600*machine.Microsecond || got > callShare {
		t.Errorf("alone it has %v", got)
	}
	// Its calls become few, and so does what is kept for them.
	period(3 * 20 * machine.Microsecond)
	period(3 * 20 * machine.Microsecond)
	if got := b.has["client/c0#1"]; got > 150*machine.Microsecond {
		t.Errorf("for 20 us of every 2 ms it has %v", got)
	}
	s.Relax()
	if len(b.has) != 0 {
		t.Errorf("at rest: %v", b.has)
	}
	// Where there is little room it takes what there is.
	b.room = 200 * machine.Microsecond
	period(3 * 600 * machine.Microsecond)
	if got := b.has["client/c0#1"]; got != b.room {
		t.Errorf("of %v it has %v", b.room, got)
	}
	clients[0].Disconnect()
	if err := p.RunFor(machine.Millisecond); err != nil {
		t.Fatal(err)
	}
	if len(b.has) != 0 {
		t.Errorf("nobody is there any more: %v", b.has)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}
