package main

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the expected problems anew")

// mmidl runs the command and returns its exit code and everything it printed.
func mmidl(args ...string) (int, string) {
	var out bytes.Buffer
	code := run(args, &out, &out)
	return code, filepath.ToSlash(out.String())
}

// TestRefusals compares what is said about contracts that cannot be carried,
// with line and column, to the lists checked in beside them.
func TestRefusals(t *testing.T) {
	dirs, err := filepath.Glob("testdata/refused/*")
	if err != nil || len(dirs) == 0 {
		t.Fatal("no packages to refuse", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			code, got := mmidl(dir)
			if code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			golden := filepath.Join(dir, "problems.txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.ReplaceAll(string(want), "\r\n", "\n"); got != want {
				t.Errorf("problems differ\ngot:\n%s\nwant:\n%s", got, want)
			}
			if files, _ := filepath.Glob(filepath.Join(dir, "*"+generatedSuffix)); len(files) > 0 {
				t.Errorf("%v was written for contracts that were refused", files)
			}
		})
	}
}

// TestRepositoryIsCurrent fails when generated files are stale or a published
// contract has changed, anywhere in the module.
func TestRepositoryIsCurrent(t *testing.T) {
	root, _, err := findModule(".")
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := contractDirs(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) < 2 {
		t.Fatalf("contracts found only in %v", dirs)
	}
	if code, out := mmidl(append([]string{"-check"}, dirs...)...); code != 0 {
		t.Error(out)
	}
}

// contractDirs finds the packages of contracts below root.
func contractDirs(root string) ([]string, error) {
	var dirs []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch name := d.Name(); {
		case err != nil:
			return err
		case d.IsDir() && path != root && (name == "testdata" || strings.HasPrefix(name, ".")):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		dir := filepath.Dir(path)
		marked := bytes.Contains(text, []byte("\n//mm:contract")) || strings.HasSuffix(path, generatedSuffix)
		if marked && (len(dirs) == 0 || dirs[len(dirs)-1] != dir) {
			dirs = append(dirs, dir)
		}
		return nil
	})
	return dirs, err
}

