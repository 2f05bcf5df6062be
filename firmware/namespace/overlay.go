package namespace

import (
	"context"
	"slices"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// Overlay is a namespace with names of its own in front of another one. The
// system gives each client one over its view, so that what a client exports is
// found by what runs on that client's behalf, and by nobody else.
type Overlay struct {
	com.Object
	own  *Dir
	base system.Namespace
}

var _ system.Namespace = (*Overlay)(nil)

// NewOverlay returns an overlay over base, to which it adds a reference, with one
// reference, the caller's. At most limit names are its own, MaxNames if 0.
func NewOverlay(base system.Namespace, limit int) (*Overlay, error) {
	if base.AddRef() == 0 {
		return nil, com.ErrGone
	}
	o := &Overlay{own: NewDir(limit), base: base}
	o.Init(o, func() { com.Release(o.own, o.base) }, system.NamespaceType.For(o))
	return o, nil
}

// Own returns the overlay's own names, borrowed. A first element registered
// there hides what the base has under it.
func (o *Overlay) Own() *Dir { return o.own }

// choose returns the namespace that path leads into.
func (o *Overlay) choose(path string) (system.Namespace, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	elem, _ := next(path)
	if table := o.own.table.Load(); table != nil {
		if _, ok := search(*table, elem); ok {
			return o.own, nil
		}
	}
	return o.base, nil
}

// Bind implements system.Namespace.
func (o *Overlay) Bind(ctx context.Context, path string) (com.Unknown, error) {
	in, err := o.choose(path)
	if err != nil {
		return nil, err
	}
	if clean(path) == "" {
		return self(o)
	}
	return in.Bind(ctx, path)
}

// List implements system.Namespace.
func (o *Overlay) List(ctx context.Context, path string) ([]system.Entry, error) {
	in, err := o.choose(path)
	if err != nil {
		return nil, err
	}
	if clean(path) != "" {
		return in.List(ctx, path)
	}
	list, err := o.own.List(ctx, "")
	if err != nil {
		return nil, err
	}
	base, err := o.base.List(ctx, "")
	if err != nil {
		return nil, err
	}
	own := len(list)
	for _, e := range base {
		if !slices.ContainsFunc(list[:own], func(x system.Entry) bool { return x.Name == e.Name }) {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b system.Entry) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}
