package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The checked-in assembly is what this generator writes.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	dir := t.TempDir()
	for _, file := range []struct{ name, flag string }{{"kernel_avx2_amd64.s", "-out"}, {"kernel_avx2_amd64.go", "-stubs"}} {
		fresh := filepath.Join(dir, file.name)
		other := map[string]string{"-out": "-stubs", "-stubs": "-out"}[file.flag]
		cmd := exec.Command("go", "run", ".", file.flag, fresh, other, os.DevNull, "-pkg", "resample")
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
		want, err := os.ReadFile(fresh)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", file.name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(body(got), body(want)) {
			t.Errorf("%s is stale; run go generate in the package above", file.name)
		}
	}
}

// body is the file without its first line, which quotes the command.
func body(file []byte) []byte {
	_, rest, _ := bytes.Cut(file, []byte("\n"))
	return rest
}
