package boot

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver/hosted"
	"github.com/mmlite/mmlite/hostdriver/pci"
	"github.com/mmlite/mmlite/hostdriver/pci/ivshmem"
)

// Config is an emulated machine to be started.
type Config struct {
	Board  Board
	Image  string
	Name   string            // of the card; programs find its window by it
	Config map[string]string // strings for it, by what follows opt/mmlite/
	Window int               // bytes of the window, a power of two
	Join   string            // the socket of a window to join instead of making one
	Args   []string          // further arguments for QEMU
	Accel  string            // QEMU's accelerator; "" is tcg
	WAV    string            // file that the sound goes to, or ""
	Audio  string            // else QEMU's audio driver, "" being none
	Rate   int               // of the file, in frames a second
	Out    io.Writer         // the console's output; nil is thrown away
	In     io.Reader         // the console's input, or nil
}

// Machine is an emulated machine that runs.
type Machine struct {
	// URL is what programs open the card by.
	URL string

	cfg    Config
	dir    string // of its own sockets
	window string
	server *ivshmem.Server
	cmd    *exec.Cmd
	tail   tail
	done   chan struct{} // QEMU has ended
	err    error         // valid after done

	closing sync.Once
	closed  error

	mu sync.Mutex // one monitor command at a time
	m  *monitor
}

// Program returns the path of QEMU for a board. The error, com.ErrNotFound, says how
// to get it.
func Program(b Board) (string, error) {
	path, err := exec.LookPath(b.QEMU)
	if err != nil {
		return "", com.Errorf(com.ErrNotFound, "%s is not there: it emulates the board %s; on Debian and Ubuntu: apt install %s, on macOS: brew install qemu", b.QEMU, b.Name, b.Debian)
	}
	return path, nil
}

// Start starts QEMU with what the card needs around it. The errors are those of
// Program, com.ErrExists if a card of that name is there, and those of the system.
func Start(ctx context.Context, cfg Config) (*Machine, error) {
	path, err := Program(cfg.Board)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(cfg.Image); err != nil {
		return nil, com.Errorf(com.ErrNotFound, "no image: %v", err)
	}
	m := &Machine{cfg: cfg, done: make(chan struct{})}
	if m.dir, err = os.MkdirTemp("", "mm"); err != nil { // short: a socket's path has to fit
		return nil, err
	}
	if err := m.start(path); err != nil {
		m.clean()
		return nil, err
	}
	return m, nil
}

// start puts QEMU's arguments together and starts it.
func (m *Machine) start(path string) error {
	cfg := m.cfg
	args := append([]string{"-accel", accel(cfg.Accel)}, cfg.Board.Machine...)
	args = append(args, "-display", "none", "-kernel", cfg.Image, "-qmp", "unix:"+quote(m.path("qmp"))+",server=on,wait=off")
	link, err := m.link()
	if err != nil {
		return err
	}
	args = append(args, link...)
	args = append(args, "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console")
	args = append(append(args, m.extras()...), cfg.Args...)
	m.cmd = exec.Command(path, args...)
	m.cmd.Env = append(os.Environ(), "TMPDIR="+m.dir)
	m.cmd.Stdin = cfg.In
	out := cfg.Out
	if out == nil {
		out = io.Discard
	}
	m.cmd.Stdout = io.MultiWriter(&m.tail, out)
	m.cmd.Stderr = &m.tail
	m.cmd.WaitDelay = time.Second
	started := make(chan error)
	go m.run(started)
	return <-started
}

func accel(s string) string {
	if s == "" {
		return "tcg"
	}
	return s
}

// quote writes a value of one of QEMU's option lists, in which commas are doubled.
func quote(s string) string { return strings.ReplaceAll(s, ",", ",,") }

func (m *Machine) path(name string) string { return filepath.Join(m.dir, name) }

// link makes this computer's end of the link, and returns QEMU's arguments for the
// other.
func (m *Machine) link() ([]string, error) {
	b := m.cfg.Board
	if b.Link == NoLink {
		if b.Console > 0 {
			return []string{"-serial", "null"}, nil
		}
		return nil, nil
	}
	doorbell := func(socket string) []string {
		return []string{"-chardev", "socket,id=link,path=" + quote(socket), "-device", "ivshmem-doorbell,chardev=link,vectors=1"}
	}
	if m.cfg.Join != "" {
		return doorbell(m.cfg.Join), nil
	}
	window, err := pci.Socket(m.cfg.Name)
	if err != nil {
		return nil, err
	}
	if b.Link == Serial {
		window = strings.TrimSuffix(window, pci.SocketSuffix) + ".serial"
		if info, err := os.Lstat(window); err == nil {
			if info.Mode()&os.ModeSocket == 0 || !abandoned(window) {
				return nil, com.Errorf(com.ErrExists, "%s is there already: another card is called %s; choose another name with --name", window, m.cfg.Name)
			}
			os.Remove(window) // of a card that died
		}
		m.window, m.URL = window, "serial:"+window
		return []string{"-chardev", "socket,id=link,path=" + quote(window) + ",server=on,wait=off", "-serial", "chardev:link"}, nil
	}
	pci.Sockets() // removes what a card that died left behind
	if m.server, err = ivshmem.Listen(window, m.cfg.Window, 1); err != nil {
		if com.CodeOf(err) == com.ErrExists {
			return nil, com.Errorf(com.ErrExists, "a card called %s runs already: choose another name with --name", m.cfg.Name)
		}
		return nil, err
	}
	m.window, m.URL = window, "pci:"+window
	return doorbell(window), nil
}

