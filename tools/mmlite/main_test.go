package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestMain lets this test program be the mmlite command: the cards that tests
// start are processes of it.
func TestMain(m *testing.M) {
	if os.Getenv("MMLITE_TEST_COMMAND") != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// command makes an mmlite command with settings and cards of its own.
func command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Env = append(os.Environ(), "MMLITE_TEST_COMMAND=1", "XDG_CONFIG_HOME="+dir, "XDG_RUNTIME_DIR="+dir, "HOME="+dir, "AppData="+dir)
	return cmd
}

// mmlite runs a command and returns what it printed.
func mmlite(t *testing.T, dir string, args ...string) (out, errs string, err error) {
	t.Helper()
	cmd := command(t, dir, args...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err = cmd.Run()
	return o.String(), e.String(), err
}

// runCard runs a card until the test ends.
func runCard(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := command(t, dir, append([]string{"run", "--device", "null"}, args...)...)
	in, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // Wait tells whether it ended
		if err := cmd.Wait(); err != nil {
			t.Errorf("the card: %v", err)
		}
	})
	line := make([]byte, 4)
	if _, err := io.ReadFull(in, line); err != nil || string(line) != "card" {
		t.Fatalf("the card said %q, %v", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, in) }() // what else it says does not matter
}

// shortFolder is for unix sockets, whose paths may be a hundred bytes long.
func shortFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "mml")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func TestLookingAtARunningCard(t *testing.T) {
	dir := shortFolder(t)
	runCard(t, dir, "--name", "den", "--export", "song")
	for _, c := range []struct {
		args string
		want []string
	}{
		{"cards", []string{"hosted:den", "shared memory"}},
		{"cards --json", []string{`"url": "hosted:den"`}},
		{"devices", []string{"plays to nobody"}},
		{"ls", []string{"synth", "status/"}},
		{"ls -l /status", []string{"threads", "system.Status"}},
		{"ls --json /", []string{`"audio.Synth"`}},
		{"cat /status/threads", []string{"synth", "realtime"}},
		{"cat --json /status/card", []string{`"name": "den"`}},
		{"cat /files/song/song.go", []string{"package song"}},
		{"status", []string{"== threads ==", "== heap =="}},
		{"top", []string{"card den", "calls/s", "all, of one processor"}},
		{"top --json", []string{`"activities"`}},
		{"log", []string{"booted"}},
		{"log --json", []string{"booted"}},
		{"call /echo", []string{"system.Echo", "Add a:int32 b:int32", "sum:int32"}},
		{"call /echo Add -5 7", []string{"sum: 2"}},
		{"--json call /echo Add -5 7", []string{`"sum": 2`}},
		{"call /echo Fill 254 4", []string{"fe ff 00 01"}},
		{"call /echo Sleep 1ms", []string{"ok"}},
		{"call /echo Post 18446744073709551615", []string{"ok"}},
		{"call /synth BuiltIn then Info", []string{"DLS"}},
		{"call /synth BuiltIn", []string{"object of audio.Bank"}},
		{`--json call /synth Open {"name":"x","voices":20,"bank":null} then Info`, []string{`"Name": "x"`}},
		{"call / List status", []string{"threads"}},
	} {
		out, errs, err := mmlite(t, dir, strings.Fields(c.args)...)
		if err != nil || errs != "" {
			t.Errorf("%s: %v\n%s", c.args, err, errs)
		}
		for _, w := range c.want {
			if !strings.Contains(out, w) {
				t.Errorf("%s: no %q in\n%s", c.args, w, out)
			}
		}
		if strings.Contains(c.args, "--json") && !json.Valid([]byte(out)) {
			t.Errorf("%s printed no JSON:\n%s", c.args, out)
		}
	}
	for args, want := range map[string]string{
		"cat /synth":                   "neither a status object nor a file",
		"cat /":                        "mmlite ls -l /",
		"cat /status/nothing":          "no /status/nothing on the card",
		"ls /nowhere":                  "nowhere",
		"call /echo Divide 1 2":        `no method "Divide"`,
		"call /echo Add 1":             "takes 2 arguments, not 1: Add a:int32",
		"call /echo Add 1 2147483648":  "argument b",
		"call /echo Fill 1 2000000":    "size of the buffer",
		"call /echo Null then Null":    "no object to go on with",
		"call /synth Open {":           "no JSON",
		`call /synth Open {"x":1}`:     "no field",
		"call /synth Load /echo x":     "system.File",
		"--card hosted:none ls":        "mmlite run --name none",
		"--card pci:0 ls":              "mmlite boot",
		"--card sbus:0 ls":             "hosted:NAME",
		"top --interval 1ms":           "100ms to 1m",
		"--card hosted:../../etc ls":   "card name",
		"call /synth Load local:/no x": "/no",
	} {
		_, errs, err := mmlite(t, dir, strings.Fields(args)...)
		if err == nil || !strings.Contains(errs, want) {
			t.Errorf("%s: %v\n%s, want %q", args, err, errs, want)
		}
	}
}

func TestLogIsFollowed(t *testing.T) {
	dir := shortFolder(t)
	runCard(t, dir)
	cmd := command(t, dir, "log", "-f")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// What happens on the card after it was first read comes, too.
	var seen bytes.Buffer
	buf := make([]byte, 4096)
	for asked := false; !strings.Contains(seen.String(), "loading component echo"); {
		n, err := out.Read(buf)
		if err != nil {
			t.Fatalf("%v after\n%s", err, &seen)
		}
		seen.Write(buf[:n])
		if !asked {
			asked = true
			if _, errs, err := mmlite(t, dir, "call", "/echo", "Null"); err != nil {
				t.Fatal(err, errs)
			}
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

func TestSettingsFileIsMadeAndObeyed(t *testing.T) {
	dir := shortFolder(t)
	out, errs, err := mmlite(t, dir, "settings")
	if err != nil || !strings.Contains(out, "# play.interp = cubic") {
		t.Fatalf("%v\n%s\n%s", err, out, errs)
	}
	path, _, _ := strings.Cut(out, "\n")
	if err := os.WriteFile(path, []byte("card = hosted:attic\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, err = mmlite(t, dir, "ls"); err == nil || !strings.Contains(errs, `no card called "attic"`) {
		t.Fatalf("%v\n%s", err, errs)
	}
	if err := os.WriteFile(path, []byte("\nplay.loudness = 11\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, err = mmlite(t, dir, "cards"); err == nil || !strings.Contains(errs, "line 2") {
		t.Fatalf("%v\n%s", err, errs)
	}
	if out, _, err = mmlite(t, dir, "settings"); err == nil || !strings.Contains(out, "loudness") {
		t.Fatalf("%v\n%s", err, out)
	}
}
