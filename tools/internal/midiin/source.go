package midiin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Source is where MIDI comes from.
type Source interface {
	// Name says what it is, for people.
	Name() string
	// Run hands each message to emit as it arrives, until the source ends (nil),
	// fails, or ctx is done (ctx.Err()). gone is called when one of several senders
	// has left: it may have left notes sounding. Run is called once.
	Run(ctx context.Context, emit func(msg []byte), gone func()) error
}

// Open opens a source: "-" is standard input, "alsa" a new client of the ALSA
// sequencer that other programs connect to, "alsa:SENDER" the same connected to a
// sender by its number, as in 20:0, or a part of its name, and anything else is
// the path of a raw device, a pipe or a file.
func Open(name string) (Source, error) {
	switch kind, rest, _ := strings.Cut(name, ":"); {
	case name == "-":
		return &stream{name: "standard input", file: os.Stdin}, nil
	case kind == "alsa":
		return openSequencer(rest)
	}
	f, err := open(name)
	if err != nil {
		return nil, fmt.Errorf("%w; mmlite midi --list shows what there is", err)
	}
	return &stream{name: name, file: f, close: true}, nil
}

// stream is a source of bytes.
type stream struct {
	name  string
	file  *os.File
	close bool
}

func (s *stream) Name() string { return s.name }

func (s *stream) Run(ctx context.Context, emit func([]byte), _ func()) error {
	if s.close {
		defer s.file.Close()
	}
	over := make(chan error, 1)
	go func() { // a read from a terminal or a pipe cannot be called back
		var cut Stream
		buf := make([]byte, 4096)
		for {
			n, err := s.file.Read(buf)
			if ctx.Err() != nil {
				over <- ctx.Err()
				return
			}
			cut.Feed(buf[:n], emit)
			switch {
			case errors.Is(err, io.EOF):
				over <- nil
				return
			case err != nil:
				over <- fmt.Errorf("%s: %w", s.name, err)
				return
			}
		}
	}()
	select {
	case err := <-over:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Listed is a source that there is.
type Listed struct {
	Name        string `json:"name"` // for Open
	Description string `json:"description"`
}

// List lists the sources of this computer.
func List() []Listed {
	all := listSequencer()
	for _, pattern := range []string{"/dev/snd/midiC*D*", "/dev/midi*"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			continue
		}
		for _, name := range names {
			all = append(all, Listed{name, rawName(name)})
		}
	}
	return append(all, Listed{"-", "standard input: bytes as on a MIDI cable"})
}

// rawName is what the system calls a raw device.
func rawName(path string) string {
	var card, device int
	if _, err := fmt.Sscanf(filepath.Base(path), "midiC%dD%d", &card, &device); err == nil {
		if b, err := os.ReadFile(fmt.Sprintf("/proc/asound/card%d/midi%d", card, device)); err == nil {
			line, _, _ := strings.Cut(string(b), "\n")
			return "raw MIDI: " + strings.TrimSpace(line)
		}
	}
	return "raw MIDI"
}
