package metal

import (
	"io"
	"sync"

	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/thread"
)

// Limits of a terminal.
const (
	inputSize = 1024 // bytes that wait to be read; more are dropped
	lineSize  = 256
	lines     = 16 // that are remembered
)

// Terminal reads lines from whatever a board has keys on, with the little editing
// that a serial line takes: backspace, ^U, ^W and ^C, and arrows up and down through
// the last lines.
type Terminal struct {
	out io.Writer
	ev  thread.Event

	mu    sync.Mutex // held for a few instructions
	input [inputSize]byte
	head  uint32 // of what was read
	tail  uint32 // of what came

	line   []byte
	escape int
	past   []string
	at     int // in past
	wasCR  bool
}

// NewTerminal returns a terminal that echoes to out.
func NewTerminal(out io.Writer) *Terminal {
	return &Terminal{out: out, line: make([]byte, 0, lineSize)}
}

// Input takes what was typed. Interrupt routines and any goroutine may call it.
func (t *Terminal) Input(p []byte) {
	t.mu.Lock() //mm:blocking held for a few instructions
	for _, c := range p {
		if t.tail-t.head < inputSize {
			t.input[t.tail%inputSize] = c
			t.tail++
		}
	}
	t.mu.Unlock()
	t.ev.Signal()
}

// next returns a byte of what was typed, or false if all was read.
func (t *Terminal) next() (c byte, ok bool) {
	t.mu.Lock() //mm:blocking held for a few instructions
	defer t.mu.Unlock()
	if t.head == t.tail {
		return 0, false
	}
	c = t.input[t.head%inputSize]
	t.head++
	return c, true
}

// readLine prompts, and returns the next line. The error says that the thread is to
// end.
func (t *Terminal) readLine(self *thread.Thread, prompt string) (string, error) {
	io.WriteString(t.out, prompt)
	t.line = t.line[:0]
	for {
		c, ok := t.next()
		if !ok {
			if err := t.ev.WaitOn(self, machine.Forever); err != nil {
				return "", err
			}
			continue
		}
		if line, done := t.key(c, prompt); done {
			return line, nil
		}
	}
}

const rubout = "\b \b"

// key takes a byte into the line, and reports whether it is finished.
func (t *Terminal) key(c byte, prompt string) (line string, done bool) {
	lf := c == '\n' && t.wasCR // of a CR LF
	t.wasCR = c == '\r'
	switch {
	case lf:
	case t.escape == 1:
		t.escape = 0
		if c == '[' || c == 'O' {
			t.escape = 2
		}
	case t.escape == 2:
		if c >= '0' && c <= '9' || c == ';' {
			break
		}
		t.escape = 0
		switch c {
		case 'A':
			t.recall(t.at - 1)
		case 'B':
			t.recall(t.at + 1)
		}
	case c == '\r' || c == '\n':
		io.WriteString(t.out, "\n")
		line = string(t.line)
		if n := len(t.past); line != "" && (n == 0 || t.past[n-1] != line) {
			t.past = append(t.past, line)
			t.past = t.past[max(0, len(t.past)-lines):]
		}
		t.at = len(t.past)
		return line, true
	case c == 0x1b:
		t.escape = 1
	case c == 0x7f || c == '\b':
		if n := len(t.line); n > 0 {
			t.line = t.line[:n-1]
			io.WriteString(t.out, rubout)
		}
	case c == 0x15: // ^U
		t.erase()
	case c == 0x17: // ^W
		for word := false; len(t.line) > 0; {
			n := len(t.line) - 1
			if t.line[n] != ' ' {
				word = true
			} else if word {
				break
			}
			t.line = t.line[:n]
			io.WriteString(t.out, rubout)
		}
	case c == 3: // ^C
		t.line = t.line[:0]
		io.WriteString(t.out, "^C\n"+prompt)
	case c >= ' ' && c < 0x7f && len(t.line) < lineSize:
		t.line = append(t.line, c)
		t.out.Write(t.line[len(t.line)-1:])
	}
	return "", false
}

func (t *Terminal) erase() {
	for range t.line {
		io.WriteString(t.out, rubout)
	}
	t.line = t.line[:0]
}

// recall puts an earlier line in place of this one.
func (t *Terminal) recall(i int) {
	if i < 0 || i > len(t.past) {
		return
	}
	t.at = i
	t.erase()
	if i < len(t.past) {
		t.line = append(t.line, t.past[i]...)
		t.out.Write(t.line)
	}
}
