package hosted

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/link/stream"
)

// What the two sides say to each other first.
type (
	hello   = stream.Hello
	welcome = stream.Welcome
)

const helloMagic = stream.Magic

// writeMessage sends v as length and JSON, with a descriptor if fd is not
// negative.
func writeMessage(c *net.UnixConn, v any, fd int) error {
	msg, err := stream.Encode(v)
	if err != nil {
		return err
	}
	if fd < 0 {
		_, err = c.Write(msg)
		return err
	}
	return writeWithFile(c, msg, fd)
}

// readMessage reads what writeMessage sent. fd is -1 if none came.
func readMessage(c *net.UnixConn, v any) (fd int, err error) {
	var head [4]byte
	fd, err = readWithFile(c, head[:])
	if err != nil {
		return fd, err
	}
	n, err := stream.GreetingSize(head[:])
	if err != nil {
		return fd, err
	}
	body := make([]byte, n)
	for at := 0; at < len(body); {
		k, err := c.Read(body[at:])
		if err != nil {
			return fd, com.Errorf(com.ErrGone, "hosted link: the other side hung up during the greeting: %v", err)
		}
		at += k
	}
	return fd, stream.Decode(body, v)
}

// Folder returns the folder of the sockets of this user's cards. It is made
// with access for the user alone, and refused if it has been made otherwise.
func Folder() (string, error) {
	base := os.Getenv("XDG_RUNTIME_DIR")
	dir := filepath.Join(base, "mmlite")
	if base == "" {
		dir = filepath.Join(os.TempDir(), "mmlite-"+strconv.Itoa(os.Getuid()))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", com.Errorf(com.ErrPermission, "folder of cards: %v", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if !info.IsDir() || runtime.GOOS != "windows" && (info.Mode().Perm()&0o077 != 0 || !ownedByUser(info)) {
		return "", com.Errorf(com.ErrPermission, "%s is not a folder of this user alone: remove it, or set XDG_RUNTIME_DIR to one that is", dir)
	}
	return dir, nil
}

var nameRule = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// Socket returns the path of the socket of the card called name.
func Socket(name string) (string, error) {
	if !nameRule.MatchString(name) {
		return "", com.Errorf(com.ErrInvalid, "card name %q: want up to 64 letters, digits, dots, dashes", name)
	}
	dir, err := Folder()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, name+".sock"), nil
}

// refused is WSAECONNREFUSED of Windows, which package syscall has under no name.
const refused = syscall.Errno(10061)

// Abandoned reports whether err, from an attempt to reach a card's socket, says
// that nobody listens to it any more. A card that has too much to do looks
// otherwise, and so does a program that has no descriptor left to ask with.
func Abandoned(err error) bool {
	var e syscall.Errno
	return errors.As(err, &e) && (e == syscall.ECONNREFUSED || runtime.GOOS == "windows" && e == refused)
}

// Names lists the cards whose sockets answer. Sockets that cards left behind
// when they died are removed.
func Names() ([]string, error) {
	dir, err := Folder()
	if err != nil {
		return nil, err
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.sock"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, p := range paths {
		c, err := net.DialTimeout("unix", p, time.Second)
		if Abandoned(err) {
			os.Remove(p)
		}
		if err != nil {
			continue
		}
		c.Close()
		base := filepath.Base(p)
		names = append(names, base[:len(base)-len(".sock")])
	}
	return names, nil
}

// Window is the host's or the card's side of a shared window.
type Window struct {
	Channel *link.Channel
	Conn    *net.UnixConn
	Shared  bool   // memory is shared; otherwise packets go through Conn
	mem     []byte // mapped, if it is
	unmap   func() error
	stream  *stream.Window // without shared memory
}

// Abandon has memory of this process alone take the place of the window's, so that
// who still holds pieces of it may go on to touch them. Close is due afterwards.
func (w *Window) Abandon() error {
	w.Conn.Close()
	if w.mem == nil {
		return nil
	}
	return mapPrivate(w.mem)
}

// Close gives the memory back. Nobody may use the channel any more.
func (w *Window) Close() error {
	w.Conn.Close()
	if w.unmap != nil {
		return w.unmap()
	}
	return nil
}

