package namespace

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/component"
	"github.com/mmlite/mmlite/firmware/mutate"
	"github.com/mmlite/mmlite/firmware/system"
)

// Source knows components by name. A *component.Catalogue is one; a loader of
// modules is another. Its methods may be called from anywhere.
type Source interface {
	// Find returns the component, or com.ErrNotFound.
	Find(name string) (*component.Component, error)
	// All lists what Find could find.
	All() []*component.Manifest
}

// DemandOptions say how a Demand constructs and keeps components.
type DemandOptions struct {
	// Env makes what a component may touch; if nil, it gets nothing. Its Ended
	// runs when the component is no more: it closes the component's heap, for
	// instance. Env is called with nothing locked, on the thread that looked
	// the name up.
	Env func(ctx context.Context, c *component.Component) (*component.Env, error)
	// Keep says which components stay loaded when nobody uses them. If nil,
	// none do.
	Keep func(*component.Manifest) bool
	// Wait makes what concurrent lookups wait on; mutate.Block if nil.
	Wait mutate.Waiter
}

// Demand is a namespace that constructs a component when its name is looked up.
// A miss is looked for in the source and constructed with no lock held, once,
// however many look at the same time. If that fails all of them get the error,
// nothing is left, and the next lookup tries again.
//
// The namespace's own reference to an object is weak unless Keep says otherwise:
// when the last user releases it the object ends, and the next lookup constructs
// another one. A lookup and a last release at the same time are settled by the
// object's count: either the lookup gets the object alive, or it was too late and
// constructs another one, after the first has come to its end.
type Demand struct {
	com.Object
	source Source
	opts   DemandOptions
	slots  atomic.Pointer[[]*slot] // sorted by name; nil: the Demand has ended
}

var _ system.Namespace = (*Demand)(nil)

// NewDemand returns a demand-loading namespace over a source, with one
// reference, the caller's.
func NewDemand(source Source, o DemandOptions) *Demand {
	if o.Wait == nil {
		o.Wait = mutate.Block
	}
	d := &Demand{source: source, opts: o}
	d.slots.Store(&[]*slot{})
	d.Init(d, d.stop, system.NamespaceType.For(d))
	return d
}

// stop lets go of what is kept.
func (d *Demand) stop() {
	for _, s := range *d.slots.Swap(nil) {
		s.unkeep(false)
		s.sweep()
	}
}

// slot returns the place of the component called name.
func (d *Demand) slot(name string) (*slot, error) {
	for {
		old := d.slots.Load()
		if old == nil {
			return nil, com.ErrGone
		}
		i, ok := slices.BinarySearchFunc(*old, name, func(s *slot, n string) int { return strings.Compare(s.component.Name, n) })
		if ok {
			return (*old)[i], nil
		}
		c, err := d.source.Find(name)
		if err != nil {
			return nil, err
		}
		if c.Name != name {
			return nil, com.Errorf(com.ErrInvalid, "its manifest calls it %q", c.Name)
		}
		s := &slot{component: c}
		grown := slices.Insert(slices.Clone(*old), i, s)
		if d.slots.CompareAndSwap(old, &grown) {
			return s, nil
		}
	}
}

// obtain returns the object of s with a reference of the caller's, constructing
// it if need be.
func (d *Demand) obtain(ctx context.Context, s *slot) (com.Unknown, error) {
	for {
		st := s.state.Load()
		if st != nil && st.loading != nil {
			by := caller(ctx)
			if err := by.need(st.loading); err != nil {
				return nil, err
			}
			obj, err := st.loading.wait(ctx)
			by.got()
			if err == errAgain {
				// Handed out, so its state is replaced at once.
				if err := st.loading.done.Wait(ctx); err != nil {
					return nil, err
				}
				continue
			}
			return obj, err
		}
		if st != nil && st.obj.AddRef() != 0 {
			return st.obj, nil
		}
		if st != nil {
			if err := s.bury(ctx, st); err != nil {
				return nil, err
			}
			continue
		}
		l := &load{name: s.component.Name, done: d.opts.Wait(), inside: caller(ctx)}
		if s.state.CompareAndSwap(nil, &state{loading: l}) {
			return d.construct(ctx, s, l)
		}
	}
}

// construct makes the object of s, whose state says that l is under way.
func (d *Demand) construct(ctx context.Context, s *slot, l *load) (com.Unknown, error) {
	settled := false
	defer func() {
		if !settled {
			// The constructor panicked or its thread is being ended. That goes
			// on; those who wait are told.
			d.settle(s, l, nil, com.Errorf(com.ErrPanic, "constructor of %s did not return", l.name))
		}
	}()
	st, err := d.try(ctx, s, l)
	d.settle(s, l, st, err)
	settled = true
	if err != nil {
		return nil, err
	}
	return st.obj, nil
}

