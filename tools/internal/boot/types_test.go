package boot

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// overlays is where the files of the check are. It stays, and with it what the go
// command has compiled.
func overlays(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		return t.TempDir()
	}
	return filepath.Join(cache, "mmlite", "overlay")
}

// TestTypesOfBoards compiles the bare-metal boards, for want of TamaGo.
func TestTypesOfBoards(t *testing.T) {
	source, err := Source(".")
	if err != nil {
		t.Fatal(err)
	}
	lookAtAll(t, source)
	for _, goarch := range []string{"amd64", "arm"} {
		if err := CheckTypes(context.Background(), source, overlays(t), goarch, packagesFor(t, source, goarch)...); err != nil {
			t.Error(err)
		}
	}
}

// packagesFor lists what is in the folder of boards, without the boards of other
// processors.
func packagesFor(t *testing.T, source, goarch string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(source, "boards"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		other := slices.ContainsFunc(Boards(), func(b Board) bool { return b.Package == "./boards/"+e.Name() && b.GOARCH != goarch })
		if e.IsDir() && !other {
			list = append(list, "./boards/"+e.Name()+"/...")
		}
	}
	return list
}

// lookAtAll has the go command know that this test depends on the source, of which
// it sees only what the test itself looks at.
func lookAtAll(t *testing.T, source string) {
	t.Helper()
	err := filepath.WalkDir(source, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if n := d.Name(); d.IsDir() && path != source && (n == "testdata" || n[0] == '.') {
			return fs.SkipDir
		}
		if ext := filepath.Ext(path); d.IsDir() || ext == ".go" || ext == ".s" || ext == ".h" || ext == ".mod" {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTypesAreChecked: a board with a wrong type is found, and one that uses what
// only TamaGo has is not.
func TestTypesAreChecked(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.test/board\n\ngo 1.26.0\n")
	right := "//go:build tamago\n\npackage main\n\nimport (\"runtime\"; \"runtime/goos\")\n\nfunc main() { goos.Idle = func(int64) {}; runtime.MemRegion() }\n"
	write("main.go", right)
	if err := CheckTypes(context.Background(), dir, overlays(t), "amd64", "."); err != nil {
		t.Error(err)
	}
	write("main.go", strings.Replace(right, "int64", "int32", 1))
	if err := CheckTypes(context.Background(), dir, overlays(t), "amd64", "."); err == nil || !strings.Contains(err.Error(), "main.go:7") {
		t.Errorf("a wrong type in a hook: %v", err)
	}
}
