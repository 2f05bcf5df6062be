package main

import (
	"strings"
	"testing"
)

// analysed returns the models of the packages in dirs.
func analysed(t *testing.T, dirs ...string) []*Package {
	t.Helper()
	l, err := newLoader(dirs[0])
	if err != nil {
		t.Fatal(err)
	}
	pkgs, problems, err := analyse(l, dirs)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	return pkgs
}

// tone returns the IID of the contract Tone.
func tone(t *testing.T, p *Package) string {
	t.Helper()
	for _, c := range p.Contracts {
		if c.Name == "Tone" {
			return c.IID
		}
	}
	t.Fatal("no contract Tone")
	return ""
}

const identityBase = `CONTRACT
type Tone interface {
	com.Unknown

	// Play plays.
	Play(ctx context.Context, hz float32, d time.Duration, shape Shape) error
	// Read reads.
	//
	//mm:out buf
	Read(off uint64, buf []byte) (n uint32, err error)
	// Post posts.
	//
	//mm:limit data 100
	Post(a, b uint32, data []byte, names []string, other Other) (com.Unknown, error)
}

// Shape is a struct.
//
//mm:limit Name 20
type Shape struct {
	Name  string
	Level Level
}

// Level is a number.
type Level uint16

// Other is another contract.
//
//mm:contract
type Other interface {
	com.Unknown

	// Stop stops.
	Stop() error
}
`

// TestIdentity changes one thing at a time and looks whether the IID follows.
func TestIdentity(t *testing.T) {
	dirs := []string{scratch(t), scratch(t)}
	put(t, dirs[0], identityBase)
	put(t, dirs[1], strings.ReplaceAll(strings.ReplaceAll(identityBase, "Tone", "Horn"), "Other", "Tone"))
	changes := []struct {
		what, old, new string
		same           bool
	}{
		{"parameter name", "hz float32", "pitch float32", true},
		{"comment", "// Play plays.", "// Play plays a tone.", true},
		{"name of a number type", "Level", "Volume Volume; //", true},
		{"method of another contract", "Stop() error", "Stop(a bool) error", true},
		{"result name but n", "error)\n}\n\n// Shape", "error)\n}\n\n// Shapes", true},
		{"number type", "hz float32", "hz float64", false},
		{"number under a name", "Level uint16", "Level int16", false},
		{"field name", "Name  string", "Title string", false},
		{"field limit", "limit Name 20", "limit Name 21", false},
		{"order of fields", "	Name  string\n	Level Level", "	Level Level\n	Name  string", false},
		{"limit", "limit data 100", "limit data 101", false},
		{"out", "	//mm:out buf\n", "	//\n", false},
		{"counted", "(n uint32, err error)", "(m uint32, err error)", false},
		{"shared", "	//mm:limit data 100", "	//mm:limit data 100\n	//mm:shared data", false},
		{"context", "ctx context.Context, hz", "hz", false},
		{"slice", "names []string", "names [][]string", false},
		{"which contract", "other Other", "other Tone", false},
		{"base contract", "(com.Unknown, error)", "(Other, error)", false},
		{"method name", "	Play(", "	Sound(", false},
		{"further method", "	// Read reads.", "	// More is more.\n	More() error\n	// Read reads.", false},
	}
	for _, c := range changes {
		body := strings.Replace(identityBase, c.old, c.new, 1)
		if c.what == "name of a number type" {
			body = strings.ReplaceAll(identityBase, "Level", "Volume")
			body = strings.Replace(body, "Volume Volume", "Level Volume", 1)
		}
		if c.what == "field name" {
			body = strings.Replace(body, "limit Name", "limit Title", 1)
		}
		if c.what == "context" {
			body += "\nvar _ context.Context\n"
		}
		if body == identityBase {
			t.Fatalf("%s: nothing changed", c.what)
		}
		dir := scratch(t)
		put(t, dir, body)
		dirs = append(dirs, dir)
	}
	pkgs := analysed(t, dirs...)
	base := tone(t, pkgs[0])
	if other := tone(t, pkgs[1]); other[16:] == base[16:] {
		t.Error("another contract of the same name has the same form")
	}
	for i, c := range changes {
		got := tone(t, pkgs[i+2])
		if (got == base) != c.same {
			t.Errorf("%s: IID %s, before %s", c.what, got, base)
		}
		if got[:16] != base[:16] {
			t.Errorf("%s: the fixed half changed", c.what)
		}
	}
}

func TestSuccessor(t *testing.T) {
	for name, want := range map[string]string{"Synth": "Synth2", "Synth2": "Synth3", "Synth9": "Synth10", "D3D": "D3D2"} {
		if got := successor(name); got != want {
			t.Errorf("%s is followed by %s, want %s", name, got, want)
		}
	}
}

func TestLower(t *testing.T) {
	for name, want := range map[string]string{"Namespace": "namespace", "DSound": "dSound", "JSON": "json", "X": "x", "MIDIPort": "midiPort"} {
		if got := lower(name); got != want {
			t.Errorf("lower(%s) = %s, want %s", name, got, want)
		}
	}
}
