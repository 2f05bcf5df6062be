package pci

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/hostdriver/pci/ivshmem"
)

// unfutexed is a machine whose Ring reaches nobody in other processes, as across a
// PCI bus; it counts.
type unfutexed struct {
	machine.Machine
	rung atomic.Int64
}

func (u *unfutexed) Ring(word *uint32) {
	u.rung.Add(1)
	u.Machine.Ring(word)
}

// listen serves a window with so many vectors until the test ends.
func listen(tb testing.TB, vectors int) (path string, s *ivshmem.Server) {
	tb.Helper()
	dir, err := os.MkdirTemp("", "mm") // short: a socket's path has to fit
	if err != nil {
		tb.Fatal(err)
	}
	path = filepath.Join(dir, "s")
	if s, err = ivshmem.Listen(path, 16<<20, vectors); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		s.Close()
		os.RemoveAll(dir)
	})
	return path, s
}

// TestDoorbells has a card and a host behind an ivshmem server, both asleep between
// packets.
func TestDoorbells(t *testing.T) {
	path, s := listen(t, 2)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the socket is open to others: %v", info.Mode())
	}
	m := &unfutexed{Machine: host.New()}
	mem, cardBells, err := openServer(path)
	if err != nil {
		t.Fatal(err)
	}
	doors, err := link.FormatDoors(mem.bytes, 9, true)
	if err != nil {
		t.Fatal(err)
	}
	const packets = 2000
	over := make(chan error, 1)
	go func() { over <- echo(doors, cardBells, m, packets) }()
	w, err := Open(context.Background(), path, "test", host.New())
	if err != nil {
		t.Fatal(err)
	}
	if s.Peers() != 2 {
		t.Errorf("%d peers", s.Peers())
	}
	end := w.Channel.HostEnd(w.Ring)
	idler := w.Machine.NewIdler(machine.Spare)
	buf := make([]byte, link.MaxPacket)
	for i := range packets {
		if !end.Put([]byte{8, 0, 0, 0, byte(i), byte(i >> 8), 0, 0}) {
			t.Fatal("no room")
		}
		end.Publish()
		if err := await(end, idler, w.Machine); err != nil {
			t.Fatalf("packet %d: %v", i, err)
		}
		if n, err := end.Get(buf); err != nil || n != 8 || buf[4] != byte(i) || buf[6] != 1 {
			t.Fatal(n, err, buf[:8])
		}
	}
	if err := <-over; err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if n := atomic.LoadUint32(doors.Knock(0)); n&1 != 0 {
		t.Errorf("the door is not given back: %d", n)
	}
	if err := errors.Join(cardBells.close(), mem.close()); err != nil {
		t.Error(err)
	}
}

// TestPeersHaveDoorsOfTheirOwn has two programs claim doors, which the server gave one
// open file.
func TestPeersHaveDoorsOfTheirOwn(t *testing.T) {
	path, _ := listen(t, 1)
	claim := func(want int) (leave func()) {
		t.Helper()
		mem, b, err := openServer(path)
		if err != nil {
			t.Fatal(err)
		}
		if door, err := mem.claim(3); err != nil || door != want {
			t.Errorf("door %d, want %d: %v", door, want, err)
		}
		return func() {
			if err := errors.Join(b.close(), mem.close()); err != nil {
				t.Error(err)
			}
		}
	}
	first, second := claim(0), claim(1)
	first()
	third := claim(0)
	second()
	third()
}

// TestPeerThatDoesNotListen: peers come and go beside one that is stopped.
func TestPeerThatDoesNotListen(t *testing.T) {
	path, _ := listen(t, 8)
	deaf, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	// It is told nine numbers by each of the others, and a socket holds some hundreds.
	for i := range 100 {
		mem, b, err := openServer(path)
		if err != nil {
			t.Fatalf("peer %d: %v", i, err)
		}
		if err := errors.Join(b.close(), mem.close()); err != nil {
			t.Fatal(err)
		}
	}
	b, err := io.ReadAll(deaf)
	if len(b) == 0 || err != nil && !errors.Is(err, unix.ECONNRESET) {
		t.Errorf("it heard %d bytes, %v", len(b), err)
	}
}

// await waits until there is a packet, asleep.
func await(end *link.End, idler machine.Idler, m machine.Machine) error {
	deadline := m.Now().Add(5 * machine.Second)
	for !end.Ready() {
		word, old := end.Arm()
		if end.Ready() {
			break
		}
		idler.Idle([]machine.Word{{Addr: word, Old: old}}, deadline)
		if m.Now() > deadline {
			return com.ErrTimeout
		}
	}
	return nil
}

