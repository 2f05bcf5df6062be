package hostdriver

import (
	"context"

	"github.com/mmlite/mmlite/firmware/fs"
	"github.com/mmlite/mmlite/firmware/namespace"
)

// Exports are the files that this program shows the card, at /host in its own
// view of the card's namespace and in no other.
type Exports struct {
	dir *namespace.Dir
}

// NewExports returns exports without files.
func NewExports() *Exports { return &Exports{dir: namespace.NewDir(0)} }

// AddFile shows the file at path, read-only, as name.
func (e *Exports) AddFile(name, path string) error {
	f, err := fs.OpenFile(path, nil)
	if err != nil {
		return err
	}
	defer f.Release()
	return e.dir.Register(name, f)
}

// AddFolder shows the folder at path and what is below it, read-only, as name.
// Symbolic links that lead out of it are not followed.
func (e *Exports) AddFolder(name, path string) error {
	f, err := fs.OpenFolder(path, nil)
	if err != nil {
		return err
	}
	defer f.Release()
	return e.dir.Register(name, f)
}

// Close lets go of the files. A card that they were exported to keeps those it
// holds until it is closed.
func (e *Exports) Close() { e.dir.Release() }

// Export shows the card what e has, in place of what was shown before.
func (c *Card) Export(ctx context.Context, e *Exports) error {
	return c.system.Attach(ctx, e.dir)
}
