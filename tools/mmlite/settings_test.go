package main

import (
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

func model(t testing.TB) (*kong.Kong, []setting) {
	t.Helper()
	k, err := kong.New(&cli{}, groups)
	if err != nil {
		t.Fatal(err)
	}
	return k, settable(k.Model)
}

func TestNewSettingsFileSetsNothing(t *testing.T) {
	_, known := model(t)
	file := newSettings(known)
	s, err := parseSettings(file, known)
	if err != nil || len(s) != 0 {
		t.Fatalf("%v, %v", s, err)
	}
	for _, key := range []string{"card", "play.bank", "play.interp", "play.voices", "run.queue"} {
		if !strings.Contains(string(file), "\n# "+key+" =") {
			t.Errorf("no line for %s in\n%s", key, file)
		}
	}
}

// Each default stands in the file as a value that the file may have.
func TestDefaultsAreInRange(t *testing.T) {
	_, known := model(t)
	seen := map[string]bool{}
	for _, s := range known {
		seen[s.key] = true
		if s.flag.Default != "" {
			if err := s.check(s.flag.Default); err != nil {
				t.Errorf("%s: %v", s.key, err)
			}
		}
		if n := s.flag.Target; (n.CanInt() || n.CanUint() || n.CanFloat()) && bounds[s.key].hi == 0 {
			t.Errorf("%s is a number without bounds", s.key)
		}
	}
	for key := range bounds {
		if !seen[key] {
			t.Errorf("bounds for %s, which is no setting", key)
		}
	}
}

func TestSettingsReachFlags(t *testing.T) {
	k, known := model(t)
	s, err := parseSettings([]byte("# mine\ncard = hosted:den\nplay.interp= sinc\n play.voices =64\nrun.queue = 5\n"), known)
	if err != nil {
		t.Fatal(err)
	}
	var c cli
	k = kong.Must(&c, groups, kong.Resolvers(s))
	ctx, err := k.Parse([]string{"play", "--voices", "100"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Card != "hosted:den" || c.Play.Interp != "sinc" || c.Play.Voices != 100 || !cardChosen(ctx) {
		t.Fatalf("%+v", c)
	}
	if c.Run.Queue == 5 {
		t.Fatal("a setting of run reached play")
	}
}

func TestWrongSettings(t *testing.T) {
	_, known := model(t)
	for file, want := range map[string]string{
		"\nplay.bnak = x":           `line 2: there is no setting "play.bnak"`,
		"play.voices":               "line 1: \"play.voices\": want key = value",
		"play.voices = 15":          `line 1: play.voices: "15": want a whole number from 16 to 1024 voices`,
		"play.voices = 16.5":        "whole number",
		"play.voices = NaN":         "whole number",
		"play.interp = best":        "not one of linear, cubic, sinc",
		"play.realtime = perhaps":   "neither true nor false",
		"card =":                    "value is missing",
		"run.queue = 3\nrun.queue=": "line 2: run.queue is set twice",
		"json = true":               "no setting",
		strings.Repeat("#", 70000):  "at most",
	} {
		_, err := parseSettings([]byte(file), known)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q: %v, want %q", file, err, want)
		}
	}
}

func FuzzSettings(f *testing.F) {
	_, known := model(f)
	f.Add([]byte("card = hosted:x\n# y\nplay.gain = 1e3"))
	f.Add(newSettings(known))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := parseSettings(file, known)
		if err == nil && len(s) > len(known) {
			t.Fatal(len(s))
		}
	})
}
