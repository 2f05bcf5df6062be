package ipctest

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

// callback implements Callback with a function.
type callback struct {
	com.Object
	call func(context.Context, uint64) (uint64, error)
}

func newCallback(call func(context.Context, uint64) (uint64, error)) *callback {
	c := &callback{call: call}
	c.Init(c, nil, CallbackType.For(c))
	return c
}

func (c *callback) Call(ctx context.Context, v uint64) (uint64, error) { return c.call(ctx, v) }

func conformCalls(t *testing.T, s Subject) {
	c, ctx := s.Calls, context.Background()
	t.Run("Fail", func(t *testing.T) {
		for code := com.ErrFailed; code <= com.ErrCorrupt; code++ {
			err := c.Fail(code, "")
			fails(t, err, code)
			if com.CodeOf(err) != code {
				t.Fatalf("%v came back as %v", code, com.CodeOf(err))
			}
			err = c.Fail(code, "the bank is upside down")
			if com.CodeOf(err) != code || !strings.Contains(err.Error(), "the bank is upside down") {
				t.Fatalf("%v came back as %v", code, err)
			}
		}
		check(t, c.Fail(com.OK, ""))
		_, n, err := c.FailWith(com.ErrQuota)
		fails(t, err, com.ErrQuota)
		com.Release(n)
	})
	t.Run("Deadline", func(t *testing.T) {
		_, has, err := c.Deadline(ctx)
		check(t, err, has, false)
		soon, cancel := context.WithTimeout(ctx, time.Hour)
		defer cancel()
		left, has, err := c.Deadline(soon)
		check(t, err, has, true)
		if left < 59*time.Minute || left > time.Hour+time.Second {
			t.Fatalf("%v left of an hour", left)
		}
	})
	t.Run("Wait", func(t *testing.T) {
		if s.Alone {
			t.Skip("a call cannot be given up here")
		}
		soon, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		fails(t, c.Wait(soon), context.DeadlineExceeded)
		given, giveUp := context.WithCancel(ctx)
		stop := time.AfterFunc(5*time.Millisecond, giveUp)
		defer stop.Stop()
		fails(t, c.Wait(given), context.Canceled)
		fails(t, c.Wait(given), context.Canceled) // cancelled before it starts
		check(t, c.Fail(com.OK, ""))
	})
	t.Run("OneWay", func(t *testing.T) {
		_, _, _, err := c.Posted()
		check(t, err)
		sum := uint64(0)
		for i := range uint64(1000) {
			check(t, c.Post(i))
			sum += i
		}
		check(t, c.PostData(make([]byte, 10), "12345", []Inner{{1, "ab"}, {2, "c"}}))
		check(t, c.PostData(make([]byte, 100_000), "", nil))
		calls, total, n := uint64(0), uint64(0), uint64(0)
		s.eventually(t, "one-way calls", func() bool {
			c1, s1, n1, err := c.Posted()
			check(t, err)
			calls, total, n = calls+c1, total+s1, n+n1
			return calls >= 1002
		})
		check(t, nil, calls, uint64(1002), total, sum, n, uint64(100_018))
	})
	t.Run("OneWayFailure", func(t *testing.T) {
		err := c.PostFail(com.ErrQuota)
		for range 100000 {
			if err != nil {
				break
			}
			err = c.Fail(com.OK, "")
		}
		fails(t, err, com.ErrQuota)
		check(t, c.Fail(com.OK, "")) // it surfaces once
		check(t, s.Values.Null())
	})
	t.Run("CallBack", func(t *testing.T) { conformCallBack(t, s) })
}

// conformFailures posts more calls that fail than a ring holds, while nobody reads
// what became of them. Nothing can follow on the same connection: of several threads
// that serve one may tell of a failure after others have answered what came later.
func conformFailures(t *testing.T, s Subject) {
	c := s.Calls
	var err error
	for range 20000 {
		if e := c.PostFail(com.ErrQuota); e != nil {
			err = e
		}
	}
	for range 100000 {
		if err != nil {
			break
		}
		err = c.Fail(com.OK, "")
	}
	fails(t, err, com.ErrQuota)
	for range 100000 {
		if c.Fail(com.OK, "") == nil && s.Values.Null() == nil {
			return
		}
		runtime.Gosched()
	}
	t.Fatal("the failures have no end")
}

func conformCallBack(t *testing.T, s Subject) {
	c, ctx := s.Calls, context.Background()
	back := newCallback(func(_ context.Context, v uint64) (uint64, error) { return 10 * v, nil })
	sum, err := c.CallBack(ctx, back, 100)
	check(t, err, sum, uint64(49500))
	busy := newCallback(func(_ context.Context, v uint64) (uint64, error) {
		if v == 3 {
			return 0, com.Errorf(com.ErrBusy, "at %d", v)
		}
		return 0, nil
	})
	_, err = c.CallBack(ctx, busy, 10)
	fails(t, err, com.ErrBusy)
	if !strings.Contains(err.Error(), "at 3") {
		t.Fatalf("text lost on the way: %v", err)
	}
	var deep *callback
	deep = newCallback(func(ctx context.Context, v uint64) (uint64, error) {
		if v == 0 {
			return 1, nil
		}
		sum, err := c.CallBack(ctx, deep, uint32(v))
		return sum + 1, err
	})
	sum, err = c.CallBack(ctx, deep, 5) // f(n) = 1 + f(0) + ... + f(n-1) = 2^n
	check(t, err, sum, uint64(31))
	_, err = c.CallBack(ctx, nil, 1)
	fails(t, err, com.ErrInvalid)
	soon, cancel := context.WithTimeout(ctx, time.Hour)
	defer cancel()
	dated := newCallback(func(ctx context.Context, _ uint64) (uint64, error) {
		if t, has := ctx.Deadline(); !has || time.Until(t) > time.Hour+time.Minute {
			return 0, com.ErrInvalid
		}
		return 1, nil
	})
	sum, err = c.CallBack(soon, dated, 1)
	check(t, err, sum, uint64(1))
	for _, b := range []*callback{back, busy, deep, dated} {
		s.eventually(t, "release of a callback", func() bool { return b.Refs() == 1 })
		b.Release()
	}
}
