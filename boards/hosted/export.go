package hosted

import (
	"path/filepath"

	"github.com/mmlite/mmlite/firmware/fs"
	"github.com/mmlite/mmlite/firmware/thread"
)

// exportOne shows a folder at /files/NAME.
func (b *board) exportOne(dir string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	f, err := fs.OpenFolder(abs, blocking)
	if err != nil {
		return err
	}
	defer f.Release()
	return b.card.Root.Register("files/"+filepath.Base(abs), f)
}

// blocking runs what blocks in Go beside the thread that wants it.
//
//mm:await
func blocking(f func()) {
	if t := thread.Current(); t != nil {
		t.Await(f)
		return
	}
	f()
}
