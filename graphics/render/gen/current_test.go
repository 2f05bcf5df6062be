package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestCurrent holds the code that is checked in to be what this program writes.
// Run it with -count=1: the go command does not see that it depends on files
// of another module.
func TestCurrent(t *testing.T) {
	dir := t.TempDir()
	asm, stubs := filepath.Join(dir, "new.s"), filepath.Join(dir, "new.go")
	if out, err := exec.Command("go", "run", ".", "-out", asm, "-stubs", stubs, "-pkg", "render").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for fresh, kept := range map[string]string{asm: "../block_amd64.s", stubs: "../block_amd64.go"} {
		if a, b := body(t, fresh), body(t, kept); !bytes.Equal(a, b) {
			t.Errorf("%s is not current: run go generate", kept)
		}
	}
}

// body is a file without its first line, which says how it was written.
func body(t *testing.T, name string) []byte {
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(b, []byte{'\n'})
	return rest
}
