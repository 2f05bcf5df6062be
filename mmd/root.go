package mmd

import (
	"context"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/system"
)

// root is the first object of a client: the card as that client sees it.
type root struct {
	com.Object
	c *Client
}

func newRoot(c *Client) *root {
	r := &root{c: c}
	r.Init(r, nil, system.SystemType.For(r), system.NamespaceType.For(r))
	return r
}

// Info implements system.System.
func (r *root) Info(context.Context) (system.Info, error) {
	i := r.c.s.cfg.Info()
	i.Link, i.Protocol = r.c.via, link.Protocol
	i.Generation = r.c.end.Channel().Generation()
	i.Uptime = time.Duration(r.c.s.cfg.Processor.Now() - r.c.s.born)
	return i, nil
}

// hostName is where a client's exports are, in its own view alone.
const hostName = "host"

// Bind implements system.System and system.Namespace.
func (r *root) Bind(ctx context.Context, path string) (com.Unknown, error) {
	return r.c.view.Bind(ctx, path)
}

// List implements system.Namespace.
func (r *root) List(ctx context.Context, path string) ([]system.Entry, error) {
	return r.c.view.List(ctx, path)
}

// Attach implements system.System.
func (r *root) Attach(_ context.Context, exports system.Namespace) error {
	if exports != nil {
		return r.c.view.Own().Put(hostName, exports)
	}
	if err := r.c.view.Own().Remove(hostName); com.CodeOf(err) != com.ErrNotFound {
		return err
	}
	return nil
}

// Log implements system.System.
func (r *root) Log(_ context.Context, since uint64) ([]string, uint64, error) {
	lines, next := r.c.s.cfg.Log(since)
	return lines, next, nil
}

// Update implements system.System.
func (r *root) Update(context.Context, system.File) error {
	return com.Errorf(com.ErrNotSupported, "this card cannot replace its own image: install a newer mmlite and start it again")
}
