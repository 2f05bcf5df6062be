package mmd

import (
	"context"
	"strings"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
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
	i.Link = r.c.via
	i.Generation = r.c.end.Channel().Generation()
	i.Uptime = time.Duration(r.c.s.cfg.Processor.Now() - r.c.s.born)
	return i, nil
}

// hostName is where a client's exports are.
const hostName = "host"

// exported splits off the part of path that lies below /host.
func exported(path string) (rest string, ok bool) {
	path = strings.Trim(path, "/")
	if path == hostName {
		return "", true
	}
	return strings.CutPrefix(path, hostName+"/")
}

// Bind implements system.System and system.Namespace.
func (r *root) Bind(ctx context.Context, path string) (com.Unknown, error) {
	rest, host := exported(path)
	switch {
	case strings.Trim(path, "/") == "":
		r.AddRef()
		return r, nil
	case !host:
		return r.c.s.cfg.Root.Bind(ctx, path)
	case r.c.exports == nil:
		return nil, com.Errorf(com.ErrNotFound, "/host: this client exports nothing")
	case rest == "":
		r.c.exports.AddRef()
		return r.c.exports, nil
	}
	return r.c.exports.Bind(ctx, rest)
}

// List implements system.Namespace.
func (r *root) List(ctx context.Context, path string) ([]system.Entry, error) {
	rest, host := exported(path)
	if host {
		if r.c.exports == nil {
			return nil, com.Errorf(com.ErrNotFound, "/host: this client exports nothing")
		}
		return r.c.exports.List(ctx, rest)
	}
	list, err := r.c.s.cfg.Root.List(ctx, path)
	if err != nil || strings.Trim(path, "/") != "" || r.c.exports == nil {
		return list, err
	}
	mine := system.Entry{Name: hostName, Directory: true, Contracts: []string{system.NamespaceType.Name}, Note: "files of this client"}
	at := 0
	for at < len(list) && list[at].Name < hostName {
		at++
	}
	return append(list[:at:at], append([]system.Entry{mine}, list[at:]...)...), nil
}

// Attach implements system.System.
func (r *root) Attach(_ context.Context, exports system.Namespace) error {
	if r.c.exports != nil {
		r.c.exports.Release()
	}
	r.c.exports = exports
	if exports != nil {
		exports.AddRef()
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
