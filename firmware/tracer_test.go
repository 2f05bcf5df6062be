package firmware_test

import (
	"context"
	"testing"

	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/policies"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/trace"
)

func TestTraceWhileHeld(t *testing.T) {
	ctx := context.Background()
	c := virtual(t, firmware.Policies{RealTime: policies.RoundRobin}, firmware.Policies{})
	s := scheduler(t, c)
	work := func(n int) {
		t.Helper()
		for range n {
			if err := c.Spare.Call("worker", thread.Attributes{Activity: c.Activities.Get("work")}, func(*thread.Thread) { thread.Sleep(ms) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	if c.Spare.Trace() != nil {
		t.Fatal("it records before anybody asks")
	}
	first, err := s.Trace(ctx)
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Trace(ctx)
	if err != nil {
		t.Fatal(err)
	}
	first.Release()
	work(3)
	info, err := second.Info(ctx)
	if err != nil || info.RecordSize != trace.Size || len(info.Processors) != 1 || info.Records == 0 || info.Now != uint64(c.Machine.Now()) {
		t.Fatalf("%+v, %v", info, err)
	}
	raw, next, lost, err := second.Read(ctx, "spare", 0)
	if err != nil || lost != 0 {
		t.Fatal(lost, err)
	}
	records, err := trace.Decode(nil, raw)
	if err != nil || uint64(len(records)) != next {
		t.Fatal(len(records), next, err)
	}
	names, err := second.Names(ctx)
	if err != nil {
		t.Fatal(err)
	}
	find := func(kind string, id uint64) string {
		for _, n := range names {
			if n.Kind == kind && n.ID == id && n.Processor == "spare" {
				return n.Name
			}
		}
		return ""
	}
	runs := 0
	for _, r := range records {
		if r.Kind == trace.Run && find("thread", uint64(r.Thread)) == "worker" && find("activity", uint64(r.Activity)) == "work" {
			runs++
		}
	}
	if runs != 6 { // each begins, and goes on after its sleep
		t.Errorf("workers ran %d times; %+v; %+v", runs, records, names)
	}
	if more, again, lost, err := second.Read(ctx, "spare", next); len(more) != 0 || again != next || lost != 0 || err != nil {
		t.Error(len(more), again, lost, err)
	}
	if _, _, _, err := second.Read(ctx, "other", 0); com.CodeOf(err) != com.ErrNotFound {
		t.Error(err)
	}
	second.Release()
	work(1)
	if c.Spare.Trace() != nil {
		t.Error("it records though nobody holds the trace")
	}
}

func TestTraceHolders(t *testing.T) {
	ctx := context.Background()
	c := virtual(t, firmware.Policies{}, firmware.Policies{})
	s := scheduler(t, c)
	var held []com.Unknown
	for {
		h, err := s.Trace(ctx)
		if err != nil {
			if com.CodeOf(err) != com.ErrQuota {
				t.Error(err)
			}
			break
		}
		if held = append(held, h); len(held) > 1000 {
			t.Fatal("there is no end")
		}
	}
	com.Release(held...)
	h, err := s.Trace(ctx)
	if err != nil {
		t.Fatal(err)
	}
	h.Release()
}

// What was promised and what came of it is told for both policies that promise.
func TestPromisesAreTold(t *testing.T) {
	ctx := context.Background()
	for _, policy := range []string{policies.Constraint, policies.EDF} {
		c := virtual(t, firmware.Policies{RealTime: policy}, firmware.Policies{})
		s := scheduler(t, c)
		a := c.Activities.Get("player")
		if _, err := c.Reserve(c.Spare, a, ms, 10*ms); err != nil {
			t.Fatal(err)
		}
		err := c.Spare.Call("player", thread.Attributes{Activity: a}, func(x *thread.Thread) {
			for _, estimate := range []machine.Duration{ms, machine.Second} {
				now := x.Processor().Now()
				if _, err := thread.BeginConstraint(sched.Constraint{Start: now, Estimate: estimate, Deadline: now.Add(20 * ms)}); err != nil {
					t.Error(err)
				}
				if _, err := thread.EndConstraint(); err != nil {
					t.Error(err)
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		list, err := s.Reservations(ctx)
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %+v, %v", policy, list, err)
		}
		r := list[0]
		if r.Activity != "player" || r.Asked != ms.Std() || r.AskedPer != (10*ms).Std() || r.Amount == 0 || r.Accepted != 1 || r.Refused != 1 || r.Missed != 0 {
			t.Errorf("%s: %+v", policy, r)
		}
		hists, err := s.Histograms(ctx)
		if err != nil || len(hists) != 4 {
			t.Fatal(hists, err)
		}
		for _, h := range hists {
			var sum uint64
			for _, b := range h.Buckets {
				sum += b.Count
			}
			if sum != h.Count || h.Processor != "spare" || h.Name == "slack" && h.Count == 0 {
				t.Errorf("%s: %+v", policy, h)
			}
		}
	}
}
