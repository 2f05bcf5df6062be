package metal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/mixer/output"
	"github.com/mmlite/mmlite/mmd"
)

// shown is a console that a test reads.
type shown struct {
	mu   sync.Mutex
	grew sync.Cond
	text strings.Builder
	read int
}

func newShown() *shown {
	s := &shown{}
	s.grew.L = &s.mu
	return s
}

func (s *shown) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grew.Broadcast()
	return s.text.Write(p)
}

// until returns what comes up to the given text, which is to come in time.
func (s *shown) until(t *testing.T, want string) string {
	t.Helper()
	late := time.AfterFunc(20*time.Second, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.text.WriteString("TOO LATE")
		s.grew.Broadcast()
	})
	defer late.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		rest := s.text.String()[s.read:]
		if i := strings.Index(rest, want); i >= 0 {
			s.read += i + len(want)
			return rest[:i+len(want)]
		}
		if strings.HasSuffix(rest, "TOO LATE") {
			t.Fatalf("waited for %q, and there is %q", want, rest)
		}
		s.grew.Wait()
	}
}

// start runs a card on a machine of Go's own means.
func start(t *testing.T, change func(*Config)) (*shown, *Terminal) {
	t.Helper()
	s := newShown()
	m, err := NewMachine(MachineConfig{
		Processor: NewWaiter(clock{time.Now()}), Console: s, Memory: make([]byte, 65<<20),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	cfg := Config{Name: "bare", Board: "test", Machine: m, Memory: 64 << 20, Terminal: NewTerminal(m.Console()), Off: stop}
	if change != nil {
		change(&cfg)
	}
	done := make(chan error)
	go func() { done <- Run(ctx, cfg) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s, cfg.Terminal
}

func TestConsole(t *testing.T) {
	s, term := start(t, nil)
	if text := s.until(t, "> "); !strings.Contains(text, "card bare answers, but: no sound: this board has no device") {
		t.Errorf("began with %q", text)
	}
	type exchange struct{ typed, want string }
	for _, e := range []exchange{
		{"help\n", "/status/threads"},
		{"ls\n", "synth"},
		{"ls /status\n", "processors"},
		{"cat /status/board\n", "no device"},
		{"cat /status/processors\n", "constraint"},
		{"cat /synth\n", "nothing to say"},
		{"cat\n", "of what?"},
		{"cat /status/nothing\n", "not found"},
		{"log 3\n", "booted"},
		{"log x\n", "no number"},
		{"log 1 2\n", "one argument"},
		{"nonsense\n", "no command \"nonsense\""},
		{"top 1\n", "console"},
		{"stop\n", "nothing plays"},
		{"reboot\n", "cannot"},
		{"hepl\x7f\x7flp\r\n", "/status/threads"}, // corrected
		{"\x1b[A\r", "/status/threads"},           // again
		{"nonsense\x15ls\n", "synth"},
		{"ls /nonsense\x17/status\n", "processors"},
	} {
		term.Input([]byte(e.typed))
		if text := s.until(t, "bare> "); !strings.Contains(text, e.want) {
			t.Errorf("%q: %q, and %q is missing", e.typed, text, e.want)
		}
	}
	term.Input([]byte("nonsense\x03ls\n"))
	s.until(t, "nonsense^C\nbare> ")
	if text := s.until(t, "bare> "); !strings.Contains(text, "synth") {
		t.Errorf("after ^C: %q", text)
	}
	term.Input([]byte("play\n"))
	s.until(t, "bare> ")
	for text := ""; !strings.Contains(text, "tune"); {
		term.Input([]byte("cat /status/synth\n"))
		text = s.until(t, "bare> ")
	}
	term.Input([]byte("play\nstop\n"))
	if text := s.until(t, "bare> "); !strings.Contains(text, "plays already") {
		t.Errorf("playing twice: %q", text)
	}
	s.until(t, "bare> ")
	// No end of a line: what is too long is cut.
	term.Input([]byte(strings.Repeat("x", inputSize-1)))
	term.Input([]byte("\n\n"))
	s.until(t, "bare> ")
	term.Input([]byte("off\n"))
}

func TestDeviceThatFails(t *testing.T) {
	s, term := start(t, func(c *Config) {
		c.Problems = []string{"no keyboard"}
		c.Commands = []Command{{"shout", "WORD", "say it aloud", func(_ *firmware.Card, out io.Writer, args []string) error {
			_, err := fmt.Fprintln(out, strings.ToUpper(strings.Join(args, " ")))
			return err
		}}}
		c.Facts = func() any { return struct{ Figure int }{42} }
		c.Device = func() (output.Device, error) { return nil, com.Errorf(com.ErrNotFound, "the chip is silent") }
		c.Ready = func(*firmware.Card, *mmd.Server) error { return errors.New("the wire is cut") }
	})
	text := s.until(t, "> ")
	for _, want := range []string{"no keyboard", "no sound: the chip is silent", "no link: the wire is cut"} {
		if !strings.Contains(text, "problem: "+want) {
			t.Errorf("%q is not told: %q", want, text)
		}
	}
	term.Input([]byte("cat /status/board\n"))
	if text := s.until(t, "bare> "); !strings.Contains(text, "42") || !strings.Contains(text, "the wire is cut") {
		t.Errorf("/status/board: %q", text)
	}
	term.Input([]byte("shout hello\n"))
	if text := s.until(t, "bare> "); !strings.Contains(text, "HELLO") {
		t.Errorf("the board's own command: %q", text)
	}
}

func TestNewlines(t *testing.T) {
	var b strings.Builder
	w := NewlineWriter(&b)
	for _, p := range []string{"a\nb", "\n", "\n\nc"} {
		if n, err := w.Write([]byte(p)); n != len(p) || err != nil {
			t.Error(n, err)
		}
	}
	if got := b.String(); got != "a\r\nb\r\n\r\n\r\nc" {
		t.Errorf("%q", got)
	}
}

func FuzzTerminal(f *testing.F) {
	f.Add([]byte("ls\r\n\x1b[A\x17\x15\x03\x7f"))
	f.Add([]byte("\x1b[1;5A\x1bOB\b\b"))
	f.Fuzz(func(t *testing.T, typed []byte) {
		term := NewTerminal(newShown())
		for _, c := range typed {
			line, done := term.key(c, "> ")
			if len(line) > lineSize || len(term.line) > lineSize || len(term.past) > lines {
				t.Fatalf("a line of %d, %d, %d", len(line), len(term.line), len(term.past))
			}
			if done {
				for _, r := range line {
					if r < ' ' || r > '~' {
						t.Fatalf("%q", line)
					}
				}
				term.line = term.line[:0]
			}
		}
	})
}