func (d *Demand) try(ctx context.Context, s *slot, l *load) (*state, error) {
	if err := l.inside.need(l); err != nil {
		return nil, err
	}
	defer l.inside.got()
	env := &component.Env{Component: &s.component.Manifest, Wait: d.opts.Wait}
	if d.opts.Env != nil {
		var err error
		if env, err = d.opts.Env(ctx, s.component); err != nil {
			return nil, err
		}
	}
	if env.Names != nil {
		t := &tracked{by: l, names: env.Names}
		t.Init(t, nil, system.NamespaceType.For(t))
		env.Names = t
	}
	st := &state{env: env, over: d.opts.Wait()}
	ended := env.Ended
	env.Ended = func() {
		if ended != nil {
			ended()
		}
		s.forget(st.over)
		st.over.Set()
	}
	obj, err := s.component.Construct(env)
	if err != nil {
		return nil, err
	}
	st.obj = obj
	st.kept = d.opts.Keep != nil && d.opts.Keep(&s.component.Manifest)
	if dir, err := com.Query(obj, system.NamespaceType); err == nil {
		st.dir = dir
		dir.Release()
	}
	return st, nil
}

// settle ends the load l of s, whose result is st or err.
func (d *Demand) settle(s *slot, l *load, st *state, err error) {
	var obj com.Unknown
	if err == nil {
		if obj = st.obj; st.kept {
			obj.AddRef()
		}
	} else {
		st = nil
	}
	l.settle(obj, err)
	s.state.Store(st)
	l.done.Set()
	if d.slots.Load() == nil {
		s.unkeep(false)
	}
}

// Trim unloads the components that are kept though nobody uses them, and clears
// up after those that have ended without telling (see component.Env.Init; their
// end is taken to be complete). It returns how many have ended. A reaper thread
// calls it from time to time, and whoever is short of memory.
func (d *Demand) Trim() int {
	slots, n := d.slots.Load(), 0
	if slots == nil {
		return 0
	}
	for _, s := range *slots {
		ended := s.unkeep(true)
		if s.sweep() || ended {
			n++
		}
	}
	return n
}

// Bind implements system.Namespace. The error is com.ErrNotFound for a name that
// the source does not know, that of the constructor if it failed, and
// com.ErrWouldDeadlock where components need one another in a ring.
func (d *Demand) Bind(ctx context.Context, path string) (com.Unknown, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	elem, rest := next(path)
	if elem == "" {
		return self(d)
	}
	s, err := d.slot(elem)
	if err != nil {
		return nil, failed(path, elem, err)
	}
	obj, err := d.obtain(ctx, s)
	if err != nil {
		return nil, failed(path, elem, err)
	}
	if rest == "" {
		return obj, nil
	}
	defer obj.Release()
	dir, err := com.Query(obj, system.NamespaceType)
	if err != nil {
		return nil, failed(path, elem, errLeaf)
	}
	defer dir.Release()
	if obj, err = dir.Bind(ctx, rest); err != nil {
		return nil, failed(path, elem, err)
	}
	return obj, nil
}

// List implements system.Namespace. Listing the components loads none; listing
// what is in one that is a namespace loads it.
func (d *Demand) List(ctx context.Context, path string) ([]system.Entry, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	elem, rest := next(path)
	if elem == "" {
		var list []system.Entry
		for _, m := range d.source.All() {
			list = append(list, d.describe(m))
		}
		slices.SortFunc(list, func(a, b system.Entry) int { return strings.Compare(a.Name, b.Name) })
		return list, nil
	}
	s, err := d.slot(elem)
	if err != nil {
		return nil, failed(path, elem, err)
	}
	if one := d.describe(&s.component.Manifest); !one.Directory {
		if rest != "" {
			return nil, failed(path, elem, errLeaf)
		}
		return []system.Entry{one}, nil
	}
	obj, err := d.obtain(ctx, s)
	if err != nil {
		return nil, failed(path, elem, err)
	}
	defer obj.Release()
	dir, err := com.Query(obj, system.NamespaceType)
	if err != nil {
		return nil, failed(path, elem, errLeaf)
	}
	defer dir.Release()
	list, err := dir.List(ctx, rest)
	if err != nil {
		return nil, failed(path, elem, err)
	}
	return list, nil
}

func (d *Demand) describe(m *component.Manifest) system.Entry {
	out := system.Entry{Name: m.Name, Note: "not loaded"}
	for _, c := range m.Provides {
		out.Contracts = append(out.Contracts, c.Name)
		out.Directory = out.Directory || c.IID == system.NamespaceType.IID
	}
	if slots := d.slots.Load(); slots != nil {
		if i, ok := slices.BinarySearchFunc(*slots, m.Name, func(s *slot, n string) int { return strings.Compare(s.component.Name, n) }); ok {
			(*slots)[i].state.Load().describe(&out)
		}
	}
	out.Note = "version " + m.Version.String() + ", " + out.Note
	return out
}

// tracked is a component's view of the names, which says while its constructor
// runs on whose behalf lookups are made.
type tracked struct {
	com.Object
	by    *load
	names system.Namespace
}

func (t *tracked) context(ctx context.Context) context.Context {
	if t.by.joined.Load() < 0 || caller(ctx) == t.by {
		return ctx
	}
	return context.WithValue(ctx, loadKey{}, t.by)
}

func (t *tracked) Bind(ctx context.Context, path string) (com.Unknown, error) {
	return t.names.Bind(t.context(ctx), path)
}

func (t *tracked) List(ctx context.Context, path string) ([]system.Entry, error) {
	return t.names.List(ctx, path)
}
