package trace

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/sched"
)

// put writes the record numbered i, all of whose fields follow from the number.
func put(l *Log, i uint64) {
	r := numbered(i)
	l.Add(r.Time, r.Kind, r.Right, r.Activity, r.Thread, r.A, r.B)
}

func numbered(i uint64) Record {
	return Record{
		Time:     machine.Time(i),
		Kind:     Kind(1 + i%uint64(kinds-1)),
		Right:    sched.Right(i % 5),
		Activity: uint16(i * 7),
		Thread:   uint32(i * 13),
		A:        int64(i * 0x9e3779b97f4a7c15),
		B:        -int64(i),
	}
}

func TestReadSinceANumber(t *testing.T) {
	l := NewLog(64)
	if l.Cap() != 64 {
		t.Fatalf("capacity %d", l.Cap())
	}
	dst := make([]Record, 100)
	if n, next, lost := l.Read(0, dst); n != 0 || next != 0 || lost != 0 {
		t.Fatalf("empty log: %d %d %d", n, next, lost)
	}
	if n, next, lost := l.Read(1000, dst); n != 0 || next != 0 || lost != 0 {
		t.Fatalf("beyond the end: %d %d %d", n, next, lost)
	}
	for i := range uint64(10) {
		put(l, i)
	}
	n, next, lost := l.Read(3, dst[:4])
	if n != 4 || next != 7 || lost != 0 || dst[0] != numbered(3) || dst[3] != numbered(6) {
		t.Fatalf("%d %d %d %v", n, next, lost, dst[:n])
	}
	for i := uint64(10); i < 1000; i++ {
		put(l, i)
	}
	n, next, lost = l.Read(7, dst)
	if n != 63 || next != 1000 || lost != 1000-63-7 {
		t.Fatalf("%d %d %d", n, next, lost)
	}
	for i, r := range dst[:n] {
		if want := numbered(uint64(1000 - 63 + i)); r != want {
			t.Fatalf("%v, not %v", r, want)
		}
	}
}

func TestSizes(t *testing.T) {
	for _, c := range [][2]int{{-1, DefaultRecords}, {1, MinRecords}, {65, 128}, {128, 128}, {1 << 30, MaxRecords}} {
		if got := NewLog(c[0]).Cap(); got != c[1] {
			t.Errorf("asked for %d: %d", c[0], got)
		}
	}
}

