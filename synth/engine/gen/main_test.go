package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestKernelsAreCurrent: what is checked in is what this program writes.
func TestKernelsAreCurrent(t *testing.T) {
	for set, folder := range map[string]string{"voice": "..", "effect": "../effect"} {
		dir := t.TempDir()
		names := []string{"kernels_amd64.s", "kernels_amd64.go"}
		pkg := map[string]string{"voice": "engine", "effect": "effect"}[set]
		cmd := exec.Command("go", "run", ".", "-set", set, "-out", filepath.Join(dir, names[0]), "-stubs", filepath.Join(dir, names[1]), "-pkg", pkg)
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		for _, name := range names {
			got, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			// The first line holds the command's arguments.
			_, got, _ = bytes.Cut(got, []byte("\n"))
			_, want, _ = bytes.Cut(want, []byte("\n"))
			if !bytes.Equal(got, want) {
				t.Errorf("%s/%s is stale: run go generate in the folder", folder, name)
			}
		}
	}
}
