package thread

import (
	"slices"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/sim"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/sched/constraint"
	"github.com/mmlite/mmlite/firmware/trace"
)

// traced returns a processor in virtual time and its log.
func traced(t *testing.T, policy sched.Policy) (*Processor, *sim.Machine, *trace.Log) {
	t.Helper()
	m := sim.New(1, sim.Start(machine.Time(machine.Second)))
	log := trace.NewLog(1 << 14)
	p := NewProcessor(Config{Machine: m, Policy: policy, Trace: log, Exit: func(_ *Thread, f *Failure) { t.Error(f) }})
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, m, log
}

// records returns all of a log of the given kinds.
func records(t *testing.T, log *trace.Log, kinds ...trace.Kind) (rs []trace.Record) {
	t.Helper()
	b, _, lost := log.Append(nil, 0, log.Cap())
	if lost > 0 {
		t.Fatalf("%d records lost", lost)
	}
	all, err := trace.Decode(nil, b)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if len(kinds) == 0 || slices.Contains(kinds, r.Kind) {
			rs = append(rs, r)
		}
	}
	return rs
}

const ms = machine.Millisecond

// A periodic thread with a constraint of 2 ms beside one that computes: the log
// says when each ran, by what right, and which deadlines were met.
func TestTraceOfConstraints(t *testing.T) {
	p, m, log := traced(t, constraint.New(constraint.Config{}))
	sound := &sched.Activity{Name: "sound"}
	spawn(t, p, "burner", func(*Thread) {
		for {
			m.Advance(50 * machine.Microsecond)
			Checkpoint()
		}
	})
	var taken []machine.Duration
	player, err := p.Spawn("player", Attributes{Activity: sound}, func(*Thread) {
		if _, err := Reserve(sound, 3*ms, 10*ms); err != nil {
			t.Error(err)
		}
		if _, err := Reserve(sound, 30*ms, 10*ms); err == nil {
			t.Error("three of one were granted")
		}
		next := Now().Add(20 * ms)
		for i := range 5 {
			c := sched.Constraint{Start: next, Estimate: 2 * ms, Deadline: next.Add(8 * ms)}
			if i == 4 {
				c.Estimate = 9 * ms // more than there is
			}
			if ok, err := BeginConstraint(c); err != nil || ok == (i == 4) {
				t.Error(i, ok, err)
			}
			for range 30 {
				m.Advance(50 * machine.Microsecond)
				Checkpoint()
			}
			if i == 3 {
				m.Advance(10 * ms)
			}
			d, err := EndConstraint()
			if err != nil {
				t.Error(err)
			}
			taken = append(taken, d)
			next = next.Add(20 * ms)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.RunUntil(func() bool { return len(taken) == 5 }, m.Now().Add(machine.Second)); err != nil {
		t.Fatal(err)
	}
	id := uint32(player.ID())
	if rs := records(t, log, trace.Reserved, trace.ReserveRefused); len(rs) != 2 || rs[0].A < int64(3*ms) || rs[0].Thread != id || rs[1].Kind != trace.ReserveRefused || rs[1].A != int64(30*ms) ||
		!slices.Contains(log.Activities(nil), trace.ActivityName{Activity: rs[0].Activity, Name: "sound"}) {
		t.Errorf("reservations: %v", rs)
	}
	begun := records(t, log, trace.Promised, trace.BeginRefused)
	ends := records(t, log, trace.End)
	if len(begun) != 5 || len(ends) != 5 || begun[4].Kind != trace.BeginRefused {
		t.Fatalf("begun %v, ended %v", begun, ends)
	}
	for i, e := range ends {
		if machine.Duration(e.A) != taken[i] || e.B != begun[i].B {
			t.Errorf("constraint %d: %v became %v, %v taken", i, begun[i], e, taken[i])
		}
		if i < 4 && (begun[i].Kind != trace.Promised || begun[i].A != int64(2*ms)) {
			t.Errorf("constraint %d: %v", i, begun[i])
		}
	}
	if rs := records(t, log, trace.Starts); len(rs) != 5 || rs[1].A != rs[0].A+int64(20*ms) {
		t.Errorf("starts: %v", rs)
	}
	if rs := records(t, log, trace.Miss); len(rs) == 0 || rs[0].A != begun[3].B || rs[0].Thread != id {
		t.Errorf("missed: %v", rs)
	}
	var player0, burner0 machine.Duration
	var by [8]int
	runs := records(t, log, trace.Run, trace.Exit)
	for i, r := range runs {
		if r.Kind != trace.Run {
			continue
		}
		if r.Thread == id {
			by[r.Right]++
		} else if r.Right != sched.RightSpare {
			t.Errorf("the burner runs by right %v", r.Right)
		}
		if i+1 < len(runs) {
			d := runs[i+1].Time.Sub(r.Time)
			if r.Thread == id {
				player0 += d
			} else {
				burner0 += d
			}
		}
	}
	if by[sched.RightBooked] < 4 {
		t.Errorf("the player ran %v by each right", by)
	}
	s, err := p.Status()
	if err != nil {
		t.Fatal(err)
	}
	if player0 == 0 || burner0 == 0 || s.Missed < 1 || s.Slack.Count() < 3 || s.Late.Count() < 1 ||
		s.Slack.Count()+s.Late.Count() != 5 || s.Late.Max() < 3*ms || s.Slack.Max() > 8*ms || s.Wakeup.Count() != 5 {
		t.Errorf("player %v, burner %v, missed %d, slack %+v, late %+v, wake-ups %+v", player0, burner0, s.Missed,
			s.Slack.Summary(), s.Late.Summary(), s.Wakeup.Summary())
	}
}

// A delayed constraint gets its answer and deadline when the wait is over.
func TestTraceOfDelayedConstraint(t *testing.T) {
	p, m, log := traced(t, constraint.New(constraint.Config{}))
	var ev Event
	at := m.Now().Add(5 * ms)
	m.At(at, ev.Signal)
	done := false
	spawn(t, p, "driver", func(*Thread) {
		BeginConstraint(sched.Constraint{Estimate: ms, Deadline: machine.Time(3 * ms), Delayed: true})
		ev.Wait(forever)
		m.Advance(4 * ms)
		EndConstraint()
		BeginConstraint(sched.Constraint{Estimate: ms, Deadline: machine.Time(3 * ms), Delayed: true})
		EndConstraint()
		BeginConstraint(sched.Constraint{Estimate: ms, Deadline: machine.Time(3 * ms), Delayed: true})
		if ok, err := Promised(); !ok || err != nil {
			t.Error(ok, err)
		}
		EndConstraint()
		done = true
	})
	if err := p.RunUntil(func() bool { return done }, forever); err != nil {
		t.Fatal(err)
	}
	var kinds []trace.Kind
	rs := records(t, log, trace.Prepared, trace.Promised, trace.BeginRefused, trace.Miss, trace.End)
	for _, r := range rs {
		kinds = append(kinds, r.Kind)
	}
	want := []trace.Kind{trace.Prepared, trace.Promised, trace.Miss, trace.End, trace.Prepared, trace.End, trace.Prepared, trace.Promised, trace.End}
	if !slices.Equal(kinds, want) {
		t.Fatalf("%v", kinds)
	}
	if due := at.Add(3 * ms); rs[1].B != int64(due) || rs[2].A != int64(due) || rs[3].B != int64(due) || rs[5].B != int64(forever) {
		t.Errorf("%v", rs)
	}
}

// Alarms and signals from outside come with the time they were due.
func TestWakeupLatency(t *testing.T) {
	p, m, log := traced(t, nil)
	var ev Event
	woken := 0
	spawn(t, p, "sleeper", func(*Thread) { SleepUntil(m.Now().Add(10 * ms)); woken++ })
	spawn(t, p, "driver", func(*Thread) { ev.Wait(forever); woken++ })
	spawn(t, p, "hog", func(*Thread) { m.Advance(15 * ms) })
	if err := p.RunUntil(func() bool { return woken == 1 }, forever); err != nil {
		t.Fatal(err)
	}
	ev.Signal() // by no thread
	m.Advance(3 * ms)
	if err := p.RunUntil(func() bool { return woken == 2 }, forever); err != nil {
		t.Fatal(err)
	}
	rs := records(t, log, trace.Wake)
	if len(rs) != 2 || rs[0].A+rs[1].A != int64(8*ms) {
		t.Errorf("%v", rs)
	}
	if s, _ := p.Status(); s.Wakeup.Max() != 5*ms || s.Wakeup.Count() != 2 {
		t.Errorf("%+v", s.Wakeup.Summary())
	}
}

func TestOverrunsAreTraced(t *testing.T) {
	p, m, log := traced(t, sched.NewRoundRobin(10*ms))
	for _, name := range []string{"a", "b"} {
		spawn(t, p, name, func(*Thread) {
			for range 2 {
				m.Advance(13 * ms)
				Checkpoint()
			}
		})
	}
	if err := p.RunFor(100 * ms); err != nil {
		t.Fatal(err)
	}
	rs := records(t, log, trace.Overrun)
	if len(rs) < 2 || rs[0].A != int64(3*ms) {
		t.Errorf("%v", rs)
	}
	if s, _ := p.Status(); s.Overrun.Count() != uint64(len(rs)) || s.Overrun.Max() < 3*ms {
		t.Errorf("%+v", s.Overrun.Summary())
	}
}

// A log begins with who is there, names outlive their threads, and two processors
// do not write to one log.
func TestSwitchTracing(t *testing.T) {
	p, m := card(t, nil)
	other, _ := card(t, nil)
	spawn(t, p, "stays", func(*Thread) { Sleep(100 * ms) })
	spawn(t, p, "goes", func(*Thread) { Sleep(5 * ms) })
	if err := p.RunFor(ms); err != nil {
		t.Fatal(err)
	}
	log := trace.NewLog(0)
	if err := p.SetTrace(log); err != nil || p.Trace() != log {
		t.Fatal(err)
	}
	if err := p.SetTrace(log); err != nil {
		t.Error("the same log again:", err)
	}
	if err := other.SetTrace(log); com.CodeOf(err) != com.ErrBusy {
		t.Error("two processors write to one log:", err)
	}
	if err := p.RunFor(10 * ms); err != nil {
		t.Fatal(err)
	}
	want := []trace.ThreadName{{Thread: 1, Name: "stays"}, {Thread: 2, Name: "goes", Ended: true}}
	if got := log.Threads(nil); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if r := records(t, log)[0]; r.Kind != trace.Policy || r.PolicyName() != "roundrobin" {
		t.Errorf("the log begins with %v", r)
	}
	if err := p.SetPolicy(sched.NewNull()); err != nil || p.PolicyEpoch() != 1 {
		t.Error(err, p.PolicyEpoch())
	}
	if rs := records(t, log, trace.Policy); len(rs) != 2 || rs[1].PolicyName() != "null" {
		t.Errorf("%v", rs)
	}
	if err := p.SetTrace(nil); err != nil || p.Trace() != nil {
		t.Fatal(err)
	}
	end := log.Next()
	if err := p.RunFor(200 * ms); err != nil {
		t.Fatal(err)
	}
	if log.Next() != end {
		t.Error("a log that was taken away grows")
	}
	if err := other.SetTrace(log); err != nil {
		t.Error("a log that was taken away is not free:", err)
	}
	_ = m
}

// Readers beside a processor that switches see whole records.
func TestReadWhileItRuns(t *testing.T) {
	log := trace.NewLog(64)
	onHost(t, nil, func(th *Thread) {
		if err := th.p.SetTrace(log); err != nil {
			t.Error(err)
		}
		stop := make(chan struct{})
		read := make(chan error)
		go func() {
			dst := make([]trace.Record, 100)
			var from uint64
			for {
				n, next, _ := log.Read(from, dst)
				from = next
				last := machine.Time(0)
				for _, r := range dst[:n] {
					if r.Time < last || r.Thread > 2 || r.Kind == 0 || r.Kind > trace.Starts {
						read <- com.Errorf(com.ErrFailed, "torn: %v", r)
						return
					}
					last = r.Time
				}
				select {
				case <-stop:
					read <- nil
					return
				default:
				}
			}
		}()
		o, err := th.p.Spawn("other", Attributes{}, func(t *Thread) {
			for range 20000 {
				t.Yield()
			}
		})
		if err != nil {
			t.Error(err)
		}
		for range 20000 {
			th.Yield()
		}
		o.Join(forever)
		close(stop)
		if err := <-read; err != nil {
			t.Error(err)
		}
		if err := th.p.SetTrace(nil); err != nil {
			t.Error(err)
		}
	})
}
