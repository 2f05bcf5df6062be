package thread

import (
	"context"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
)

// BenchmarkIdle is the processor time that processors with nothing to do but wait
// for a word use in a second, as a share of one processor.
func BenchmarkIdle(b *testing.B) {
	for _, kind := range []machine.Kind{machine.Spare, machine.RealTime} {
		b.Run(kind.String(), func(b *testing.B) {
			m := host.New()
			p := NewProcessor(Config{Machine: m, Kind: kind})
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error)
			go func() { done <- p.Run(ctx) }()
			var word uint32
			p.Spawn("waits", Attributes{}, func(t *Thread) { t.WaitWord(&word, 0, machine.Forever) })
			used := func() time.Duration {
				var ru unix.Rusage
				unix.Getrusage(unix.RUSAGE_SELF, &ru)
				return time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
			}
			idler := m.NewIdler(machine.Spare)
			rest := func(d machine.Duration) {
				for until := m.Now().Add(d); m.Now() < until; {
					idler.Idle(nil, until)
				}
			}
			rest(50 * machine.Millisecond) // the start is over
			before, start := used(), time.Now()
			for range b.N {
				rest(100 * machine.Millisecond)
			}
			b.ReportMetric(100*float64(used()-before)/float64(time.Since(start)), "%cpu")
			cancel()
			<-done
		})
	}
}
