// Package pci reaches cards through a window that is there before any program
// comes: the memory of a PCI device, or a file that stands for one. What the card
// lays out in it is described at link.Doors: each program has a door, which it
// keeps others from by a lock that ends with the program. All of them are programs
// of one user, who may open the device: the window is one domain of trust.
//
// A path is
//
//   - a file, such as the one that backs an ivshmem-plain device of QEMU, or that of
//     a hosted card run with --window,
//   - a unix socket of an ivshmem server, which also passes doorbells (QEMU, "Device
//     Specification for Inter-VM shared memory device", sections ivshmem-doorbell and
//     Interrupts),
//   - the resource2 of a device under /sys/bus/pci/devices: the card is rung by the
//     device's doorbell register, and this program looks from time to time,
//   - the name of a card that mmlite boot runs.
//
// The windows of mmlite's own cards have a size that nobody can change. A file that
// somebody else made for QEMU can be cut short by whoever may write to it, and that
// ends all programs that have it mapped, as the system's rules are (mmap(2), SIGBUS).
package pci

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
)

// Window is a program's door to a card.
type Window struct {
	Channel *link.Channel
	// Machine is the program's, to wait with: it looks at the window from time to
	// time where the card cannot ring.
	Machine machine.Machine
	// Ring wakes the card.
	Ring func(*uint32)

	memory *memory
	doors  *link.Doors
	door   int
	rest   func() error // lets go of what else there is
}

// answerTime is how long a card may take to answer a knock. It may have to wait
// for sounds of the program before to fade out.
const answerTime = 10 * time.Second

// noPeer is what a program that cannot be rung says of itself.
const noPeer = 0xFFFFFFFF

// lookEvery is how often the words of a card that cannot ring are looked at.
const lookEvery = 200 * machine.Microsecond

// Open opens the card behind path for a program called client, whose machine is m.
// The errors are com.ErrNotFound, com.ErrPermission, com.ErrBusy if all doors are
// taken, com.ErrTimeout if the card does not answer, and those of link.FindDoors.
func Open(ctx context.Context, path, client string, m machine.Machine) (*Window, error) {
	mem, bells, err := openMemory(path, m)
	if err != nil {
		return nil, err
	}
	w := &Window{Machine: m, Ring: m.Ring, memory: mem, rest: func() error { return nil }}
	if bells != nil {
		w.rest = bells.close
	}
	if err := w.enter(ctx, path, client, bells); err != nil {
		w.rest()
		mem.close()
		return nil, err
	}
	return w, nil
}

func (w *Window) enter(ctx context.Context, path, client string, bells *bells) (err error) {
	if w.doors, err = link.FindDoors(w.memory.bytes); err != nil {
		return com.Errorf(com.CodeOf(err), "%s: %s", path, com.TextOf(err))
	}
	if w.door, err = w.memory.claim(w.doors.Len()); err != nil {
		return com.Errorf(com.CodeOf(err), "%s: %s", path, com.TextOf(err))
	}
	peer := uint32(0)
	switch {
	case bells != nil:
		peer, w.Ring = bells.own, bells.ring
	case w.memory.device || !w.doors.Bells():
		// Interrupts of a device reach no program without a driver in the kernel.
		peer = noPeer
		w.Machine = looking{w.Machine}
		w.Ring = func(*uint32) {}
		if n, ok := w.doors.Number(); ok && w.doors.Bells() {
			if ring := w.memory.ringer(n); ring != nil {
				w.Ring = ring
			}
		}
	}
	count := w.doors.Ask(w.door, client, peer)
	w.Ring(w.doors.Knock(w.door))
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	for tick := time.NewTicker(time.Millisecond); atomic.LoadUint32(w.doors.Answer(w.door)) != count; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			w.doors.Leave(w.door)
			w.Ring(w.doors.Knock(w.door))
			return com.Errorf(com.ErrTimeout, "%s: the card has not answered: is it running?", path)
		}
	}
	if w.Channel, err = w.doors.Enter(w.door); err != nil {
		w.leave()
		return err
	}
	if bells != nil {
		word := w.Channel.Bell(true)
		bells.listen(func() { w.Machine.Ring(word) })
	}
	return nil
}

func (w *Window) leave() {
	w.doors.Leave(w.door)
	w.Ring(w.doors.Knock(w.door))
}

// Close gives the door back. Nobody may use the channel any more.
func (w *Window) Close() error {
	w.leave()
	err := w.rest()
	if e := w.memory.close(); err == nil {
		err = e
	}
	return err
}

// Abandon gives the door back and has memory of this program alone take the place
// of the window's, so that who still holds pieces of it may go on to touch them.
// unmap gives that back.
func (w *Window) Abandon() (unmap func() error, err error) {
	w.leave()
	w.rest()
	return w.memory.close, w.memory.replace()
}

// looking is a machine whose sleepers look from time to time at words that nobody
// rings for.
type looking struct{ machine.Machine }

// NewIdler implements machine.Machine.
func (l looking) NewIdler(k machine.Kind) machine.Idler {
	return &lookingIdler{l.Machine.NewIdler(k), l.Machine, 0}
}

type lookingIdler struct {
	machine.Idler
	clock machine.Clock
	calm  machine.Duration // for how long nothing has happened
}

// Idle sleeps the longer the longer nothing has happened, up to 20 times lookEvery.
func (l *lookingIdler) Idle(watch []machine.Word, until machine.Time) bool {
	if len(watch) == 0 {
		return l.Idler.Idle(watch, until)
	}
	began := l.clock.Now()
	rest := min(max(l.calm/4, lookEvery), 20*lookEvery)
	more := l.Idler.Idle(watch, min(until, began.Add(rest)))
	l.calm += l.clock.Now().Sub(began)
	for _, w := range watch {
		if w.Changed() {
			l.calm = 0
		}
	}
	return more
}
