package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mmlite/mmlite/boards/hosted"
	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/ddraw"
)

// TestMain lets this test program be a card or a client that is killed, too.
func TestMain(m *testing.M) {
	null := func() (sound.Device, error) { return sound.Open("null", sound.Config{}) }
	if len(os.Args) == 3 && os.Args[1] == "card" {
		err := hosted.Run(context.Background(), hosted.Config{Name: os.Args[2], Device: null, Ready: func(*firmware.Card) { fmt.Println("ready") }})
		fmt.Fprintln(os.Stderr, "card:", err)
		os.Exit(1)
	}
	if len(os.Args) == 3 && os.Args[1] == "client" {
		fmt.Fprintln(os.Stderr, "client:", drawForEver("hosted:"+os.Args[2]))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// drawForEver draws, locks and flips in several ways at once, alone on the screen,
// until this process is killed.
func drawForEver(url string) error {
	ctx := context.Background()
	card, err := hostdriver.Open(ctx, url)
	if err != nil {
		return err
	}
	dd, err := ddraw.Create(ctx, card)
	if err != nil {
		return err
	}
	for { // the one that was killed before this may not be missed yet
		err := dd.SetCooperativeLevel(ctx, ddraw.Exclusive|ddraw.FullScreen)
		if err == nil {
			break
		}
		if !errors.Is(err, ddraw.ErrExclusiveModeAlreadySet) {
			return err
		}
		if err := dd.WaitForVerticalBlank(ctx, ddraw.BlockBegin); err != nil {
			return err
		}
	}
	front, err := dd.CreateSurface(ctx, ddraw.SurfaceDesc{Caps: ddraw.PrimarySurface | ddraw.FlipCap | ddraw.Complex, BackBufferCount: 2})
	if err != nil {
		return err
	}
	x, err := dd.CreateSurface(ctx, ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain, Width: 1000, Height: 1000})
	if err != nil {
		return err
	}
	errs := make(chan error)
	go func() {
		for {
			if err := front.Flip(ctx, 0); err != nil {
				errs <- err
			}
		}
	}()
	go func() {
		for n := uint32(0); ; n++ {
			if err := front.Blt(nil, nil, nil, ddraw.ColorFill, &ddraw.BltFX{FillColor: n}); err != nil {
				errs <- err
			}
		}
	}()
	l, err := x.Lock(ctx, nil, 0)
	if err != nil {
		return err
	}
	go func() {
		for n := 0; ; n++ {
			l.Bits[n%len(l.Bits)] = byte(n)
		}
	}()
	fmt.Println("draws")
	return <-errs
}

// role runs this program as a card or a client and waits for its word.
func role(t testing.TB, word string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || strings.TrimSpace(line) != word {
		t.Fatalf("%v said %q, %v", args, line, err)
	}
	return cmd
}

// den makes a place for sockets of cards.
func den(t testing.TB) {
	t.Helper()
	dir, err := os.MkdirTemp("", "mm") // short: a socket's path has to fit
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
}

func open(t testing.TB, name string, opts ...hostdriver.Option) (*hostdriver.Card, *ddraw.DirectDraw) {
	t.Helper()
	card, err := hostdriver.Open(background0, "hosted:"+name, opts...)
	if err != nil {
		t.Fatal(err)
	}
	dd, err := ddraw.Create(background0, card)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		dd.Close()
		card.Close()
	})
	return card, dd
}

