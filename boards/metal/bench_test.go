package metal

import (
	"bytes"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware/machine"
)

// BenchmarkIdle is a sleep that is over at once: what serving and looking cost.
func BenchmarkIdle(b *testing.B) {
	p := &scripted{}
	m, err := NewMachine(MachineConfig{Processor: p, Console: &bytes.Buffer{}})
	if err != nil {
		b.Fatal(err)
	}
	i := m.NewIdler(machine.Spare)
	for b.Loop() {
		i.Wake()
		i.Idle(nil, machine.Forever)
	}
}

// BenchmarkWaiter is a wake-up from a goroutine and back.
func BenchmarkWaiter(b *testing.B) {
	w := NewWaiter(clock{time.Now()})
	there, back := make(chan struct{}), make(chan struct{})
	go func() {
		for range there {
			w.Kick()
		}
		close(back)
	}()
	for b.Loop() {
		there <- struct{}{}
		w.Sleep(machine.Forever)
	}
	close(there)
	<-back
}
