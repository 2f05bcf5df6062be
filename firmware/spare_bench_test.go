package firmware_test

import (
	"slices"
	"testing"

	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/policies"
	"github.com/mmlite/mmlite/firmware/thread"
)

// BenchmarkCallsBesideWork says how long a client's calls take, 100 us of work
// each every millisecond, beside four activities that always have something to do,
// in virtual time: what the policy of the spare processor is chosen by. The client
// has what package mmd reserves for it, where the policy has reservations.
func BenchmarkCallsBesideWork(b *testing.B) {
	for _, policy := range []string{policies.Null, policies.RoundRobin, policies.Constraint, policies.EDF} {
		b.Run(policy, func(b *testing.B) {
			var all []machine.Duration
			for range b.N {
				all = append(all, callsBesideWork(b, policy)...)
			}
			slices.Sort(all)
			n := len(all)
			report := func(name string, i int) { b.ReportMetric(float64(all[i])/float64(ms), name) }
			report("p50-ms", n/2)
			report("p99-ms", n*99/100)
			report("max-ms", n-1)
			b.ReportMetric(0, "ns/op")
		})
	}
}

func callsBesideWork(b *testing.B, policy string) (took []machine.Duration) {
	const work = machine.Second
	m := sim.New(1)
	c, err := firmware.New(firmware.Config{
		Name: "bench", Machine: m, Memory: 1 << 20, Policies: firmware.Policies{RealTime: policy},
		Image: firmware.Image{Name: "bench", Policies: policies.Components()},
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Boot(nil); err != nil {
		b.Fatal(err)
	}
	client := c.Activities.Get("client")
	if _, err := c.Reserve(c.Spare, client, 300*machine.Microsecond, 2*ms); err != nil && com.CodeOf(err) != com.ErrNotSupported {
		b.Fatal(err)
	}
	var due []machine.Time
	var call thread.Event
	m.Every(ms, func() bool {
		due = append(due, m.Now())
		call.Signal()
		return m.Now() < machine.Time(work)
	})
	spawn := func(name string, fn func(t *thread.Thread)) {
		if _, err := c.Spare.Spawn(name, thread.Attributes{Activity: c.Activities.Get(name)}, fn); err != nil {
			b.Fatal(err)
		}
	}
	spawn("client", func(t *thread.Thread) {
		for call.Wait(machine.Forever) == nil {
			for len(due) > 0 {
				at := due[0]
				due = due[1:]
				for range 2 {
					m.Advance(50 * machine.Microsecond)
					thread.Checkpoint()
				}
				took = append(took, m.Now().Sub(at))
			}
		}
	})
	for _, name := range []string{"a", "b", "c", "d"} {
		spawn(name, func(t *thread.Thread) {
			for m.Now() < machine.Time(work+200*ms) {
				m.Advance(50 * machine.Microsecond)
				thread.Checkpoint()
			}
		})
	}
	if err := c.Spare.RunFor(work + machine.Second); err != nil {
		b.Fatal(err)
	}
	if err := c.Spare.Close(); err != nil {
		b.Fatal(err)
	}
	if err := c.Close(); err != nil {
		b.Fatal(err)
	}
	return took
}
