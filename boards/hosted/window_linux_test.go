package hosted

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// TestPCIWindow has programs come in through a file as through the memory of a PCI
// device, all doors taken, one of them killed.
func TestPCIWindow(t *testing.T) {
	name := named(t)
	path := filepath.Join(t.TempDir(), "window")
	card := start(t, "ready", "run", "--name", name, "--device", "null", "--window", path)
	ctx := context.Background()
	open := func() (*hostdriver.Card, error) { return hostdriver.Open(ctx, "pci:"+path) }
	first, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if l := first.Info().Link; !strings.Contains(l, "window") {
		t.Errorf("the link is %q", l)
	}
	alone := render(t, first, nil)
	second := start(t, "playing", "client", "pci:"+path)
	beside := render(t, first, func() {
		if ports(t, first) != 2 {
			t.Error("the second program has no port")
		}
		if err := second.Process.Kill(); err != nil {
			t.Error(err)
		}
	})
	if string(alone) != string(beside) {
		t.Error("another program that plays and is killed changes what is heard")
	}
	// Its lease runs out, and nothing of it is left.
	for deadline := time.Now().Add(20 * time.Second); ports(t, first) != 0; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal("the killed program's port is still there")
		}
	}
	var all []*hostdriver.Card
	for {
		c, err := open()
		if err != nil {
			if !errors.Is(err, com.ErrBusy) {
				t.Fatal(err)
			}
			break
		}
		all = append(all, c)
	}
	if len(all) != 2 {
		t.Errorf("%d programs beside the first came in, and there are 3 doors", len(all))
	}
	for _, c := range all {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	for range 20 { // in and out
		c, err := open()
		if err != nil {
			t.Fatal(err)
		}
		echo, err := hostdriver.Bind(ctx, c, "/echo", system.EchoType)
		if err != nil {
			t.Fatal(err)
		}
		if sum, err := echo.Add(2, 3); err != nil || sum != 5 {
			t.Fatal(sum, err)
		}
		echo.Release()
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := card.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := card.Wait(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the window is left behind: %v", err)
	}
	if _, err := first.System().Info(ctx); err == nil {
		t.Error("a card that has stopped answers")
	}
}

// TestPCICardThatDies: its programs notice, though nobody tells them.
func TestPCICardThatDies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "window")
	card := start(t, "ready", "run", "--name", named(t), "--device", "null", "--window", path)
	ctx := context.Background()
	c, err := hostdriver.Open(ctx, "pci:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := card.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = card.Wait() // it was killed
	if _, err := c.System().Info(ctx); !errors.Is(err, com.ErrGone) {
		t.Errorf("a call to a dead card: %v", err)
	}
	// Another card takes the window over.
	start(t, "ready", "run", "--name", "other", "--device", "null", "--window", path)
	again, err := hostdriver.Open(ctx, "pci:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if again.Info().Generation == c.Info().Generation {
		t.Error("it is the same card")
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestNoPCICard(t *testing.T) {
	ctx := context.Background()
	small := filepath.Join(t.TempDir(), "small")
	if err := os.WriteFile(small, make([]byte, 100), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, make([]byte, 16<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		"pci:/no/such/file": "mmlite boot",
		"pci:" + small:      "100 bytes",
		"pci:" + empty:      "is it running",
	} {
		if _, err := hostdriver.Open(ctx, url); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", url, err)
		}
	}
}