// scratch makes an empty package folder inside the module, where contracts can
// import firmware/com.
func scratch(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("testdata", "scratch")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

const head = `// Package tone is for tests.
package tone

import (
	"context"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

`

// put writes a package with the declarations in body.
func put(t *testing.T, dir, body string) {
	t.Helper()
	body = strings.ReplaceAll(body, "CONTRACT", "// Tone is a contract.\n//\n//mm:contract")
	if err := os.WriteFile(filepath.Join(dir, "tone.go"), []byte(head+body), 0o666); err != nil {
		t.Fatal(err)
	}
}

// expect runs the command and checks its exit code and that it says all of want.
func expect(t *testing.T, code int, args []string, want ...string) {
	t.Helper()
	got, out := mmidl(args...)
	if got != code {
		t.Errorf("mmidl %v: exit code %d, want %d\n%s", args, got, code, out)
	}
	for _, w := range want {
		if !strings.Contains(out, w) {
			t.Errorf("mmidl %v does not say %q:\n%s", args, w, out)
		}
	}
}

const (
	tone1 = "CONTRACT\ntype Tone interface {\n\tcom.Unknown\n\n\t// Play plays.\n\tPlay(ctx context.Context, hz float32, d time.Duration) error\n}\n"
	tone2 = "CONTRACT\ntype Tone interface {\n\tcom.Unknown\n\n\t// Play plays.\n\tPlay(ctx context.Context, hz float64, d time.Duration) error\n}\n"
)

func TestCheckFindsStaleFiles(t *testing.T) {
	dir := scratch(t)
	put(t, dir, tone1)
	expect(t, 1, []string{"-check", dir}, "tone_mm.go is stale", "REFERENCE.md is stale")
	expect(t, 0, []string{dir}, "tone_mm.go", "REFERENCE.md")
	expect(t, 0, []string{"-check", dir})
	put(t, dir, tone2)
	expect(t, 1, []string{"-check", dir}, "tone_mm.go is stale")
	expect(t, 0, []string{dir})
	file := filepath.Join(dir, "tone"+generatedSuffix)
	if err := os.WriteFile(file, []byte("package other; nonsense"), 0o666); err != nil {
		t.Fatal(err)
	}
	expect(t, 1, []string{"-check", dir}, "tone_mm.go is stale")
	expect(t, 0, []string{dir}, "tone_mm.go")
	expect(t, 0, []string{"-check", dir})
	if err := os.Rename(file, filepath.Join(dir, "sound"+generatedSuffix)); err != nil {
		t.Fatal(err)
	}
	expect(t, 1, []string{"-check", dir}, "sound_mm.go is left over")
}

func TestPublishedContractsDoNotChange(t *testing.T) {
	dir := scratch(t)
	put(t, dir, tone1)
	expect(t, 0, []string{"-publish", dir}, publishedFile)
	expect(t, 0, []string{"-publish", "-check=false", dir})
	put(t, dir, strings.ReplaceAll(tone1, "hz", "pitch"))
	expect(t, 0, []string{dir}) // the name of a parameter is not part of a contract
	put(t, dir, tone2)
	for _, mode := range []string{"-check", "-publish", "-check=false"} {
		expect(t, 1, []string{mode, dir}, "published contract Tone changed", "make it Tone2")
	}
	put(t, dir, tone1+strings.ReplaceAll(strings.ReplaceAll(tone2, "Tone interface", "Tone2 interface"), "Tone is", "Tone2 is"))
	expect(t, 0, []string{dir})
	put(t, dir, strings.ReplaceAll(tone1, "Tone interface", "Sound interface"))
	expect(t, 1, []string{dir}, "published contract tone.Tone is gone")
	if err := os.WriteFile(filepath.Join(dir, publishedFile), []byte("tone.Tone what\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	expect(t, 2, []string{dir}, publishedFile+":1:")
}

func TestPinnedContractsAreListed(t *testing.T) {
	dir := scratch(t)
	pinned := strings.ReplaceAll(tone1, "CONTRACT", "// Tone is a contract.\n//\n//mm:contract pinned")
	put(t, dir, pinned)
	expect(t, 0, []string{dir})
	expect(t, 1, []string{"-check", dir}, "pinned contract Tone is not in "+publishedFile)
	expect(t, 0, []string{"-publish", dir})
	expect(t, 0, []string{"-check", dir})
	put(t, dir, strings.ReplaceAll(pinned, "float32", "float64"))
	expect(t, 1, []string{dir}, "pinned contract Tone changed", "take the change back")
}

func TestTooManyMethods(t *testing.T) {
	dir := scratch(t)
	methods := func(n int) string {
		var b strings.Builder
		b.WriteString("var _ = context.TODO\nvar _ time.Time\n\nCONTRACT\ntype Tone interface {\n\tcom.Unknown\n")
		for i := range n {
			fmt.Fprintf(&b, "\t// M%d is one.\n\tM%d() error\n", i, i)
		}
		b.WriteString("}\n")
		return b.String()
	}
	put(t, dir, methods(maxMethods+1))
	expect(t, 1, []string{dir}, "has 1024 methods")
	put(t, dir, methods(maxMethods))
	if c := analysed(t, dir)[0]; len(c.Contracts[0].Methods) != maxMethods {
		t.Errorf("%d methods", len(c.Contracts[0].Methods))
	}
}

func TestWrongUse(t *testing.T) {
	expect(t, 2, nil, "usage: mmidl")
	expect(t, 2, []string{"-check", "-publish", "."}, "usage: mmidl")
	expect(t, 2, []string{"-nothing", "."}, "usage: mmidl")
	expect(t, 0, []string{"-help"}, "usage: mmidl")
	expect(t, 2, []string{"testdata/nowhere"}, "nowhere")
	expect(t, 2, []string{t.TempDir()}, "go.mod")
	expect(t, 1, []string{"."}, "no interface is marked //mm:contract")
}
