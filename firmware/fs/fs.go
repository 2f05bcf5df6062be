// Package fs shows files as objects: a file is a system.File, a folder a
// system.Namespace. What it shows is read-only, and nothing outside the folder
// can be reached through it, by "..", by an absolute path or by a symbolic link.
package fs

import (
	"context"
	"fmt"
	"io"
	iofs "io/fs"
	"math"
	"os"
	"path"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// Runner runs f, which blocks in Go's own ways. On a card it is thread.Await,
// on a host nil, which means a plain call.
type Runner func(f func())

// run has f run where blocking does no harm.
//
//mm:await
func (r Runner) run(f func()) {
	if r == nil {
		f()
		return
	}
	r(f)
}

// maxEntries bounds a listing.
const maxEntries = 4096

// Folder shows a folder of the host's file system.
type Folder struct {
	com.Object
	root *os.Root
	run  Runner
}

var _ system.Namespace = (*Folder)(nil)

// OpenFolder returns the folder at name, with one reference, the caller's. The
// errors are com.ErrNotFound and com.ErrPermission.
func OpenFolder(name string, run Runner) (*Folder, error) {
	var root *os.Root
	var err error
	run.run(func() { root, err = os.OpenRoot(name) })
	if err != nil {
		return nil, com.Errorf(com.CodeOf(err), "folder %s: %s", name, reason(err))
	}
	return newFolder(root, run), nil
}

func newFolder(root *os.Root, run Runner) *Folder {
	f := &Folder{root: root, run: run}
	f.Init(f, func() { run.run(func() { root.Close() }) }, system.NamespaceType.For(f))
	return f
}

// reason is what err says without the operation and the path.
func reason(err error) string {
	if p, ok := err.(*iofs.PathError); ok {
		return p.Err.Error()
	}
	return err.Error()
}

func clean(p string) string {
	p = strings.Trim(p, "/")
	if p == "" {
		return "."
	}
	return p
}

// Bind implements system.Namespace.
func (f *Folder) Bind(_ context.Context, name string) (o com.Unknown, err error) {
	name = clean(name)
	if name == "." {
		f.AddRef()
		return f, nil
	}
	f.run.run(func() { o, err = f.open(name) })
	return o, err
}

func (f *Folder) open(name string) (com.Unknown, error) {
	info, err := f.root.Stat(name)
	if err != nil {
		return nil, com.Errorf(com.CodeOf(err), "%s: %s", name, reason(err))
	}
	if info.IsDir() {
		sub, err := f.root.OpenRoot(name)
		if err != nil {
			return nil, com.Errorf(com.CodeOf(err), "%s: %s", name, reason(err))
		}
		return newFolder(sub, f.run), nil
	}
	if !info.Mode().IsRegular() {
		return nil, com.Errorf(com.ErrPermission, "%s is not a regular file", name)
	}
	file, err := f.root.Open(name)
	if err != nil {
		return nil, com.Errorf(com.CodeOf(err), "%s: %s", name, reason(err))
	}
	return newFile(file, f.run)
}

// List implements system.Namespace.
func (f *Folder) List(_ context.Context, name string) (list []system.Entry, err error) {
	f.run.run(func() { list, err = f.list(clean(name)) })
	return list, err
}

func (f *Folder) list(name string) ([]system.Entry, error) {
	info, err := f.root.Stat(name)
	if err != nil {
		return nil, com.Errorf(com.CodeOf(err), "%s: %s", name, reason(err))
	}
	if !info.IsDir() {
		return []system.Entry{entry(path.Base(name), info)}, nil
	}
	dir, err := iofs.ReadDir(f.root.FS(), name)
	if err != nil {
		return nil, com.Errorf(com.CodeOf(err), "%s: %s", name, reason(err))
	}
	var list []system.Entry
	for _, d := range dir {
		if info, err := d.Info(); err == nil && len(list) < maxEntries {
			list = append(list, entry(d.Name(), info))
		}
	}
	return list, nil
}

func entry(name string, info iofs.FileInfo) system.Entry {
	if info.IsDir() {
		return system.Entry{Name: name, Directory: true, Contracts: []string{system.NamespaceType.Name}, Note: "folder"}
	}
	return system.Entry{Name: name, Contracts: []string{system.FileType.Name}, Note: size(info.Size())}
}

func size(n int64) string {
	const units = "kMGT"
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	f := float64(n)
	i := -1
	for f >= 1000 && i < len(units)-1 {
		f /= 1000
		i++
	}
	return fmt.Sprintf("%.1f %cB", math.Floor(10*f)/10, units[i])
}

// File shows one file.
type File struct {
	com.Object
	r    io.ReaderAt
	size uint64
	run  Runner
}

var _ system.File = (*File)(nil)

// OpenFile returns the file at name, with one reference, the caller's. A file
// that changes while it is shown reads as it then is; its size is that at the
// opening.
func OpenFile(name string, run Runner) (f *File, err error) {
	run.run(func() {
		// Looked at first: opening a pipe waits for its writer, for ever.
		if info, e := os.Stat(name); e == nil && !info.IsDir() && !info.Mode().IsRegular() {
			err = com.Errorf(com.ErrInvalid, "%s is not a regular file", name)
			return
		}
		var file *os.File
		if file, err = os.Open(name); err != nil {
			err = com.Errorf(com.CodeOf(err), "file %s: %s", name, reason(err))
			return
		}
		f, err = newFile(file, run)
	})
	return f, err
}

func newFile(file *os.File, run Runner) (*File, error) {
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = com.Errorf(com.ErrInvalid, "%s is a folder", file.Name())
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	f := &File{r: file, size: uint64(info.Size()), run: run}
	f.Init(f, func() { run.run(func() { file.Close() }) }, system.FileType.For(f))
	return f, nil
}

// Size implements system.File.
func (f *File) Size(context.Context) (uint64, error) { return f.size, nil }

// ReadAt implements system.File.
func (f *File) ReadAt(_ context.Context, off uint64, buf []byte) (n uint32, err error) {
	if off >= f.size {
		return 0, nil
	}
	f.run.run(func() {
		k, e := f.r.ReadAt(buf, int64(off))
		n = uint32(k)
		if e != nil && e != io.EOF {
			err = com.Errorf(com.CodeOf(e), "read at %d: %s", off, reason(e))
		}
	})
	return n, err
}
