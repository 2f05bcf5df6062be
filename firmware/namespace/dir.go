// Package namespace is the names of a card: objects that map path elements to
// objects, and are bound in one another to make a tree.
//
// [Dir] holds what is registered in it; the boot namespace is one. [Demand]
// constructs components when somebody asks for them. [View] shows part of a
// namespace, perhaps under other names; [Overlay] adds names for one client.
// [Status] objects tell what goes on. It is the programming model of MMLite
// (Helander and Forin 1998, section 2.2), where looking a name up is how a
// component comes to run.
//
// Looking up takes no lock and waits for nobody, except for a constructor or a
// link where the path leads to one: tables are never changed but replaced.
package namespace

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// MaxNames is how many names a Dir holds if it is not told otherwise.
const MaxNames = 4096

// Dir is a namespace that holds what is registered in it. Its methods may be
// called from anywhere at any time.
type Dir struct {
	com.Object
	limit int
	table atomic.Pointer[[]entry] // sorted by name; nil: the Dir has ended
}

var _ system.Namespace = (*Dir)(nil)

// entry is one name. It holds a reference to its object.
type entry struct {
	name string
	obj  com.Unknown
	dir  system.Namespace // obj as a namespace, if it is one
}

// NewDir returns an empty namespace for at most limit names, MaxNames if limit
// is 0, with one reference, the caller's.
func NewDir(limit int) *Dir {
	if limit <= 0 {
		limit = MaxNames
	}
	d := &Dir{limit: limit}
	d.table.Store(&[]entry{})
	d.Init(d, d.end, system.NamespaceType.For(d))
	return d
}

func (d *Dir) end() {
	for _, e := range *d.table.Swap(nil) {
		e.obj.Release()
	}
}

// search finds name in a sorted table.
func search(table []entry, name string) (int, bool) {
	return slices.BinarySearchFunc(table, name, func(e entry, name string) int { return strings.Compare(e.name, name) })
}

// find returns the entry called name with a reference of the caller's own.
func (d *Dir) find(name string) (entry, error) {
	for {
		table := d.table.Load()
		if table == nil {
			return entry{}, com.ErrGone
		}
		i, ok := search(*table, name)
		if !ok {
			return entry{}, com.ErrNotFound
		}
		e := (*table)[i]
		if e.obj.AddRef() != 0 {
			return e, nil
		}
		// It ended, most likely because it was removed since we looked.
		if d.table.Load() == table {
			return entry{}, com.ErrGone
		}
	}
}

// change replaces the table by what f makes of it, with nobody else changing it
// in between. F must not change its argument and may be called several times.
func (d *Dir) change(f func(table []entry) ([]entry, error)) error {
	for {
		old := d.table.Load()
		if old == nil {
			return com.ErrGone
		}
		table, err := f(*old)
		if err != nil {
			return err
		}
		if d.table.CompareAndSwap(old, &table) {
			return nil
		}
	}
}

// Register puts obj at path, and adds a reference to it. Namespaces missing on
// the way are made. The error is com.ErrExists if the name is taken,
// com.ErrQuota if a Dir is full, and com.ErrNotSupported if the path leads
// through a namespace that is no Dir.
func (d *Dir) Register(path string, obj com.Unknown) error { return d.register(path, obj, false) }

// Put is Register, but replaces what may be at path.
func (d *Dir) Put(path string, obj com.Unknown) error { return d.register(path, obj, true) }

func (d *Dir) register(path string, obj com.Unknown, replace bool) error {
	if obj == nil {
		return com.Errorf(com.ErrInvalid, "path %q: no object to register", path)
	}
	if err := checkPath(path); err != nil {
		return err
	}
	at, name, err := d.parent(path, true)
	if err != nil {
		return err
	}
	defer at.Release()
	e, err := newEntry(name, obj)
	if err != nil {
		return failed(path, name, err)
	}
	old, err := at.insert(e, replace)
	if err != nil {
		e.obj.Release()
		return failed(path, name, err)
	}
	com.Release(old.obj)
	return nil
}

// newEntry finds out once, and not at each listing, whether obj is a namespace:
// it may be on the other side of a link.
func newEntry(name string, obj com.Unknown) (entry, error) {
	dir, err := com.Query(obj, system.NamespaceType)
	switch {
	case err == nil:
		return entry{name: name, obj: dir, dir: dir}, nil
	case com.CodeOf(err) != com.ErrNoInterface:
		return entry{}, err
	case obj.AddRef() == 0:
		return entry{}, com.ErrGone
	}
	return entry{name: name, obj: obj}, nil
}

