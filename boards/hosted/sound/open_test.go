package sound

import (
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// withoutServer hides the session's sound server from a test.
func withoutServer(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	t.Setenv("PULSE_RUNTIME_PATH", "")
	t.Setenv("PULSE_SERVER", "")
	t.Setenv("HOME", t.TempDir())
	if len(pulseFolders()) > 1 {
		if _, err := pulseAddresses(); err == nil {
			t.Skip("this machine has a sound server for the whole system")
		}
	}
}

func TestOpenWithoutAnyDeviceSaysWhatToDo(t *testing.T) {
	if otoReason() == nil {
		t.Skip("oto is always there on " + runtime.GOOS)
	}
	withoutServer(t)
	d, err := Open("", Config{})
	if d != nil || !errors.Is(err, ErrNoDevice) {
		t.Fatalf("got %v, %v", d, err)
	}
	for _, part := range []string{"no PulseAudio", "PULSE_SERVER is not set", "wav:tune.wav", "null"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q: %v", part, err)
		}
	}
	for _, info := range List() {
		if info.Default {
			t.Errorf("%s is the default without a server", info.Name)
		}
		if info.Available == (info.Reason != "") {
			t.Errorf("%+v", info)
		}
	}
}

func TestListNamesOpen(t *testing.T) {
	withoutServer(t)
	names := ""
	for _, info := range List() {
		names += info.Name + " "
	}
	for _, want := range []string{"pulse ", "oto ", "null ", "wav:"} {
		if !strings.Contains(names, want) {
			t.Errorf("%q does not list %q", names, want)
		}
	}
}

func TestOpenRefusals(t *testing.T) {
	withoutServer(t)
	t.Setenv("PULSE_SERVER", "unix:"+filepath.Join(t.TempDir(), "nobody"))
	for _, name := range []string{"nonsense", "pulse", "pulse:x", "null:1"} {
		if d, err := Open(name, Config{}); err == nil || !strings.HasPrefix(err.Error(), "sound: ") {
			t.Errorf("%s: %v, %v", name, d, err)
		}
	}
	for _, cfg := range []Config{{Rate: -1}, {Rate: 10_000_000}, {Rate: 1}, {Channels: 9}, {Channels: -1}, {Period: 5}, {Period: 1 << 20}, {Queue: 65}, {Queue: -1}} {
		if d, err := Open("null", cfg); err == nil {
			t.Errorf("%+v: %v", cfg, d)
		}
	}
	d := mustOpen(t, "null", Config{})
	if err := d.Write(make([]float32, 511)); err == nil {
		t.Error("a short period was taken")
	}
}

func TestServerStrings(t *testing.T) {
	for list, want := range map[string][]pulseAddress{
		"/run/x":                   {{"unix", "/run/x"}},
		"unix:/run/x tcp:host:99":  {{"unix", "/run/x"}, {"tcp", "host:99"}},
		"tcp4:host tcp6:[::1]":     {{"tcp4", "host:4713"}, {"tcp6", "[::1]:4713"}},
		"{no such machine":         nil,
		"{elsewhere}unix:/x":       nil,
		"nonsense: http://x {} { ": nil,
		"":                         nil,
	} {
		got := parsePulseServer(list)
		if len(got) != len(want) {
			t.Errorf("%q: %v", list, got)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%q: %v", list, got)
			}
		}
	}
}

func FuzzServerStrings(f *testing.F) {
	f.Add("{host}unix:/x tcp:[::1]:99 /y")
	f.Fuzz(func(t *testing.T, list string) {
		for _, a := range parsePulseServer(list) {
			if a.network == "" {
				t.Errorf("%q gave %v", list, a)
			}
		}
	})
}
