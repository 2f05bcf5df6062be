package hosted

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/policies"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

func schedulerOf(t *testing.T, card *hostdriver.Card) system.Scheduler {
	t.Helper()
	s, err := hostdriver.Bind(context.Background(), card, "/system/scheduler", system.SchedulerType)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Release() })
	return s
}

func policyOf(t *testing.T, s system.Scheduler, processor string) string {
	t.Helper()
	list, err := s.Processors(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if p.Name == processor {
			return p.Policy
		}
	}
	t.Fatalf("there is no processor %s: %+v", processor, list)
	return ""
}

// The spare processor changes its policy again and again while a client calls, and
// no call is lost or answered wrongly.
func TestPolicyChangesUnderCalls(t *testing.T) {
	ctx := context.Background()
	card := own(t, "--device", "null")
	s := schedulerOf(t, card)
	echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Release()
	stop, begun := make(chan struct{}), make(chan struct{}, 2)
	var callers sync.WaitGroup
	for range 2 {
		callers.Go(func() {
			for a := int32(0); ; a++ {
				select {
				case <-stop:
					return
				default:
				}
				if sum, err := echo.Add(a, 7); err != nil || sum != a+7 {
					t.Errorf("%d and 7 is %d: %v", a, sum, err)
				}
				if a == 0 {
					begun <- struct{}{}
				}
				if t.Failed() {
					return
				}
			}
		})
	}
	<-begun
	<-begun
	for range 25 {
		for _, name := range []string{policies.Constraint, policies.Null, policies.EDF, policies.RoundRobin} {
			if err := s.SetPolicy(ctx, "spare", name); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got := policyOf(t, s, "spare"); got != name {
				t.Fatalf("the policy is %s, not %s", got, name)
			}
		}
	}
	close(stop)
	callers.Wait()
}

// A client that calls gets a reservation of its own under a policy that has any,
// and it ends with the client.
func TestCallsAreReservedFor(t *testing.T) {
	ctx := context.Background()
	name := named(t)
	start(t, "ready", "run", "--name", name, "--device", "null", "--policy", policies.Constraint)
	card, err := hostdriver.Open(ctx, "hosted:"+name)
	if err != nil {
		t.Fatal(err)
	}
	defer card.Close()
	s := schedulerOf(t, card)
	find := func(client string) (r system.ReservationInfo, found bool) {
		list, err := s.Reservations(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			if strings.Contains(r.Activity, client) && r.Amount > 0 {
				return r, true
			}
		}
		return r, false
	}
	until := func(what string, cond func() bool) {
		t.Helper()
		for end := time.Now().Add(30 * time.Second); !cond(); {
			if time.Now().After(end) {
				t.Fatal("in vain: ", what)
			}
		}
	}
	caller, err := hostdriver.Open(ctx, "hosted:"+name, hostdriver.Client("caller"))
	if err != nil {
		t.Fatal(err)
	}
	echo, err := hostdriver.Bind(ctx, caller, "/echo", system.EchoType)
	if err != nil {
		t.Fatal(err)
	}
	var r system.ReservationInfo
	until("a reservation for calls", func() (ok bool) {
		if err := echo.Null(); err != nil {
			t.Fatal(err)
		}
		r, ok = find("client/caller")
		return ok
	})
	if r.Processor != "spare" || r.Period > 10*time.Millisecond || r.Amount > 5*time.Millisecond {
		t.Errorf("%+v", r)
	}
	echo.Release()
	if err := caller.Close(); err != nil {
		t.Fatal(err)
	}
	until("its end", func() bool { _, ok := find("client/caller"); return !ok })
}

// The processor that sound is promised to keeps its policy as long as it is.
func TestPromisesToSoundKeepThePolicy(t *testing.T) {
	ctx := context.Background()
	card := own(t, "--device", "null")
	s := schedulerOf(t, card)
	port, err := openPort(ctx, card)
	if err != nil {
		t.Fatal(err)
	}
	defer port.Release()
	if err := port.Start(ctx); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); ; {
		list, err := s.Reservations(ctx)
		if err != nil {
			t.Fatal(err)
		}
		promised := map[string]bool{}
		for _, r := range list {
			if r.Processor == "realtime" && (r.Amount > 0 || r.Accepted > 0) {
				promised[r.Activity] = true
			}
		}
		if promised["audio"] && promised["mixer"] && promised["synth"] {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("sound is promised nothing: %+v", list)
		}
	}
	if err := s.SetPolicy(ctx, "realtime", policies.RoundRobin); com.CodeOf(err) != com.ErrBusy || !strings.Contains(err.Error(), "mmlite run --policy realtime=") {
		t.Errorf("taking promises away: %v", err)
	}
	if got := policyOf(t, s, "realtime"); got != policies.Constraint {
		t.Errorf("the real-time processor runs %s", got)
	}
}
