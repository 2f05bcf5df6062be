package host

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// rtkit is asked over the system's bus; see the README of rtkit, which is also
// its specification. It raises threads of programs that bound their time.
const (
	rtkitName = "org.freedesktop.RealtimeKit1"
	rtkitPath = "/org/freedesktop/RealtimeKit1"
	// rtkitPatience is how long the start of a card waits for an answer.
	rtkitPatience = 2 * time.Second
)

// rtkit asks rtkit for real time.
func (r *raised) rtkit() error {
	ctx, cancel := context.WithTimeout(context.Background(), rtkitPatience)
	defer cancel()
	bus, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("rtkit: %w", err)
	}
	defer bus.Close()
	kit := bus.Object(rtkitName, rtkitPath)
	number := func(name string, otherwise int64) int64 {
		var v dbus.Variant
		if kit.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, rtkitName, name).Store(&v) != nil {
			return otherwise
		}
		switch n := v.Value().(type) {
		case int64:
			return n
		case int32:
			return int64(n)
		}
		return otherwise
	}
	// The hard limit, at which the kernel kills the process, may be at most what
	// rtkit says, and stays so low. At half of that the thread is demoted.
	most := uint64(max(number("RTTimeUSecMax", 200000), 10000))
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_RTTIME, &old); err != nil {
		return fmt.Errorf("rtkit: bounding the time of real-time threads: %w", err)
	}
	most = min(most, old.Max)
	bound := unix.Rlimit{Cur: min(most/2, old.Cur), Max: most}
	if err := unix.Setrlimit(unix.RLIMIT_RTTIME, &bound); err != nil {
		return fmt.Errorf("rtkit: bounding the time of real-time threads: %w", err)
	}
	priority := uint32(min(max(number("MaxRealtimePriority", realTimePriority), 1), realTimePriority))
	raise := func(ctx context.Context, on dbus.BusObject) error {
		return on.CallWithContext(ctx, rtkitName+".MakeThreadRealtimeWithPID", 0,
			uint64(os.Getpid()), uint64(r.tid), priority).Err
	}
	if err := raise(ctx, kit); err != nil {
		return fmt.Errorf("rtkit: %w", err)
	}
	r.how = fmt.Sprintf("real time with priority %d, by rtkit, %d ms at a stretch", priority, bound.Cur/1000)
	r.lift = func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*rtkitPatience) // nobody waits for it
		defer cancel()
		bus, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
		if err != nil {
			return err
		}
		defer bus.Close()
		return raise(ctx, bus.Object(rtkitName, rtkitPath))
	}
	return nil
}
