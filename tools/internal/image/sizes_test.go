package image

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

const sized = `package main

import "github.com/mmlite/mmlite/synth/part"

var table = [100000]byte{1}
var room [200000]byte

func main() { println(table[len(room)-199990], part.Sum(room[:])) }
`

// TestSizes adds up a program of which it is known what is in it.
func TestSizes(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module github.com/mmlite/mmlite\n", "main.go": sized,
		"synth/part/part.go": "package part\n\nvar filled = [50000]int{7}\n\n//go:noinline\nfunc Sum(b []byte) int { return filled[len(b)%5] }\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	build := func(flags string) *bytes.Reader {
		t.Helper()
		cmd := exec.Command("go", "build", "-ldflags", flags, "-o", "out", ".")
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		b, err := os.ReadFile(filepath.Join(dir, "out"))
		if err != nil {
			t.Fatal(err)
		}
		return bytes.NewReader(b)
	}
	file := build("-w")
	s, err := ReadSizes(file)
	if err != nil {
		t.Fatal(err)
	}
	groups := map[string]Size{}
	sum := Size{}
	for _, g := range s.Groups {
		groups[g.Name] = g.Size
		sum.add(g.Size)
		inner := Size{}
		for _, p := range g.Packages {
			inner.add(p.Size)
		}
		if inner != g.Size {
			t.Errorf("%s is %+v, and its packages %+v", g.Name, g.Size, inner)
		}
	}
	if sum != s.Total || sum.File() > uint64(file.Len()) || sum.File() < uint64(file.Len())/2 {
		t.Errorf("the groups are %+v, all is %+v, the file has %d bytes", sum, s.Total, file.Len())
	}
	if g := groups["boards"]; g.Data < 100000 || g.Data > 101000 || g.BSS < 200000 || g.BSS > 201000 || g.Text == 0 {
		t.Errorf("main is %+v", g)
	}
	if g := groups["synth"]; g.Data < 400000 || g.Data > 401000 || g.Text == 0 || g.Text > 1000 {
		t.Errorf("synth is %+v", g)
	}
	if g := groups["go runtime"]; g.Text < 100000 || g.BSS == 0 {
		t.Errorf("the runtime is %+v", g)
	}
	if g := groups["(tables)"]; g.Rodata < 100000 || g.Text > s.Total.Text/10 {
		t.Errorf("tables are %+v", g)
	}
	if _, err := ReadSizes(build("-s -w")); !errors.Is(err, com.ErrNotFound) {
		t.Errorf("a stripped one: %v", err)
	}
	for _, spoil := range [][]byte{nil, []byte("ELF"), []byte("\x7fELF\x02\x01\x01")} {
		if _, err := ReadSizes(bytes.NewReader(spoil)); !errors.Is(err, com.ErrCorrupt) {
			t.Errorf("%q: %v", spoil, err)
		}
	}
}

func TestPackageOf(t *testing.T) {
	for symbol, want := range map[string]string{
		"github.com/mmlite/mmlite/synth/gm..gobytes.1":           "github.com/mmlite/mmlite/synth/gm",
		"slices.partitionCmpFunc[go.shape.struct { a/b.c int }]": "slices",
		"gitlab.com/gomidi/midi/v2.(*Message).Is":                "gitlab.com/gomidi/midi/v2",
		"gopkg.in/yaml%2ev3.Node":                                "gopkg.in/yaml.v3",
		"pcstart":                                                "(start)/assembly",
		"type:*":                                                 "(tables)/types",
	} {
		if got := packageOf(symbol, ".text"); got != want {
			t.Errorf("%s: %s, want %s", symbol, got, want)
		}
	}
	for path, want := range map[string]string{
		"gitlab.com/gomidi/midi/v2": "gitlab.com/gomidi/midi", "internal/runtime/maps": "go runtime", "fmt": "go library",
		"github.com/mmlite/mmlite/mixer/output": "mixer", "github.com/usbarmory/tamago/arm": "github.com/usbarmory/tamago",
	} {
		if got := groupOf(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