func (d *Dir) insert(e entry, replace bool) (old entry, err error) {
	err = d.change(func(table []entry) ([]entry, error) {
		old = entry{}
		i, taken := search(table, e.name)
		switch {
		case taken && !replace:
			return nil, com.ErrExists
		case taken:
			old = table[i]
			table = slices.Clone(table)
			table[i] = e
			return table, nil
		case len(table) >= d.limit:
			return nil, com.Errorf(com.ErrQuota, "%d names are in use", len(table))
		}
		grown := make([]entry, 0, len(table)+1)
		grown = append(append(grown, table[:i]...), e)
		return append(grown, table[i:]...), nil
	})
	return old, err
}

// Remove takes the name at path away and gives its reference back.
func (d *Dir) Remove(path string) error {
	if err := checkPath(path); err != nil {
		return err
	}
	at, name, err := d.parent(path, false)
	if err != nil {
		return err
	}
	defer at.Release()
	var old entry
	err = at.change(func(table []entry) ([]entry, error) {
		i, ok := search(table, name)
		if !ok {
			return nil, com.ErrNotFound
		}
		old = table[i]
		return slices.Delete(slices.Clone(table), i, i+1), nil
	})
	if err != nil {
		return failed(path, name, err)
	}
	old.obj.Release()
	return nil
}

// parent returns the Dir that path's last element is in, with a reference, and
// that element. With create, Dirs missing on the way are made.
func (d *Dir) parent(path string, create bool) (*Dir, string, error) {
	at := d
	if at.AddRef() == 0 {
		return nil, "", com.ErrGone
	}
	elem, rest := next(path)
	if elem == "" {
		at.Release()
		return nil, "", com.Errorf(com.ErrInvalid, "path %q names the namespace itself", path)
	}
	for rest != "" {
		below, err := at.step(elem, create)
		at.Release()
		if err != nil {
			return nil, "", failed(path, elem, err)
		}
		at = below
		elem, rest = next(rest)
	}
	return at, elem, nil
}

func (d *Dir) step(elem string, create bool) (*Dir, error) {
	for {
		e, err := d.find(elem)
		if err == com.ErrNotFound && create {
			sub := NewDir(d.limit)
			_, err = d.insert(entry{name: elem, obj: sub, dir: sub}, false)
			if err == nil {
				sub.AddRef()
				return sub, nil
			}
			sub.Release()
			if err == com.ErrExists {
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		if sub, ok := e.obj.(*Dir); ok {
			return sub, nil
		}
		defer e.obj.Release()
		if e.dir == nil {
			return nil, errLeaf
		}
		return nil, com.Errorf(com.ErrNotSupported, "its names are its own")
	}
}

// Bind implements system.Namespace.
func (d *Dir) Bind(ctx context.Context, path string) (com.Unknown, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	elem, rest := next(path)
	if elem == "" {
		return self(d)
	}
	e, err := d.find(elem)
	if err != nil {
		return nil, failed(path, elem, err)
	}
	if rest == "" {
		return e.obj, nil
	}
	defer e.obj.Release()
	if e.dir == nil {
		return nil, failed(path, elem, errLeaf)
	}
	obj, err := e.dir.Bind(ctx, rest)
	if err != nil {
		return nil, failed(path, elem, err)
	}
	return obj, nil
}

// self returns a namespace as the object at its empty path.
func self(n system.Namespace) (com.Unknown, error) {
	if n.AddRef() == 0 {
		return nil, com.ErrGone
	}
	return n, nil
}

// List implements system.Namespace.
func (d *Dir) List(ctx context.Context, path string) ([]system.Entry, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	elem, rest := next(path)
	if elem == "" {
		table := d.table.Load()
		if table == nil {
			return nil, com.ErrGone
		}
		list := make([]system.Entry, len(*table))
		for i, e := range *table {
			list[i] = describe(e)
		}
		return list, nil
	}
	e, err := d.find(elem)
	if err != nil {
		return nil, failed(path, elem, err)
	}
	defer e.obj.Release()
	switch {
	case e.dir != nil:
		list, err := e.dir.List(ctx, rest)
		if err != nil {
			return nil, failed(path, elem, err)
		}
		return list, nil
	case rest != "":
		return nil, failed(path, elem, errLeaf)
	}
	one := describe(e)
	one.Refs -= min(one.Refs, 1) // the one held to look at it
	return []system.Entry{one}, nil
}

// Noter is implemented by objects that have something to say in listings.
type Noter interface{ Note() string }

// describe tells what can be told of an object without calling across a link.
func describe(e entry) system.Entry {
	out := system.Entry{Name: e.name, Directory: e.dir != nil}
	if d, ok := e.obj.(com.Described); ok {
		for _, c := range d.Contracts() {
			out.Contracts = append(out.Contracts, c.Name)
		}
	} else if e.dir != nil {
		out.Contracts = []string{system.NamespaceType.Name}
	}
	if r, ok := e.obj.(interface{ Refs() uint32 }); ok {
		out.Refs = r.Refs()
	}
	if n, ok := e.obj.(Noter); ok {
		out.Note = n.Note()
	}
	return out
}
