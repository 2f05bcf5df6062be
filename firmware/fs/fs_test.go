package fs

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

func TestFolderShowsItsOwnAlone(t *testing.T) {
	ctx := context.Background()
	base := t.TempDir()
	inside := filepath.Join(base, "shown")
	if err := os.MkdirAll(filepath.Join(inside, "songs"), 0o755); err != nil {
		t.Fatal(err)
	}
	text := bytes.Repeat([]byte("tune "), 1000)
	for path, data := range map[string][]byte{
		filepath.Join(inside, "songs", "a.mid"): text,
		filepath.Join(base, "secret"):           []byte("secret"),
	} {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if runtime.GOOS != "windows" {
		if err := os.Symlink(filepath.Join(base, "secret"), filepath.Join(inside, "link")); err != nil {
			t.Fatal(err)
		}
	}
	ran := 0
	f, err := OpenFolder(inside, func(g func()) { ran++; g() })
	if err != nil {
		t.Fatal(err)
	}
	defer f.Release()
	o, err := f.Bind(ctx, "/songs/a.mid")
	if err != nil {
		t.Fatal(err)
	}
	file, err := com.Query(o, system.FileType)
	o.Release()
	if err != nil {
		t.Fatal(err)
	}
	if n, err := file.Size(ctx); n != uint64(len(text)) || err != nil {
		t.Fatal(n, err)
	}
	buf := make([]byte, 100)
	if n, err := file.ReadAt(ctx, 4950, buf); n != 50 || err != nil || !bytes.Equal(buf[:50], text[4950:]) {
		t.Fatal(n, err)
	}
	if n, err := file.ReadAt(ctx, 1<<62, buf); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	file.Release()
	for _, path := range []string{"../secret", "songs/../../secret", "link", "/../secret", "nothing"} {
		if _, err := f.Bind(ctx, path); err == nil {
			t.Errorf("%s could be opened", path)
		}
	}
	if _, err := f.Bind(ctx, "nothing"); !errors.Is(err, com.ErrNotFound) {
		t.Error(err)
	}
	list, err := f.List(ctx, "songs")
	if err != nil || len(list) != 1 || list[0].Name != "a.mid" || list[0].Note != "5.0 kB" {
		t.Fatal(list, err)
	}
	if ran == 0 {
		t.Fatal("blocking work did not go through the runner")
	}
	if _, err := OpenFolder(filepath.Join(base, "nowhere"), nil); !errors.Is(err, com.ErrNotFound) {
		t.Fatal(err)
	}
	if _, err := OpenFile(inside, nil); !errors.Is(err, com.ErrInvalid) {
		t.Fatal(err)
	}
}
