package boot

import (
	"context"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// talk types lines on a card's console and waits for what it says.
type talk struct {
	t    *testing.T
	m    *Machine
	out  *watcher
	in   *os.File
	read int
	name string // the prompt's
}

// alarms come when they come, in the middle of a line that is typed, too.
var alarms = regexp.MustCompile(`\r\n(alarm: [^\r]*|\d+ alarms more)\r\n`)

// until returns what the console says up to a text that has to come.
func (c *talk) until(want string) string {
	c.t.Helper()
	late := time.After(time.Minute)
	for tick := time.NewTicker(10 * time.Millisecond); ; {
		rest := alarms.ReplaceAllString(c.out.String(), "")[c.read:]
		if i := strings.Index(rest, want); i >= 0 {
			c.read += i + len(want)
			return rest[:i+len(want)]
		}
		select {
		case <-tick.C:
		case <-c.m.Done():
			c.t.Fatalf("waited for %q, and the machine has ended: %v\n%s", want, c.m.Err(), c.m.Tail())
		case <-late:
			c.t.Fatalf("waited for %q, and there is %q", want, rest)
		}
	}
}

// typed types a line, and returns what is said before the next prompt.
func (c *talk) typed(line string) string {
	c.t.Helper()
	if _, err := io.WriteString(c.in, line+"\r"); err != nil {
		c.t.Fatal(err)
	}
	c.until(line + "\r\n")
	return c.until(c.name + "> ")
}

// bare boots a PC that has nothing but memory and a serial port.
func bare(t *testing.T) *talk {
	emulated(t)
	b, err := Find("qemupc")
	if err != nil {
		t.Fatal(err)
	}
	b.Link, b.AC97 = NoLink, false
	b.Machine = slices.DeleteFunc(slices.Clone(b.Machine), func(s string) bool { return s == "bochs-display" })
	b.Machine = slices.DeleteFunc(b.Machine, func(s string) bool { return s == "-device" })
	for i, s := range b.Machine { // what is left of the devices
		if strings.HasPrefix(s, "isa-debug-exit") {
			b.Machine = slices.Insert(b.Machine, i, "-device")
			break
		}
	}
	in, typing, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return converse(t, in, typing, Config{
		Board: b, Image: cardImage(t, b), Name: "bare",
		Config: map[string]string{"name": "bare", "args": "debug memory=64M nonsense"},
	})
}

// converse boots a card whose console is typed at, until the test ends.
func converse(t *testing.T, in, typing *os.File, cfg Config) *talk {
	t.Helper()
	c := &talk{t: t, out: &watcher{}, in: typing, name: cfg.Name}
	cfg.Out, cfg.In = c.out, in
	var err error
	if c.m, err = Start(context.Background(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		typing.Close()
		in.Close()
		if err := c.m.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// TestImageSize: the PC's image, with everything that a card can be, has at most 12 MB.
func TestImageSize(t *testing.T) {
	emulated(t)
	b, err := Find("qemupc")
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(cardImage(t, b))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", info.Size())
	if info.Size() > 12e6 {
		t.Errorf("%d bytes: mmlite image sizes --board qemupc says of what", info.Size())
	}
}

// TestARMCards: the boards with ARM processors live through the faults of their
// components, and interrupt goroutines that look at nothing.
func TestARMCards(t *testing.T) {
	emulated(t)
	for _, name := range []string{"raspberrypi", "usbarmory"} {
		t.Run(name, func(t *testing.T) {
			b, err := Find(name)
			if err != nil {
				t.Fatal(err)
			}
			b.LDFlags += " -X main.debug=yes"
			in, typing, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			c := converse(t, in, typing, Config{Board: b, Image: cardImage(t, b), Name: name})
			if said := c.until(name + "> "); !strings.Contains(said, "no sound: ") || strings.Contains(said, "no interrupts") {
				t.Errorf("it said %q", said)
			}
			if s := c.typed("cat /status/board"); !strings.Contains(s, "preempts") || strings.Contains(s, "false") {
				t.Errorf("/status/board: %q", s)
			}
			for way, want := range map[string]string{
				"nil": "nil pointer dereference", "divide": "integer divide by zero",
				"address": "nothing at address", "code": "no code at address",
			} {
				c.typed("fail " + way)
				if s := c.typed("log 4"); !strings.Contains(s, want) || !strings.Contains(s, "metal/fail.go") {
					t.Errorf("after %s the log has %q", way, s)
				}
			}
			c.typed("play")
			c.typed("fail hog")
			if s := c.typed("top 1"); !strings.Contains(s, "synth tune") || strings.Contains(s, "has had enough") {
				t.Errorf("beside a hog: %q", s)
			}
			c.until("the hog has had enough")
			c.typed("stop")
		})
	}
}

// TestBareCard: a card without sound, screen and link says so and keeps what works,
// lives through the faults of its components, and starts anew and ends as it is told.
func TestBareCard(t *testing.T) {
	c := bare(t)
	said := c.until("bare> ")
	for _, want := range []string{"no sound: ", "no screen: ", "no link: ", "nonsense is nothing that can be set"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said: %q", want, said)
		}
	}
	if s := c.typed("cat /status/board"); !strings.Contains(s, "no sound") || !strings.Contains(s, "clock_spread_ppm") {
		t.Errorf("/status/board: %q", s)
	}
	for way, want := range map[string]string{
		"nil": "nil pointer dereference", "divide": "integer divide by zero", "address": "nothing at address", "code": "nothing at address",
	} {
		c.typed("fail " + way)
		if s := c.typed("log 4"); !strings.Contains(s, want) || !strings.Contains(s, "metal/fail.go") {
			t.Errorf("after %s the log has %q", way, s)
		}
	}
	// A goroutine that looks at nothing keeps neither sound nor console waiting.
	c.typed("play")
	c.typed("fail hog")
	if s := c.typed("top 1"); !strings.Contains(s, "synth tune") || strings.Contains(s, "has had enough") {
		t.Errorf("beside a hog: %q", s)
	}
	c.until("the hog has had enough")
	c.typed("stop")
	if _, err := io.WriteString(c.in, "reboot\r"); err != nil {
		t.Fatal(err)
	}
	c.until("card bare answers")
	c.until("bare> ")
	if _, err := io.WriteString(c.in, "off\r"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.m.Done():
		if c.m.err != nil {
			t.Error(c.m.err)
		}
	case <-time.After(time.Minute):
		t.Error("it does not switch off")
	}
}

// TestCardThatDies: what no thread can survive ends the card, which says what it
// was; with the setting debug the machine ends with it.
func TestCardThatDies(t *testing.T) {
	c := bare(t)
	c.until("bare> ")
	if _, err := io.WriteString(c.in, "fail stack\r"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.m.Done():
	case <-time.After(time.Minute):
		t.Fatal("it lives on")
	}
	if s := c.out.String(); !strings.Contains(s, "stack exceeds") {
		t.Errorf("it said %q", s)
	}
}
