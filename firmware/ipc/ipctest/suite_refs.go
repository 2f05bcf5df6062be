package ipctest

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// is fails t unless a and b are one object.
func is(t *testing.T, a, b com.Unknown) {
	t.Helper()
	if a == nil || b == nil {
		if a != b {
			t.Fatalf("got %v, want %v", a, b)
		}
		return
	}
	x, err := a.Query(com.IIDUnknown)
	check(t, err)
	y, err := b.Query(com.IIDUnknown)
	check(t, err)
	if x != y {
		t.Fatalf("%v and %v are not one object", x, y)
	}
	com.Release(x, y)
}

func named(t *testing.T, n Node, want string) {
	t.Helper()
	name, err := n.Name()
	check(t, err, name, want)
}

func conformRefs(t *testing.T, s Subject) {
	r := s.Refs
	before, err := r.Alive()
	check(t, err)
	make := func(t *testing.T, name string) Node {
		t.Helper()
		n, err := r.Make(name)
		check(t, err)
		return n
	}
	var ours atomic.Int32
	t.Run("Theirs", func(t *testing.T) {
		a := make(t, "a")
		named(t, a, "a")
		check(t, r.Keep(a))
		b, err := r.Kept()
		check(t, err)
		if a != b {
			t.Fatal("an object came back as another")
		}
		b.Release()
		check(t, r.Keep(nil))
		none, err := r.Kept()
		check(t, err)
		is(t, none, nil)
		c, err := a.Child("c")
		check(t, err)
		a.Release()
		p, err := c.Parent()
		check(t, err)
		named(t, p, "a")
		none, err = p.Parent()
		check(t, err)
		is(t, none, nil)
		com.Release(c, p)
		if s.Remote {
			_, err := c.Name()
			fails(t, err, com.ErrGone)
		}
	})
	t.Run("Ours", func(t *testing.T) {
		n := newNode("ours", nil, &ours)
		name, err := r.NameOf(n)
		check(t, err, name, "ours")
		check(t, r.Keep(n))
		home, err := r.Kept()
		check(t, err)
		if home != Node(n) {
			t.Fatalf("an object came home as %T", home)
		}
		home.Release()
		check(t, r.KeepAny(n))
		any, err := r.KeptAny()
		check(t, err)
		is(t, any, n)
		again, err := com.Query(any, NodeType)
		check(t, err)
		named(t, again, "ours")
		com.Release(any, again)
		check(t, r.Keep(nil))
		check(t, r.KeepAny(nil))
		s.eventually(t, "release of an object kept", func() bool { return n.Refs() == 1 })
		n.Release()
	})
	t.Run("Any", func(t *testing.T) {
		n := make(t, "n")
		check(t, r.KeepAny(n))
		u, err := r.KeptAny()
		check(t, err)
		is(t, u, n)
		_, err = com.Query(u, system.EchoType)
		fails(t, err, com.ErrNoInterface)
		check(t, r.KeepAny(nil))
		none, err := r.KeptAny()
		check(t, err)
		is(t, none, nil)
		com.Release(n, u)
	})
	t.Run("Turn", func(t *testing.T) {
		theirs, mine := make(t, "theirs"), newNode("mine", nil, &ours)
		for _, c := range []struct {
			a Node
			b com.Unknown
			c Node
		}{{theirs, mine, mine}, {mine, theirs, nil}, {nil, nil, theirs}, {theirs, theirs, theirs}} {
			a, b, d, err := r.Turn(c.a, c.b, c.c)
			check(t, err)
			is(t, a, c.c)
			is(t, b, c.b)
			is(t, d, c.a)
			com.Release(a, b, d)
		}
		s.eventually(t, "release of parameters", func() bool { return mine.Refs() == 1 })
		com.Release(theirs, mine)
	})
	t.Run("Inside", func(t *testing.T) {
		theirs, mine := make(t, "theirs"), newNode("mine", nil, &ours)
		got, err := r.Pick(Choice{Name: "x", First: theirs, Others: []Node{mine, nil, theirs}, Any: mine})
		check(t, err, got.Name, "x", len(got.Others), 3)
		is(t, got.First, theirs)
		is(t, got.Others[0], mine)
		is(t, got.Others[1], nil)
		is(t, got.Others[2], theirs)
		is(t, got.Any, mine)
		com.Release(got.First, got.Others[0], got.Others[2], got.Any)
		list, err := r.Reverse([]Node{theirs, mine, nil})
		check(t, err, len(list), 3)
		is(t, list[0], nil)
		is(t, list[1], mine)
		is(t, list[2], theirs)
		com.Release(list[0], list[1], list[2])
		empty, err := r.Pick(Choice{})
		check(t, err, empty, Choice{})
		s.eventually(t, "release of references inside", func() bool { return mine.Refs() == 1 })
		com.Release(theirs, mine)
	})
	t.Run("Self", func(t *testing.T) {
		self, err := r.Self()
		check(t, err)
		n, err := self.Make("through self")
		check(t, err)
		named(t, n, "through self")
		com.Release(n, self)
	})
	t.Run("Odd", func(t *testing.T) { conformOdd(t, s) })
	t.Run("File", func(t *testing.T) {
		f, err := r.File()
		check(t, err)
		size, err := f.Size(context.Background())
		check(t, err, size, uint64(1000))
		buf := pattern(0, 300)
		clear(buf)
		n, err := f.ReadAt(context.Background(), 900, buf)
		check(t, err, n, uint32(100), buf[:100], pattern(0, 1000)[900:])
		f.Release()
	})
	t.Run("TooLong", func(t *testing.T) {
		mine := newNode("mine", nil, &ours)
		made, text, err := r.TooLong(mine, "12345678", 8)
		check(t, err, text, "xxxxxxxx")
		made.Release()
		if s.Remote {
			_, _, err = r.TooLong(mine, "123456789", 8)
			fails(t, err, com.ErrInvalid)
			_, _, err = r.TooLong(mine, "", 9)
			fails(t, err, com.ErrInvalid)
		}
		s.eventually(t, "release of a parameter", func() bool { return mine.Refs() == 1 })
		mine.Release()
	})
	t.Run("Late", func(t *testing.T) {
		if s.Alone {
			t.Skip("a call cannot be given up here")
		}
		for range 20 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
			_, _, n, err := r.MakeLate(ctx, "late")
			cancel()
			if err == nil {
				n.Release()
			} else {
				fails(t, err, context.DeadlineExceeded)
			}
		}
	})
	t.Run("Ends", func(t *testing.T) {
		s.eventually(t, "end of nodes", func() bool {
			now, err := r.Alive()
			check(t, err)
			return now == before
		})
		check(t, nil, ours.Load(), int32(0))
	})
}

// conformOdd calls methods whose names and parameters are those that proxies,
// stubs and cells use inside.
func conformOdd(t *testing.T, s Subject) {
	first, err := s.Refs.Odd()
	check(t, err)
	o, err := first.Load()
	check(t, err)
	is(t, o, first)
	first.Release()
	defer o.Release()
	sum, buf, err := o.Begin(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
	check(t, err, sum, uint32(8191), buf, []byte{1})
	check(t, o.BeginOneWay(40))
	check(t, o.BeginOneWay(2))
	s.eventually(t, "one-way calls", func() bool {
		sum, err := o.Refs(context.Background())
		check(t, err)
		return sum == 42
	})
	out := []byte{9, 9, 9}
	n, in, err := o.Init(100, []byte{1, 2}, out, []uint8{1, 2, 3, 4})
	check(t, err, n, uint32(3), in, uint32(109), out, []byte{1, 1, 1})
	name, err := o.Contracts("odd")
	check(t, err, name, "odd")
	b, err := o.Enter(true)
	check(t, err, b, true)
	x, y, err := o.Swap([]Outer{{}, {[]string{"a"}}}, [][]byte{{1}, nil, {2}})
	check(t, err, x, uint32(2), y, uint32(3))
}
