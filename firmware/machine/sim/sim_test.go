package sim

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/mmlite/mmlite/firmware/machine"
)

func TestIdleJumps(t *testing.T) {
	m := New(1)
	i := m.NewIdler(machine.Spare)
	defer i.Close()
	if i.Idle(nil, machine.Forever) {
		t.Fatal("it says that something can happen")
	}
	if !i.Idle(nil, 5e9) || m.Now() != 5e9 {
		t.Fatalf("slept until %v", m.Now())
	}
	i.Wake()
	if !i.Idle(nil, 6e9) || m.Now() != 5e9 {
		t.Fatalf("slept until %v though woken", m.Now())
	}
	var word uint32 = 1
	if !i.Idle([]machine.Word{{Addr: &word, Old: 0}}, 6e9) || m.Now() != 5e9 {
		t.Fatalf("slept until %v though a word differs", m.Now())
	}
	if !i.Idle([]machine.Word{{Addr: &word, Old: 1}}, 6e9) || m.Now() != 6e9 {
		t.Fatalf("slept until %v", m.Now())
	}
}

func TestEventsHappenInOrder(t *testing.T) {
	m := New(1)
	var log []string
	note := func(s string) func() { return func() { log = append(log, fmt.Sprint(s, m.Now())) } }
	m.At(30, note("c"))
	m.At(10, note("a"))
	m.At(10, func() { note("b")(); m.At(5, note("late")); m.After(10, note("soon")) })
	n := 0
	m.Every(100, func() bool { n++; return n < 3 })
	m.Advance(25)
	i := m.NewIdler(machine.Spare)
	for i.Idle(nil, machine.Forever) {
	}
	if got := fmt.Sprint(log); got != "[a10ns b10ns late10ns soon20ns c30ns]" {
		t.Fatal(got)
	}
	if n != 3 || m.Now() != 300 {
		t.Fatalf("%d periods by %v", n, m.Now())
	}
}

func TestJitterComesFromTheSeed(t *testing.T) {
	run := func(seed uint64) (at []machine.Time) {
		m := New(seed, Jitter(machine.Millisecond), Start(7))
		i := m.NewIdler(machine.Spare)
		for k := range machine.Time(20) {
			until := k * 1e7
			i.Idle(nil, until)
			at = append(at, m.Now())
			if late := m.Now() - until; k > 0 && (late < 0 || late > 1e6) {
				t.Fatalf("%v late", machine.Duration(late))
			}
		}
		return at
	}
	if !slices.Equal(run(1), run(1)) {
		t.Fatal("one seed, two runs")
	}
	if slices.Equal(run(1), run(2)) {
		t.Fatal("two seeds, one run")
	}
}

func TestConsole(t *testing.T) {
	var b bytes.Buffer
	fmt.Fprint(New(1, Console(&b)).Console(), "hello")
	if b.String() != "hello" {
		t.Fatal(b.String())
	}
	if n, err := fmt.Fprint(New(1).Console(), "nobody"); n != 6 || err != nil {
		t.Fatal(n, err)
	}
}

// BenchmarkHour lets an hour pass in steps of 5.8 ms, a period of sound.
func BenchmarkHour(b *testing.B) {
	for b.Loop() {
		m := New(1)
		i := m.NewIdler(machine.Spare)
		for end := m.Now().Add(3600 * machine.Second); m.Now() < end; {
			i.Idle(nil, m.Now().Add(5800*machine.Microsecond))
		}
	}
}