// Gone returns a channel that is closed when the other side hangs up. It is for
// windows of shared memory, on whose socket nothing else arrives.
func (w *Window) Gone() <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		var b [1]byte
		for {
			if _, err := w.Conn.Read(b[:]); err != nil {
				return
			}
		}
	}()
	return gone
}

// Greet asks the card at the other end of c for a window.
func Greet(c *net.UnixConn, client string) (*Window, error) { return greet(c, client, canShare) }

// GreetForSocket is Greet for a program that cannot or will not share memory.
func GreetForSocket(c *net.UnixConn, client string) (*Window, error) { return greet(c, client, false) }

func greet(c *net.UnixConn, client string, share bool) (*Window, error) {
	c.SetDeadline(time.Now().Add(stream.GreetingTime))
	defer c.SetDeadline(time.Time{})
	if err := writeMessage(c, hello{Magic: helloMagic, Protocol: link.Protocol, Client: client, NoMemory: !share}, -1); err != nil {
		return nil, com.Errorf(com.ErrGone, "hosted link: %v", err)
	}
	var w welcome
	fd, err := readMessage(c, &w)
	if err != nil {
		closeFile(fd)
		return nil, err
	}
	if err := w.Check(); err != nil {
		closeFile(fd)
		return nil, err
	}
	if w.Size == 0 {
		closeFile(fd)
		return overSocket(c, w.Generation, w.Large)
	}
	if fd < 0 {
		return nil, com.Errorf(com.ErrProtocol, "hosted link: the card sent no memory")
	}
	mem, unmap, err := mapFile(fd, w.Size)
	if err != nil {
		return nil, err
	}
	ch, err := link.Attach(mem)
	if err != nil {
		unmap()
		return nil, err
	}
	return &Window{Channel: ch, Conn: c, Shared: true, mem: mem, unmap: unmap}, nil
}

// overSocket makes a window whose packets travel through the socket.
func overSocket(c *net.UnixConn, generation uint64, large int) (*Window, error) {
	w, err := stream.NewWindow(c, generation, large)
	if err != nil {
		return nil, err
	}
	return &Window{Channel: w.Channel, Conn: c, stream: w}, nil
}

// Pump moves packets through the socket of a window that shares no memory; see
// stream.Window.
func (w *Window) Pump(far func(ring func(*uint32)) *link.End, ring func(*uint32)) <-chan struct{} {
	return w.stream.Pump(far, ring)
}

// Ring wakes the pump of such a window.
func (w *Window) Ring(word *uint32) { w.stream.Ring(word) }

// Answer receives a host that greets on c: it makes the window and tells the
// client's name. admit, which may be nil, refuses a client by an error.
func Answer(c *net.UnixConn, cfg link.Config, generation uint64, admit func(client string) error) (*Window, string, error) {
	c.SetDeadline(time.Now().Add(stream.GreetingTime))
	defer c.SetDeadline(time.Time{})
	refuse := func(err error) (*Window, string, error) {
		_ = writeMessage(c, stream.Refusal(err), -1)
		return nil, "", err
	}
	if err := checkPeer(c); err != nil {
		return refuse(err)
	}
	var h hello
	fd, err := readMessage(c, &h)
	closeFile(fd)
	if err != nil {
		return refuse(err)
	}
	if err := h.Check(); err != nil {
		return refuse(err)
	}
	if admit != nil {
		if err := admit(h.Client); err != nil {
			return refuse(err)
		}
	}
	if h.NoMemory || !canShare {
		if err := writeMessage(c, welcome{Magic: helloMagic, Protocol: link.Protocol, Generation: generation}, -1); err != nil {
			return nil, "", err
		}
		w, err := overSocket(c, generation, 0)
		return w, h.Client, err
	}
	mem, file, unmap, err := makeFile(cfg.Size())
	if err != nil {
		return refuse(err)
	}
	defer closeFile(file)
	ch, err := link.Format(mem, cfg, generation)
	if err != nil {
		unmap()
		return refuse(err)
	}
	if err := writeMessage(c, welcome{Magic: helloMagic, Protocol: link.Protocol, Size: cfg.Size(), Generation: generation}, file); err != nil {
		unmap()
		return nil, "", err
	}
	return &Window{Channel: ch, Conn: c, Shared: true, unmap: unmap}, h.Client, nil
}

// CheckPeer refuses the program at the other end of c if it is another user's.
func CheckPeer(c *net.UnixConn) error { return checkPeer(c) }
