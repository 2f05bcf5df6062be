package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExamples has an example for every command that a person sees, and parses each: one
// that is copied from the help has to be a command line.
func TestExamples(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"song.mid", "jingle.wav", "x.wav", "big.sf2", "usbarmory.mmimage", "mmlite", "mine.tasks"} {
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("boot", 0o777); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, n := range newParser(&cli{}).Model.Leaves(true) {
		path := strings.TrimPrefix(n.FullPath(), "mmlite ")
		seen[path] = true
		if len(examples[path]) == 0 {
			t.Errorf("%s has no example", path)
		}
	}
	for path, list := range examples {
		if !seen[path] {
			t.Errorf("examples of %s, which is no command", path)
		}
		for _, e := range list {
			line, _, _ := strings.Cut(e[0], " | ")
			args := strings.Fields(strings.ReplaceAll(line, "'", ""))
			k, err := newParser(&cli{}).Parse(args[1:])
			if err != nil {
				t.Errorf("%s: %v", e[0], err)
				continue
			}
			if got := strings.TrimPrefix(k.Selected().FullPath(), "mmlite "); got != path {
				t.Errorf("%s is of %s, not of %s", e[0], got, path)
			}
		}
	}
}

// TestHelpFits keeps examples and lists, which are not wrapped as prose is, within a
// terminal of 80 columns. They are printed four columns to the right.
func TestHelpFits(t *testing.T) {
	for _, n := range newParser(&cli{}).Model.Leaves(true) {
		for line := range strings.Lines(n.Detail) {
			if line = strings.TrimRight(line, "\n"); strings.HasPrefix(line, "  ") && len(line)-2 > 75 {
				t.Errorf("%s: %d columns: %s", n.FullPath(), len(line), line)
			}
		}
	}
}

func TestWrongUsage(t *testing.T) {
	dir := t.TempDir()
	for args, want := range map[string]string{
		"play --bnak x":          `did you mean "--bank"?` + "\nsee: mmlite play --help\n",
		"play " + dir + "/x.mid": "mmlite: there is no file " + filepath.Join(dir, "x.mid") + "\n",
		"bank info":              "an argument is missing: \"<file>\"\nsee: mmlite bank info --help\n",
		"ply":                    "did you mean one of \"play\"",
	} {
		out, errs, err := mmlite(t, dir, strings.Fields(args)...)
		if err == nil || out != "" || !strings.Contains(errs, want) || strings.Count(errs, "\n") > 2 {
			t.Errorf("%s: %v, printed %q, and said\n%s", args, err, out, errs)
		}
	}
}