// abandoned reports whether nobody listens at a socket.
func abandoned(path string) bool {
	c, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		c.Close()
	}
	return hosted.Abandoned(err)
}

// extras are QEMU's arguments for configuration and sound.
func (m *Machine) extras() (args []string) {
	b := m.cfg.Board
	if b.FWCfg {
		for _, key := range slices.Sorted(maps.Keys(m.cfg.Config)) {
			args = append(args, "-fw_cfg", "name=opt/mmlite/"+key+",string="+quote(m.cfg.Config[key]))
		}
	}
	if b.AC97 {
		audio := m.cfg.Audio
		if audio == "" {
			audio = "none"
		}
		dev := audio + ",id=sound"
		if m.cfg.WAV != "" {
			dev = fmt.Sprintf("wav,id=sound,path=%s,out.frequency=%d", quote(m.cfg.WAV), m.cfg.Rate)
		}
		args = append(args, "-audiodev", dev, "-device", "AC97,audiodev=sound")
	}
	return args
}

// run starts QEMU and waits for its end. It keeps its operating system thread, with
// whose end the system would take QEMU's parent to have died.
func (m *Machine) run(started chan<- error) {
	defer bind(m.cmd)()
	if err := m.cmd.Start(); err != nil {
		close(m.done)
		started <- com.Errorf(com.ErrFailed, "%s: %v", m.cmd.Path, err)
		return
	}
	started <- nil
	m.err = m.cmd.Wait()
	close(m.done)
}

// Done is closed when QEMU has ended.
func (m *Machine) Done() <-chan struct{} { return m.done }

// Err says, once QEMU has ended by itself, how, and what it and the console said
// last. It is nil if the machine switched itself off.
func (m *Machine) Err() error {
	if m.err == nil {
		return nil
	}
	return com.Errorf(com.ErrGone, "the emulated machine is gone: %v\n%s", m.err, m.Tail())
}

// Tail is what the console and QEMU said last.
func (m *Machine) Tail() string { return m.tail.String() }

// Pid is QEMU's process number.
func (m *Machine) Pid() int { return m.cmd.Process.Pid }

// do has QEMU do something.
func (m *Machine) do(ctx context.Context, command string, args map[string]any) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.m == nil {
		var err error
		if m.m, err = dialMonitor(ctx, m.path("qmp")); err != nil {
			return com.Errorf(com.ErrGone, "QEMU's monitor: %v", err)
		}
	}
	return m.m.do(command, args)
}

// Screen writes what the screen shows to a PNG file.
func (m *Machine) Screen(ctx context.Context, file string) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	return m.do(ctx, "screendump", map[string]any{"filename": file, "format": "png"})
}

// Close ends the machine, so that a file of its sound is whole, and removes its
// sockets. Closing again does nothing.
func (m *Machine) Close() error {
	m.closing.Do(func() { m.closed = m.end() })
	return m.closed
}

func (m *Machine) end() error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	select {
	case <-m.done:
	default:
		if m.do(ctx, "quit", nil) != nil {
			m.cmd.Process.Signal(os.Interrupt)
		}
		select {
		case <-m.done:
		case <-ctx.Done():
			m.cmd.Process.Kill()
			<-m.done
		}
	}
	if m.m != nil {
		m.m.conn.Close()
	}
	return m.clean()
}

func (m *Machine) clean() error {
	var err error
	if m.server != nil {
		err = m.server.Close()
	}
	if m.window != "" {
		os.Remove(m.window)
	}
	if e := os.RemoveAll(m.dir); err == nil {
		err = e
	}
	return err
}

// tail keeps the last lines of what is written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

const tailBytes = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b...)
	if n := len(t.b) - tailBytes; n > 0 {
		t.b = append(t.b[:0], t.b[n:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(bytes.ReplaceAll(t.b, []byte("\r"), nil)))
}