// Readers that the writer overtakes all the time get whole records, in order, and
// account for every one.
func TestReadersBesideTheWriter(t *testing.T) {
	const total = 300000
	l := NewLog(64)
	var wg sync.WaitGroup
	errs := make([]error, 3)
	for k := range errs {
		wg.Go(func() {
			dst := make([]Record, 1+20*k)
			var from, got, missed uint64
			for from < total {
				n, next, lost := l.Read(from, dst)
				if next != from+lost+uint64(n) {
					errs[k] = fmt.Errorf("from %d: %d, %d lost, next %d", from, n, lost, next)
					return
				}
				for i, r := range dst[:n] {
					if want := numbered(from + lost + uint64(i)); r != want {
						errs[k] = fmt.Errorf("%v, not %v", r, want)
						return
					}
				}
				got += uint64(n)
				missed += lost
				from = next
			}
			if got+missed != total {
				errs[k] = fmt.Errorf("%d read and %d lost of %d", got, missed, total)
			}
		})
	}
	for i := range uint64(total) {
		put(l, i)
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestEncoding(t *testing.T) {
	l := NewLog(0)
	for i := range uint64(300) {
		put(l, i)
	}
	b, next, lost := l.Append([]byte("x"), 100, 150)
	if len(b) != 1+150*Size || next != 250 || lost != 0 {
		t.Fatalf("%d bytes, next %d, lost %d", len(b), next, lost)
	}
	rs, err := Decode(nil, b[1:])
	if err != nil || len(rs) != 150 {
		t.Fatal(len(rs), err)
	}
	for i, r := range rs {
		if r != numbered(uint64(100+i)) {
			t.Fatalf("%v", r)
		}
	}
	for _, bad := range [][]byte{b[1:40], make([]byte, Size), append(slices.Clone(b[1:9]), bytes.Repeat([]byte{255}, Size-8)...)} {
		if _, err := Decode(nil, bad); com.CodeOf(err) != com.ErrInvalid {
			t.Errorf("%x: %v", bad, err)
		}
	}
}

func TestPolicyName(t *testing.T) {
	for name, want := range map[string]string{"": "", "edf": "edf", "roundrobin": "roundrobin", "a name of many letters": "a name of many l"} {
		a, b := PolicyValues(name)
		if got := (Record{Kind: Policy, A: a, B: b}).PolicyName(); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}

func TestNames(t *testing.T) {
	l := NewLog(0)
	a := &sched.Activity{Name: "sound"}
	l.Begin(7, "mixer", a)
	l.Begin(3, "idle hands", nil)
	l.Ended(7)
	l.Ended(8)
	want := []ThreadName{{3, "idle hands", "", false}, {7, "mixer", "sound", true}}
	if got := l.Threads(nil); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if l.Number(nil) != 0 || l.Number(a) != 1 || l.Number(&sched.Activity{Name: "other"}) != 2 || l.Number(a) != 1 {
		t.Error("activities are numbered from 1, each once")
	}
	for i := range uint32(3 * endedThreads) {
		l.Begin(100+i, "short", nil)
		l.Ended(100 + i)
		l.Number(&sched.Activity{Name: "short"})
	}
	if n := len(l.Threads(nil)); n != 1+endedThreads {
		t.Errorf("%d threads are remembered", n)
	}
	if acts := l.Activities(nil); len(acts) != keptActivities || len(l.names.ids) != keptActivities || acts[0].Name != "short" {
		t.Errorf("%d activities are remembered", len(acts))
	}
	for range 70000 {
		if l.Number(&sched.Activity{}) == 0 {
			t.Fatal("an activity got the number of none")
		}
	}
}

func TestAddAllocatesNothing(t *testing.T) {
	l := NewLog(0)
	var h Histogram
	if n := testing.AllocsPerRun(1000, func() { put(l, 1); h.Add(5) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(numbered(1).Append(nil))
	f.Add(numbered(2).Append(numbered(17).Append(nil)))
	f.Add(make([]byte, Size))
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, b []byte) {
		rs, err := Decode(nil, b)
		var back []byte
		for _, r := range rs {
			_ = r.PolicyName()
			_ = r.Kind.String() + r.Right.String()
			back = r.Append(back)
		}
		if err == nil && len(back) != len(b) || !bytes.Equal(back, b[:len(back)]) {
			t.Errorf("%d bytes came back as %d", len(b), len(back))
		}
	})
}

// FuzzLog compares what readers get with a log that keeps everything.
func FuzzLog(f *testing.F) {
	f.Add([]byte{10, 200, 3, 255, 255, 255, 0, 64, 64, 63, 1})
	f.Fuzz(func(t *testing.T, steps []byte) {
		l := NewLog(64)
		var end, from uint64
		dst := make([]Record, 256)
		for i, s := range steps {
			if i%2 == 0 {
				for range s {
					put(l, end)
					end++
				}
				continue
			}
			n, next, lost := l.Read(from, dst[:s])
			first := from + lost
			if next != first+uint64(n) || next > end || lost > 0 && end-first != 63 || n < int(s) && next != end {
				t.Fatalf("read from %d of %d into %d: %d, next %d, lost %d", from, end, s, n, next, lost)
			}
			for k, r := range dst[:n] {
				if r != numbered(first+uint64(k)) {
					t.Fatalf("record %d is %v", first+uint64(k), r)
				}
			}
			from = next
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	l := NewLog(0)
	for b.Loop() {
		l.Add(1, Run, sched.RightOwn, 2, 3, 4, 5)
	}
}

func BenchmarkRead(b *testing.B) {
	l := NewLog(0)
	for i := range uint64(DefaultRecords) {
		put(l, i)
	}
	dst := make([]Record, 1024)
	for b.Loop() {
		l.Read(1, dst)
	}
}