// echo is a card that sends back what it gets.
func echo(doors *link.Doors, b *bells, m machine.Machine, packets int) error {
	idler := m.NewIdler(machine.Spare)
	defer idler.Close()
	var bell atomic.Pointer[uint32]
	bell.Store(doors.Knock(0))
	b.listen(func() { m.Ring(bell.Load()) })
	for atomic.LoadUint32(doors.Knock(0)) == 0 {
		idler.Idle([]machine.Word{{Addr: doors.Knock(0)}}, m.Now().Add(5*machine.Second))
	}
	c, err := doors.Open(0)
	if err != nil {
		return err
	}
	end := c.CardEnd(b.ring)
	bell.Store(c.Bell(false))
	doors.Reply(0, atomic.LoadUint32(doors.Knock(0)), nil)
	b.ring(nil)
	buf := make([]byte, link.MaxPacket)
	for range packets {
		if err := await(end, idler, m); err != nil {
			return err
		}
		n, err := end.Get(buf)
		if err != nil {
			return err
		}
		buf[6] = 1
		if !end.Put(buf[:n]) {
			return com.ErrBusy
		}
		end.Publish()
	}
	return nil
}

// TestForeignServers: what answers need not be an ivshmem server, and may hang up at
// any time.
func TestForeignServers(t *testing.T) {
	dir, err := os.MkdirTemp("", "mm")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	zeros := make([]byte, 64)
	ones := make([]byte, 64)
	for i := range ones {
		ones[i] = 255
	}
	for i, say := range [][]byte{nil, {1, 2, 3}, zeros, ones, append(append([]byte(nil), zeros[:16]...), ones...)} {
		path := filepath.Join(dir, string(rune('a'+i)))
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			c, err := l.Accept()
			if err == nil {
				_, _ = c.Write(say)
				c.Close()
			}
		}()
		if _, err := Open(context.Background(), path, "test", host.New()); !errors.Is(err, com.ErrProtocol) {
			t.Errorf("%d: %v", i, err)
		}
		l.Close()
	}
	if _, err := Open(context.Background(), dir, "test", host.New()); err == nil {
		t.Error("a folder was opened")
	}
}

// TestPeersComeAndGo: nothing is left of those who went.
func TestPeersComeAndGo(t *testing.T) {
	path, s := listen(t, 1)
	if _, err := ivshmem.Listen(path, 16<<20, 1); !errors.Is(err, com.ErrExists) {
		t.Error(err)
	}
	before, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		mem, b, err := openServer(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(b.close(), mem.close()); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(time.Minute); s.Peers() != 0; {
		if time.Now().After(deadline) {
			t.Fatalf("%d peers are left", s.Peers())
		}
		_, _ = unix.Poll(nil, 1)
	}
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil || len(fds) > len(before)+10 {
		t.Errorf("%d descriptors are open, and %d were before; %v", len(fds), len(before), err)
	}
}

// BenchmarkDoorbell is a packet and its answer, both sides asleep between.
func BenchmarkDoorbell(b *testing.B) {
	path, _ := listen(b, 1)
	m := host.New()
	mem, cardBells, err := openServer(path)
	if err != nil {
		b.Fatal(err)
	}
	doors, err := link.FormatDoors(mem.bytes, 9, true)
	if err != nil {
		b.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- echo(doors, cardBells, m, b.N) }()
	w, err := Open(context.Background(), path, "test", host.New())
	if err != nil {
		b.Fatal(err)
	}
	end := w.Channel.HostEnd(w.Ring)
	idler := w.Machine.NewIdler(machine.Spare)
	buf := make([]byte, link.MaxPacket)
	b.ResetTimer()
	for range b.N {
		end.Put([]byte{8, 0, 0, 0, 0, 0, 0, 0})
		end.Publish()
		if err := await(end, idler, w.Machine); err != nil {
			b.Fatal(err)
		}
		if _, err := end.Get(buf); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	if err := <-over; err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(w.Close(), cardBells.close(), mem.close()); err != nil {
		b.Fatal(err)
	}
}

// TestNoDoors: a window that no card has laid out yet is given back, so that a
// program may try again and again.
func TestNoDoors(t *testing.T) {
	path, _ := listen(t, 1)
	for range 100 { // more than the server takes at once
		if _, err := Open(context.Background(), path, "test", host.New()); !errors.Is(err, com.ErrProtocol) || !strings.Contains(err.Error(), "no card") {
			t.Fatal(err)
		}
	}
}
