package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/mmlite/mmlite/firmware/com"
)

// settings are defaults of flags that a person has written down. They implement
// kong.Resolver.
type settings map[string]string

// bounds are the ranges of settings that are numbers, both ends included.
var bounds = map[string]struct {
	lo, hi float64
	unit   string
}{
	"play.voices": {16, 1024, "voices"},
	"play.gain":   {0, 10, ""},
	"run.memory":  {16, 65536, "MiB"},
	"run.rate":    {0, 192000, "Hz"},
	"run.period":  {16, 8192, "frames"},
	"run.queue":   {1, 64, "periods"},
}

// inBounds refuses the value of a flag that lies outside of its bounds.
func inBounds(key string, v float64) error {
	if b := bounds[key]; !(v >= b.lo && v <= b.hi) {
		_, flag, _ := strings.Cut(key, ".")
		return com.Errorf(com.ErrInvalid, "--%s %v: want %s", flag, v, strings.TrimSpace(fmt.Sprintf("%g to %g %s", b.lo, b.hi, b.unit)))
	}
	return nil
}

// personal are flags that make no sense as a habit.
var personal = map[string]bool{"help": true, "json": true, "play.out": true, "run.export": true, "run.screen": true, "run.video": true}

// setting is a flag that the file can set.
type setting struct {
	key  string
	flag *kong.Flag
}

// settable lists the flags that the file can set: those of every command and,
// under the command's name and a dot, its own.
func settable(app *kong.Application) []setting {
	var list []setting
	add := func(prefix string, flags []*kong.Flag) {
		for _, f := range flags {
			key := prefix + f.Name
			if !f.Hidden && !personal[key] && !personal[f.Name] && !f.IsSlice() {
				list = append(list, setting{key, f})
			}
		}
	}
	add("", app.Flags)
	for _, n := range app.Children {
		if n.Name == "play" || n.Name == "run" {
			add(n.Name+".", n.Flags)
		}
	}
	return list
}

// settingsPath is where the file of this user is.
func settingsPath() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("there is no place for settings: %w", err)
	}
	return filepath.Join(dir, "mmlite", "settings.conf"), nil
}

const maxSettings = 64 << 10 // bytes of the file

// loadSettings reads the file; without one there are no settings.
func loadSettings(app *kong.Application) (settings, error) {
	path, err := settingsPath()
	if err != nil {
		return nil, nil // a user without a home has no habits
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s, err := parseSettings(b, settable(app))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// parseSettings reads lines of the form "key = value"; # begins a comment line.
// The error names the line.
func parseSettings(file []byte, known []setting) (settings, error) {
	if len(file) > maxSettings {
		return nil, fmt.Errorf("%d bytes; a settings file has at most %d", len(file), maxSettings)
	}
	s := settings{}
	for i, line := range strings.Split(string(file), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !ok {
			return nil, fmt.Errorf("line %d: %q: want key = value", i+1, line)
		}
		if _, twice := s[key]; twice {
			return nil, fmt.Errorf("line %d: %s is set twice", i+1, key)
		}
		var at *setting
		for k := range known {
			if known[k].key == key {
				at = &known[k]
			}
		}
		if at == nil {
			return nil, fmt.Errorf("line %d: there is no setting %q; mmlite settings shows those there are", i+1, key)
		}
		if err := at.check(value); err != nil {
			return nil, fmt.Errorf("line %d: %s: %w", i+1, key, err)
		}
		s[key] = value
	}
	return s, nil
}

// check says what is wrong with a value.
func (s *setting) check(value string) error {
	f := s.flag
	if f.Enum != "" {
		for _, e := range f.EnumSlice() {
			if e == value {
				return nil
			}
		}
		return fmt.Errorf("%q is not one of %s", value, strings.Join(f.EnumSlice(), ", "))
	}
	if f.IsBool() {
		if value != "true" && value != "false" {
			return fmt.Errorf("%q is neither true nor false", value)
		}
		return nil
	}
	b, number := bounds[s.key]
	if !number {
		if f.Name == "policy" && value != "" {
			return policyChoice(value).Validate()
		}
		if f.Name == "screen-size" {
			return screenSize(value).Validate()
		}
		if value == "" {
			return errors.New("the value is missing; begin the line with # to leave it at the default")
		}
		return nil
	}
	v, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(v) || v < b.lo || v > b.hi || s.whole() && v != math.Trunc(v) {
		return fmt.Errorf("%q: want %s", value, s.values())
	}
	return nil
}

func (s *setting) whole() bool { return !s.flag.Target.CanFloat() }

// values says what a setting may be.
func (s *setting) values() string {
	f := s.flag
	switch b, number := bounds[s.key]; {
	case f.Enum != "":
		return strings.Join(f.EnumSlice(), ", ")
	case f.IsBool():
		return "true or false"
	case number:
		kind := "a number"
		if s.whole() {
			kind = "a whole number"
		}
		return strings.TrimSpace(fmt.Sprintf("%s from %g to %g %s", kind, b.lo, b.hi, b.unit))
	case f.PlaceHolder != "":
		return f.PlaceHolder
	}
	return "text"
}

// Validate implements kong.Resolver.
func (s settings) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver.
func (s settings) Resolve(_ *kong.Context, at *kong.Path, flag *kong.Flag) (any, error) {
	key := flag.Name
	if at.Command != nil {
		key = at.Command.Name + "." + flag.Name
	}
	if v, ok := s[key]; ok {
		return v, nil
	}
	return nil, nil
}

// cardChosen reports whether a person has said which card to use.
func cardChosen(k *kong.Context) bool {
	for _, p := range k.Path {
		if p.Flag != nil && p.Flag.Name == "card" {
			return true
		}
	}
	return false
}

// newSettings is a file in which nothing is set.
func newSettings(list []setting) []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, "# Settings of mmlite: defaults of its flags, one \"key = value\" a line.")
	fmt.Fprintln(&b, "# A flag on the command line is stronger than a setting. Take the # away to set one.")
	for _, s := range list {
		fmt.Fprintf(&b, "\n# %s\n# %s", s.flag.Help, s.values())
		def := s.flag.Default
		if def == "" && s.flag.IsBool() {
			def = "false"
		}
		if def != "" {
			fmt.Fprintf(&b, "; default: %s", def)
		}
		fmt.Fprintf(&b, "\n#%s\n", strings.TrimRight(" "+s.key+" = "+def, " "))
	}
	return b.Bytes()
}

// settingsCmd shows the settings file.
type settingsCmd struct{}

// Run implements kong.
func (*settingsCmd) Run(g *globals, k *kong.Context) error {
	path, err := settingsPath()
	if err != nil {
		return err
	}
	list := settable(k.Model)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		b = newSettings(list)
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			err = os.WriteFile(path, b, 0o644)
		}
	}
	if err != nil {
		return err
	}
	set, bad := parseSettings(b, list)
	if g.JSON {
		if bad != nil {
			return fmt.Errorf("%s: %w", path, bad)
		}
		return printJSON(struct {
			Path string   `json:"path"`
			Set  settings `json:"set"`
		}{path, set})
	}
	fmt.Printf("%s\n\n%s", path, b)
	if bad != nil {
		return fmt.Errorf("%s: %w", path, bad)
	}
	return nil
}
