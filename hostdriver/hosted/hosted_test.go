package hosted

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
)

// pair returns the two ends of a unix socket.
func pair(t testing.TB) (a, b *net.UnixConn) {
	t.Helper()
	dir, err := os.MkdirTemp("", "mm")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "s"), Net: "unix"})
	if err != nil {
		t.Skip("no unix sockets here: ", err)
	}
	defer l.Close()
	a, err = net.DialUnix("unix", nil, l.Addr().(*net.UnixAddr))
	if err != nil {
		t.Fatal(err)
	}
	b, err = l.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

func TestGreetingHandsOverSealedMemory(t *testing.T) {
	if !canShare {
		t.Skip("no shared memory on this system")
	}
	a, b := pair(t)
	type result struct {
		w    *Window
		name string
		err  error
	}
	answered := make(chan result, 1)
	go func() {
		w, name, err := Answer(b, link.Default, 77, nil)
		answered <- result{w, name, err}
	}()
	host, err := Greet(a, "test")
	card := <-answered
	if err != nil || card.err != nil {
		t.Fatal(err, card.err)
	}
	if card.name != "test" || !host.Shared || host.Channel.Generation() != 77 {
		t.Fatal(card.name, host.Shared, host.Channel.Generation())
	}
	page := make([]uint64, 3)
	link.PutStatus(card.w.Channel.Status(), []uint64{1, 2, 3})
	if n := link.GetStatus(host.Channel.Status(), page); n != 3 || page[2] != 3 {
		t.Fatal("the memory is not shared", n, page)
	}
	gone := host.Gone()
	if err := card.w.Close(); err != nil {
		t.Fatal(err)
	}
	<-gone
	if n := link.GetStatus(host.Channel.Status(), page); n != 3 {
		t.Fatal("what the host holds went with the card")
	}
	if err := host.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestRefusals(t *testing.T) {
	for name, want := range map[string]com.Code{"version": com.ErrVersion, "magic": com.ErrProtocol, "junk": com.ErrProtocol, "huge": com.ErrProtocol, "admit": com.ErrQuota} {
		a, b := pair(t)
		refused := make(chan error, 1)
		go func() {
			_, _, err := Answer(b, link.Default, 1, func(client string) error {
				return com.Errorf(com.ErrQuota, "enough")
			})
			refused <- err
		}()
		var err error
		switch name {
		case "version":
			err = writeMessage(a, hello{Magic: helloMagic, Protocol: link.Protocol + 1, Client: "x"}, -1)
		case "magic":
			err = writeMessage(a, hello{Magic: "other", Protocol: link.Protocol, Client: "x"}, -1)
		case "junk":
			_, err = a.Write([]byte("\x08\x00\x00\x00notjson!"))
		case "huge":
			_, err = a.Write(binary.LittleEndian.AppendUint32(nil, 1<<30))
		case "admit":
			_, err = Greet(a, "x")
			if !errors.Is(err, com.ErrQuota) || !bytes.Contains([]byte(err.Error()), []byte("enough")) {
				t.Errorf("the host is told %v", err)
			}
			err = nil
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := <-refused; com.CodeOf(err) != want {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	// A card of another version.
	a, b := pair(t)
	go writeMessage(b, welcome{Magic: helloMagic, Protocol: link.Protocol + 7}, -1)
	if _, err := Greet(a, "x"); !errors.Is(err, com.ErrVersion) {
		t.Errorf("card of another version: %v", err)
	}
	// One that hangs up.
	a, b = pair(t)
	b.Close()
	if _, err := Greet(a, "x"); !errors.Is(err, com.ErrGone) {
		t.Errorf("card that hangs up: %v", err)
	}
}

func TestFolderOfOthersIsRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("folders have no such access rights here")
	}
	dir := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", dir)
	if _, err := Folder(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "mmlite"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Folder(); !errors.Is(err, com.ErrPermission) {
		t.Fatalf("a folder others may look into: %v", err)
	}
	for _, name := range []string{"", ".", "a/b", "-x", string(make([]byte, 100))} {
		if _, err := Socket(name); err == nil {
			t.Errorf("name %q was taken", name)
		}
	}
}

// Only a socket that nobody listens to is one that a card left behind.
func TestAbandoned(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Skip("no unix sockets here: ", err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	if _, err := net.Dial("unix", path); !Abandoned(err) {
		t.Errorf("a socket that nobody listens to: %v", err)
	}
	for _, e := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.EAGAIN, syscall.EACCES} {
		if err := (&net.OpError{Op: "dial", Net: "unix", Err: os.NewSyscallError("connect", e)}); Abandoned(err) {
			t.Errorf("a card's socket is taken for one that was left behind: %v", err)
		}
	}
	if Abandoned(nil) {
		t.Error("one that answers")
	}
}
