package contest

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

//go:embed peers
var sources embed.FS

// Peer is a program beside which this one is measured, and a Side.
type Peer struct {
	About string // what it says it is
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
}

// Library says what a peer needs.
type Library struct {
	Name    string // of the program's source in peers
	Config  string // what pkg-config calls the library; none is the C library alone
	Package string // what Debian calls it
	Env     []string
}

// Libraries are the peers there are.
var Libraries = map[string]Library{
	"plain":  {Name: "plain"},
	"pixman": {Name: "pixman", Config: "pixman-1", Package: "libpixman-1-dev"},
	"sdl2":   {Name: "sdl", Config: "sdl2", Package: "libsdl2-dev"},
	// One thread: the caller's.
	"mesa": {Name: "gl", Config: "osmesa", Package: "libosmesa6-dev", Env: []string{"GALLIUM_DRIVER=llvmpipe", "LP_NUM_THREADS=0"}},
}

// ErrMissing: a peer cannot be compiled here.
var ErrMissing = errors.New("not here")

// Build compiles a peer into dir and returns the program's path. The error is
// ErrMissing, and says what is to be installed, where a compiler or a library is
// not.
func (l Library) Build(ctx context.Context, dir string) (string, error) {
	cc, err := exec.LookPath("cc")
	if err != nil {
		return "", fmt.Errorf("%w: there is no C compiler", ErrMissing)
	}
	flags := []string{"-O2", "-Wall", "-I", dir}
	var libraries []string
	if l.Config != "" {
		out, err := exec.CommandContext(ctx, "pkg-config", "--cflags", "--libs", l.Config).Output()
		if err != nil {
			return "", fmt.Errorf("%w: apt-get install %s", ErrMissing, strings.TrimSpace("pkg-config "+l.Package))
		}
		libraries = strings.Fields(string(out))
	}
	for _, name := range []string{"serve.h", "blit.h", l.Name + ".c"} {
		text, err := sources.ReadFile("peers/" + name)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return "", err
		}
	}
	program := filepath.Join(dir, l.Name)
	args := append(append(flags, "-o", program, filepath.Join(dir, l.Name+".c")), libraries...)
	if out, err := exec.CommandContext(ctx, cc, append(args, "-lm")...).CombinedOutput(); err != nil {
		if l.Config == "" {
			return "", fmt.Errorf("compiling %s: %w\n%s", l.Name, err, out)
		}
		return "", fmt.Errorf("%w: it does not compile with %s: %s", ErrMissing, l.Package, out)
	}
	return program, nil
}

// Start builds a peer in dir and starts it. Close ends it.
func (l Library) Start(ctx context.Context, dir string) (*Peer, error) {
	program, err := l.Build(ctx, dir)
	if err != nil {
		return nil, err
	}
	p := &Peer{cmd: exec.CommandContext(ctx, program)}
	p.cmd.Env = append(os.Environ(), l.Env...)
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if p.About, err = p.line(); err != nil {
		p.Close()
		return nil, fmt.Errorf("%w: %s does not start: %w", ErrMissing, l.Name, err)
	}
	return p, nil
}

// Close ends the peer and waits for that.
func (p *Peer) Close() {
	p.in.Close()
	_ = p.cmd.Wait() // what it had to say it has said
}

func (p *Peer) line() (string, error) {
	s, err := p.out.ReadString('\n')
	return strings.TrimSpace(s), err
}

func (p *Peer) ask(format string, args ...any) (string, error) {
	if _, err := fmt.Fprintf(p.in, format+"\n", args...); err != nil {
		return "", err
	}
	s, err := p.line()
	if err != nil {
		return "", fmt.Errorf("%s: %w", p.About, err)
	}
	if s == "unknown" {
		return "", ErrUnknown
	}
	return s, nil
}

// Run implements Side.
func (p *Peer) Run(test string, n int) (time.Duration, error) {
	s, err := p.ask("run %d %s", n, test)
	if err != nil {
		return 0, err
	}
	t, err := strconv.ParseFloat(s, 64)
	return time.Duration(t * 1e9), err
}

// maxPicture bounds what a peer may give back, in bytes.
const maxPicture = 16 << 20

// Picture does one frame of a test on a fresh picture and returns its bytes.
func (p *Peer) Picture(test string) ([]byte, error) {
	s, err := p.ask("dump %s", test)
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > maxPicture {
		return nil, fmt.Errorf("%s: a picture of %q bytes", p.About, s)
	}
	b := make([]byte, n)
	_, err = io.ReadFull(p.out, b)
	return b, err
}
