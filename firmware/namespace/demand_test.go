package namespace

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/component"
	"github.com/mmlite/mmlite/firmware/system"
)

// part makes a component from a function that its constructor calls, nil for one
// that just works.
func part(name string, f func(env *component.Env) error) component.Component {
	c := component.Component{Manifest: component.Manifest{Name: name, Version: component.Version{Major: 1}}}
	c.New = func(env *component.Env) (com.Unknown, error) {
		if f != nil {
			if err := f(env); err != nil {
				return nil, err
			}
		}
		o := &thing{name: name}
		env.Init(&o.Object, o, nil)
		return o, nil
	}
	return c
}

func catalogue(t testing.TB, list ...component.Component) *component.Catalogue {
	t.Helper()
	c, err := component.NewCatalogue(list...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// counted gives components an Env that counts how many have ended.
func counted(ended *atomic.Int64) func(context.Context, *component.Component) (*component.Env, error) {
	return func(_ context.Context, c *component.Component) (*component.Env, error) {
		return &component.Env{Component: &c.Manifest, Ended: func() { ended.Add(1) }}, nil
	}
}

func TestDemand(t *testing.T) {
	var made int
	var ended atomic.Int64
	d := NewDemand(catalogue(t, part("synth", func(env *component.Env) error {
		made++
		if env.Component.Name != "synth" {
			t.Errorf("constructed as %q", env.Component.Name)
		}
		return nil
	}), part("mixer", nil)), DemandOptions{Env: counted(&ended)})
	note := func() string {
		list, err := d.List(ctx, "")
		if err != nil || len(list) != 2 || list[0].Name != "mixer" {
			t.Fatal(list, err)
		}
		return list[1].Note
	}
	if s := note(); s != "version 1.0.0, not loaded" || made != 0 {
		t.Fatal(s)
	}
	a := bind(t, d, "synth")
	b := bind(t, d, "/synth/")
	if a != b || made != 1 || a.(*thing).Refs() != 2 {
		t.Fatalf("two lookups: %p, %p, constructed %d times", a, b, made)
	}
	list, err := d.List(ctx, "synth")
	if err != nil || len(list) != 1 || list[0].Refs != 2 || list[0].Note != "version 1.0.0, loaded, thing synth" {
		t.Fatalf("%+v, %v", list, err)
	}
	com.Release(a, b)
	if s := note(); s != "version 1.0.0, not loaded" || ended.Load() != 1 {
		t.Fatalf("after the last release: %s, %d ended", s, ended.Load())
	}
	c := bind(t, d, "synth")
	if c == a || made != 2 {
		t.Fatal("the next lookup must construct another one")
	}
	_, err = d.Bind(ctx, "flute")
	wantError(t, err, com.ErrNotFound, "flute")
	_, err = d.Bind(ctx, "synth/port")
	wantError(t, err, com.ErrNotFound, "synth")
	_, err = d.List(ctx, "synth/port")
	wantError(t, err, com.ErrNotFound, "synth")
	_, err = d.Bind(ctx, "synth/../mixer")
	wantError(t, err, com.ErrInvalid, "..")
	if self := bind(t, d, ""); self != d {
		t.Fatal(self)
	} else {
		self.Release()
	}
	if d.Release(); c.(*thing).Refs() != 1 {
		t.Fatal("the end of the namespace ended what is in use")
	}
	_, err = d.Bind(ctx, "mixer")
	wantError(t, err, com.ErrGone, "")
	if c.Release(); ended.Load() != 2 {
		t.Fatalf("%d ended, want 2", ended.Load())
	}
}

func TestDemandKeepsAndTrims(t *testing.T) {
	var ended atomic.Int64
	d := NewDemand(catalogue(t, part("synth", nil)), DemandOptions{
		Env:  counted(&ended),
		Keep: func(m *component.Manifest) bool { return m.Name == "synth" },
	})
	a := bind(t, d, "synth")
	if n := d.Trim(); n != 0 {
		t.Fatalf("%d unloaded while in use", n)
	}
	a.Release()
	list, _ := d.List(ctx, "synth")
	if b := bind(t, d, "synth"); b != a || list[0].Refs != 1 || !strings.Contains(list[0].Note, "kept") {
		t.Fatalf("not kept: %+v", list)
	} else {
		b.Release()
	}
	if n := d.Trim(); n != 1 || ended.Load() != 1 {
		t.Fatalf("%d unloaded, %d ended", n, ended.Load())
	}
	bind(t, d, "synth").Release()
	if d.Release(); ended.Load() != 2 {
		t.Fatal("the end of the namespace keeps what nobody uses")
	}
}

func TestDemandEndsWhileItLoads(t *testing.T) {
	var ended atomic.Int64
	var d *Demand
	d = NewDemand(catalogue(t, part("synth", func(*component.Env) error {
		d.Release()
		return nil
	})), DemandOptions{Env: counted(&ended), Keep: func(*component.Manifest) bool { return true }})
	o := bind(t, d, "synth")
	if o.(*thing).Refs() != 1 {
		t.Fatalf("%d references, want the caller's alone", o.(*thing).Refs())
	}
	if o.Release(); ended.Load() != 1 {
		t.Fatal("component did not end")
	}
}

// TestUntiedComponents are those whose constructor does not say when they end.
func TestUntiedComponents(t *testing.T) {
	var ended atomic.Int64
	c := part("old", nil)
	c.New = func(*component.Env) (com.Unknown, error) { return newThing("old"), nil }
	d := NewDemand(catalogue(t, c), DemandOptions{Env: counted(&ended)})
	a := bind(t, d, "old")
	if n := d.Trim(); n != 0 {
		t.Fatal(n)
	}
	if a.Release(); d.Trim() != 1 || ended.Load() != 1 {
		t.Fatalf("%d ended", ended.Load())
	}
	a = bind(t, d, "old")
	a.Release()
	if b := bind(t, d, "old"); a == b || ended.Load() != 2 {
		t.Fatalf("%d ended", ended.Load())
	}
}

func TestConcurrentLookupsGetTheOne(t *testing.T) {
	const lookups = 8
	var made atomic.Int64
	var ended atomic.Int64
	begin, proceed := make(chan struct{}), make(chan struct{})
	d := NewDemand(catalogue(t, part("synth", func(*component.Env) error {
		if made.Add(1) == 1 {
			close(begin)
			<-proceed
		}
		return nil
	})), DemandOptions{Env: counted(&ended)})
	got := make(chan com.Unknown, lookups)
	look := func() {
		o, err := d.Bind(ctx, "synth")
		if err != nil {
			t.Error(err)
		}
		got <- o
	}
	go look()
	<-begin
	if list, _ := d.List(ctx, ""); list[0].Note != "version 1.0.0, loading" {
		t.Errorf("%+v", list)
	}
	for range lookups - 1 {
		go look()
	}
	slots := *d.slots.Load()
	for slots[0].state.Load().loading.joined.Load() != lookups-1 {
	}
	close(proceed)
	first := <-got
	// The one who constructed may be done before others come to take theirs:
	// each has its reference already.
	first.Release()
	for range lookups - 1 {
		if o := <-got; o != first {
			t.Error("another object")
		} else {
			o.Release()
		}
	}
	if made.Load() != 1 || ended.Load() != 1 {
		t.Fatalf("constructed %d times, ended %d times", made.Load(), ended.Load())
	}
}

func TestFailedConstructorTellsAll(t *testing.T) {
	broken := com.Errorf(com.ErrFailed, "no such device")
	var tries, ended atomic.Int64
	begin, proceed := make(chan struct{}), make(chan struct{})
	d := NewDemand(catalogue(t, part("ac97", func(*component.Env) error {
		if tries.Add(1) == 1 {
			close(begin)
			<-proceed
			return broken
		}
		return nil
	})), DemandOptions{Env: counted(&ended)})
	fail := make(chan error)
	look := func() {
		_, err := d.Bind(ctx, "ac97")
		fail <- err
	}
	go look()
	<-begin
	for range 3 {
		go look()
	}
	// One who waits may give up.
	slot := (*d.slots.Load())[0]
	for slot.state.Load().loading.joined.Load() != 3 {
	}
	impatient, cancel := context.WithCancel(ctx)
	go func() {
		_, err := d.Bind(impatient, "ac97")
		fail <- err
	}()
	for slot.state.Load().loading.joined.Load() != 4 {
	}
	cancel()
	if err := <-fail; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	close(proceed)
	for range 4 {
		err := <-fail
		if wantError(t, err, com.ErrFailed, "ac97"); !errors.Is(err, broken) {
			t.Error(err)
		}
	}
	if ended.Load() != 1 {
		t.Fatalf("%d ended after the failure", ended.Load())
	}
	bind(t, d, "ac97").Release()
}

func TestFailuresLeaveNothing(t *testing.T) {
	refuse := com.Errorf(com.ErrQuota, "no memory for it")
	envs := 0
	var ended atomic.Int64
	d := NewDemand(catalogue(t, part("a", func(*component.Env) error { panic("constructor") }), part("b", nil)), DemandOptions{
		Env: func(ctx context.Context, c *component.Component) (*component.Env, error) {
			if envs++; envs == 1 {
				return nil, refuse
			}
			return counted(&ended)(ctx, c)
		},
	})
	_, err := d.Bind(ctx, "b")
	wantError(t, err, com.ErrQuota, "b")
	func() {
		defer func() {
			if recover() != "constructor" {
				t.Error("the panic did not go on")
			}
		}()
		d.Bind(ctx, "a")
	}()
	if list, _ := d.List(ctx, ""); list[0].Note != "version 1.0.0, not loaded" || ended.Load() != 1 {
		t.Fatalf("%+v, %d ended", list, ended.Load())
	}
	bind(t, d, "b").Release()
}

// ring makes components that look one another up while they are constructed.
func ring(t *testing.T, at func(name string)) *Demand {
	var d *Demand
	next := map[string]string{"a": "b", "b": "c", "c": "a"}
	var list []component.Component
	for _, n := range []string{"a", "b", "c"} {
		list = append(list, part(n, func(env *component.Env) error {
			at(n)
			o, err := env.Names.Bind(ctx, "parts/"+next[n])
			com.Release(o)
			return err
		}))
	}
	boot := NewDir(0)
	d = NewDemand(catalogue(t, list...), DemandOptions{
		Env: func(_ context.Context, c *component.Component) (*component.Env, error) {
			return &component.Env{Component: &c.Manifest, Names: boot}, nil
		},
	})
	register(t, boot, "parts", d)
	t.Cleanup(func() { com.Release(boot, d) })
	return d
}

func TestRingOfComponents(t *testing.T) {
	d := ring(t, func(string) {})
	_, err := d.Bind(ctx, "a")
	if wantError(t, err, com.ErrWouldDeadlock, ""); !strings.Contains(err.Error(), "c -> a") {
		t.Fatalf("%v does not show the ring", err)
	}
}

func TestRingAcrossThreads(t *testing.T) {
	var all sync.WaitGroup
	all.Add(3)
	var once [3]sync.Once
	// Each constructor waits until all three run, then all close the ring.
	d := ring(t, func(name string) {
		once[name[0]-'a'].Do(func() {
			all.Done()
			all.Wait()
		})
	})
	errs := make(chan error)
	for _, n := range []string{"a", "b", "c"} {
		go func() {
			o, err := d.Bind(ctx, n)
			com.Release(o)
			errs <- err
		}()
	}
	failures := 0
	for range 3 {
		if err := <-errs; errors.Is(err, com.ErrWouldDeadlock) {
			failures++
		} else if err != nil {
			t.Error(err)
		}
	}
	if failures == 0 {
		t.Fatal("a ring was constructed")
	}
}

// room is a component that is a namespace.
func room(name string) component.Component {
	c := component.Component{Manifest: component.Manifest{Name: name, Provides: component.Contracts(&system.NamespaceType.Descriptor)}}
	c.New = func(*component.Env) (com.Unknown, error) {
		d := NewDir(0)
		o := newThing("chair")
		defer o.Release()
		return d, d.Register("chair", o)
	}
	return c
}

func TestComponentsThatAreNamespaces(t *testing.T) {
	d := NewDemand(catalogue(t, room("room")), DemandOptions{})
	boot := NewDir(0)
	register(t, boot, "dev", d)
	if o := bind(t, boot, "dev/room/chair").(*thing); o.name != "chair" {
		t.Fatal(o.name)
	}
	if s := names(t, boot, "dev") + "; " + names(t, boot, "dev/room"); s != "room/; chair" {
		t.Fatal(s)
	}
	_, err := boot.Bind(ctx, "dev/room/table")
	wantError(t, err, com.ErrNotFound, "table")
	_, err = boot.Bind(ctx, "dev/hall/table")
	wantError(t, err, com.ErrNotFound, "hall")
	_, err = boot.List(ctx, "dev/room/table")
	wantError(t, err, com.ErrNotFound, "table")
}

// TestDemandUnderLoad looks up and releases from all sides, while others trim.
// There may never be two objects of a component at a time.
func TestDemandUnderLoad(t *testing.T) {
	for _, keep := range []bool{false, true} {
		var alive, made, ended atomic.Int64
		c := part("synth", nil)
		c.New = func(env *component.Env) (com.Unknown, error) {
			n := made.Add(1)
			if alive.Add(1) != 1 {
				t.Error("two are alive")
			}
			if n%5 == 0 {
				alive.Add(-1)
				return nil, com.ErrFailed
			}
			o := &thing{name: "synth"}
			env.Init(&o.Object, o, func() { alive.Add(-1) })
			return o, nil
		}
		d := NewDemand(catalogue(t, c), DemandOptions{Env: counted(&ended), Keep: func(*component.Manifest) bool { return keep }})
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				for i := range 2000 {
					if w == 3 && i%4 == 0 {
						d.Trim()
						d.List(ctx, "")
					}
					o, err := d.Bind(ctx, "synth")
					if err != nil {
						if !errors.Is(err, com.ErrFailed) {
							t.Error(err)
						}
						continue
					}
					if o.(*thing).Refs() == 0 {
						t.Error("a dead object")
					}
					o.Release()
				}
			})
		}
		wg.Wait()
		d.Release()
		if alive.Load() != 0 || made.Load() != ended.Load() {
			t.Fatalf("keep %v: %d made, %d ended, %d alive", keep, made.Load(), ended.Load(), alive.Load())
		}
		t.Logf("keep %v: %d made", keep, made.Load())
	}
}