// Programs that are killed while they draw, hold locks and have the screen for
// themselves leave nothing on the card.
func TestKilledPrograms(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("memory is shared on Linux alone")
	}
	den(t)
	role(t, "ready", "card", "den")
	for range 4 {
		client := role(t, "draws", "client", "den")
		if err := client.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = client.Wait() // it was killed
	}
	card, dd := open(t, "den")
	status, err := hostdriver.Bind(background0, card, "/status/graphics", system.StatusType)
	if err != nil {
		t.Fatal(err)
	}
	defer status.Release()
	for deadline := time.Now().Add(20 * time.Second); ; {
		text, err := status.JSON(background0)
		if err != nil {
			t.Fatal(err)
		}
		var s struct {
			Bytes   int64
			Devices []struct{ Name string }
			Screen  struct {
				Exclusive string
				Layers    int
			}
		}
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(err)
		}
		if s.Bytes == 0 && len(s.Devices) == 1 && s.Screen.Layers == 0 && s.Screen.Exclusive == "" {
			break // only ours is left
		}
		if time.Now().After(deadline) {
			t.Fatalf("left behind: %s", text)
		}
	}
	if err := dd.SetCooperativeLevel(background0, ddraw.Exclusive|ddraw.FullScreen); err != nil {
		t.Error(err)
	}
}

// A program that writes a locked surface outlives its card, and draws on on the next.
func TestCardDiesUnderALock(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("memory is shared on Linux alone")
	}
	den(t)
	first := role(t, "ready", "card", "one")
	card, dd := open(t, "one")
	p, err := dd.CreateSurface(background0, ddraw.SurfaceDesc{Caps: ddraw.PrimarySurface | ddraw.FlipCap | ddraw.Complex, BackBufferCount: 1})
	if err != nil {
		t.Fatal(err)
	}
	if h, err := dd.Caps(background0); err != nil || !h.SharedLocks {
		t.Fatalf("%+v, %v", h, err)
	}
	l, err := p.Lock(background0, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
				l.Bits[n%len(l.Bits)] = byte(n)
			}
		}
	})
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-card.Done()
	b := &bench{T: t}
	b.is("unlocking", p.Unlock(), ddraw.ErrSurfaceLost)
	b.is("flipping", p.Flip(background0, 0), ddraw.ErrSurfaceLost)
	b.is("restoring too early", p.Restore(background0), ddraw.ErrSurfaceLost)
	card.Close()
	close(stop)
	writer.Wait()
	l.Bits[0] = 1 // it is still there
	role(t, "ready", "card", "two")
	again, err := hostdriver.Open(background0, "hosted:two")
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	b.must(dd.Reconnect(background0, again))
	b.must(p.Restore(background0))
	b.must(p.Blt(nil, nil, nil, ddraw.ColorFill, &ddraw.BltFX{FillColor: 0x123456}))
	b.must(p.Flip(background0, 0))
	b.must(p.Flip(background0, 0))
	if got := b.get(p, 100, 100); got != 0x123456 {
		t.Errorf("%#x", got)
	}
}

// BenchmarkBltFast is a sprite of 32 by 32 pixels with a key, drawn on a card in another
// process.
func BenchmarkBltFast(b *testing.B) {
	den(b)
	role(b, "ready", "card", "bench")
	card, dd := open(b, "bench")
	dst, err := dd.CreateSurface(background0, ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain, Width: 640, Height: 480})
	if err != nil {
		b.Fatal(err)
	}
	src, err := dd.CreateSurface(background0, ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain, Width: 32, Height: 32, SrcBlt: &ddraw.ColorKey{}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for n := int32(0); b.Loop(); n++ {
		if err := dst.BltFast(n%600, n%440, src, nil, ddraw.SrcColorKey); err != nil {
			b.Fatal(err)
		}
	}
	if err := card.Flush(background0); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkLock is a lock and unlock of a surface, by shared memory.
func BenchmarkLock(b *testing.B) { benchmarkLock(b) }

// BenchmarkLockSocket fetches and sends all of 64 by 64 pixels.
func BenchmarkLockSocket(b *testing.B) { benchmarkLock(b, hostdriver.NoSharedMemory()) }

func benchmarkLock(b *testing.B, opts ...hostdriver.Option) {
	den(b)
	role(b, "ready", "card", "bench")
	_, dd := open(b, "bench", opts...)
	s, err := dd.CreateSurface(background0, ddraw.SurfaceDesc{Caps: ddraw.OffscreenPlain, Width: 64, Height: 64})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Lock(background0, nil, 0); err != nil {
			b.Fatal(err)
		}
		if err := s.Unlock(); err != nil {
			b.Fatal(err)
		}
	}
}
