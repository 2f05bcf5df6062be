package hosted

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
)

// hello is what a host says first.
type hello struct {
	Magic    string `json:"magic"`
	Protocol uint32 `json:"protocol"`
	Client   string `json:"client"`
	NoMemory bool   `json:"no_memory,omitempty"` // this side cannot map the card's memory
}

// welcome is what the card answers.
type welcome struct {
	Magic      string `json:"magic"`
	Protocol   uint32 `json:"protocol"`
	Code       uint32 `json:"code,omitempty"` // why not
	Text       string `json:"text,omitempty"`
	Size       int    `json:"size,omitempty"` // bytes of the window that comes along, 0 for packets through the socket
	Generation uint64 `json:"generation,omitempty"`
}

const (
	helloMagic   = "mmlite"
	maxHello     = 4096
	helloTimeout = 5 * time.Second
)

// writeMessage sends v as length and JSON, with a descriptor if fd is not
// negative.
func writeMessage(c *net.UnixConn, v any, fd int) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	msg := append(binary.LittleEndian.AppendUint32(nil, uint32(len(b))), b...)
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
	n := binary.LittleEndian.Uint32(head[:])
	if n == 0 || n > maxHello {
		return fd, com.Errorf(com.ErrProtocol, "hosted link: message of %d bytes instead of a greeting", n)
	}
	body := make([]byte, n)
	for at := 0; at < len(body); {
		k, err := c.Read(body[at:])
		if err != nil {
			return fd, com.Errorf(com.ErrGone, "hosted link: the other side hung up during the greeting: %v", err)
		}
		at += k
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fd, com.Errorf(com.ErrProtocol, "hosted link: greeting: %v", err)
	}
	return fd, nil
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

// Abandoned reports whether err, from an attempt to reach a card's socket, says
// that nobody listens to it any more. A card that has too much to do looks
// otherwise.
func Abandoned(err error) bool {
	var n net.Error
	return err != nil && !(errors.As(err, &n) && n.Timeout())
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
	pump    *pump // without shared memory
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
	c.SetDeadline(time.Now().Add(helloTimeout))
	defer c.SetDeadline(time.Time{})
	if err := writeMessage(c, hello{helloMagic, link.Protocol, client, !share}, -1); err != nil {
		return nil, com.Errorf(com.ErrGone, "hosted link: %v", err)
	}
	var w welcome
	fd, err := readMessage(c, &w)
	if err != nil {
		closeFile(fd)
		return nil, err
	}
	switch {
	case w.Magic != helloMagic:
		closeFile(fd)
		return nil, com.Errorf(com.ErrProtocol, "hosted link: what answers is no card")
	case w.Code != 0:
		closeFile(fd)
		return nil, &com.Error{Code: com.Code(w.Code), Text: w.Text}
	case w.Protocol != link.Protocol:
		closeFile(fd)
		return nil, versionError(w.Protocol, "card", link.Protocol, "program")
	case w.Size == 0:
		closeFile(fd)
		return socketWindow(c, w.Generation)
	case fd < 0:
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

func versionError(a uint32, who string, b uint32, other string) error {
	return com.Errorf(com.ErrVersion, "the %s speaks link protocol %d, this %s %d: bring both to one version of mmlite", who, a, other, b)
}

// Answer receives a host that greets on c: it makes the window and tells the
// client's name. admit, which may be nil, refuses a client by an error.
func Answer(c *net.UnixConn, cfg link.Config, generation uint64, admit func(client string) error) (*Window, string, error) {
	c.SetDeadline(time.Now().Add(helloTimeout))
	defer c.SetDeadline(time.Time{})
	refuse := func(err error) (*Window, string, error) {
		_ = writeMessage(c, welcome{Magic: helloMagic, Protocol: link.Protocol, Code: uint32(com.CodeOf(err)), Text: com.TextOf(err)}, -1)
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
	if h.Magic != helloMagic {
		return refuse(com.Errorf(com.ErrProtocol, "hosted link: this is a card; what greets is no host driver"))
	}
	if h.Protocol != link.Protocol {
		return refuse(versionError(h.Protocol, "program", link.Protocol, "card"))
	}
	if len(h.Client) > 64 {
		h.Client = h.Client[:64]
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
		w, err := socketWindow(c, generation)
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
