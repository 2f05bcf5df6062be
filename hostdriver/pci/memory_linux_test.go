package pci

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
)

// TestCreateSparesFiles names as windows what is something else.
func TestCreateSparesFiles(t *testing.T) {
	dir := t.TempDir()
	const size = link.MinWindow
	song := bytes.Repeat([]byte("RIFF"), size/4)
	for name, content := range map[string][]byte{"short": song[:7], "as long": song, "longer": append(song, 0), "zeros": make([]byte, 4096)} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Create(path, size); com.CodeOf(err) != com.ErrExists {
			t.Errorf("%s: %v", name, err)
		}
		if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, content) {
			t.Errorf("%s has changed: %v", name, err)
		}
	}
	if _, _, err := Create(dir, size); err == nil {
		t.Error("a folder became a window")
	}
}

// TestCreateTakesWhatACardLeft has a card die, and another one and a stranger follow.
func TestCreateTakesWhatACardLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "window")
	mem, release, err := Create(path, link.MinWindow)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Create(path, link.MinWindow); com.CodeOf(err) != com.ErrBusy {
		t.Errorf("two cards in one window: %v", err)
	}
	if _, err := link.FormatDoors(mem, 1, true); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(t.TempDir(), "left")
	if err := os.WriteFile(left, mem, 0o600); err != nil {
		t.Fatal(err)
	}
	_, second, err := Create(left, link.MinWindow)
	if err != nil {
		t.Fatal(err)
	}
	if err := second(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("the window is left behind")
	}
	// Somebody puts another file in the place of the first.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(path); string(b) != "mine" {
		t.Errorf("%q, %v", b, err)
	}
}

// TestWindowsCannotBeCut has somebody try to cut a window that is mapped, by its name
// and by what that leads to, and another card come after one that died.
func TestWindowsCannotBeCut(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "window")
	mem, release, err := Create(path, link.MinWindow)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 0); err == nil {
		t.Fatal("the window was cut, and the next line would end this program")
	}
	if f, err := os.OpenFile(path, os.O_RDWR|os.O_TRUNC, 0); err == nil {
		f.Close()
		t.Fatal("the window was cut by opening it")
	}
	mem[len(mem)-1] = 7
	if err := release(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); err == nil {
		t.Error("the window is left behind")
	}
	for name, to := range map[string]string{"of a dead card": "/proc/4194305/fd/3", "of another program": "/proc/1/fd/99999"} {
		if err := os.Symlink(to, path); err != nil {
			t.Fatal(err)
		}
		if _, release, err = Create(path, link.MinWindow); err != nil {
			t.Errorf("in the place of a link %s: %v", name, err)
			continue
		}
		if err := release(); err != nil {
			t.Error(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "mine"), path); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Create(path, link.MinWindow); com.CodeOf(err) != com.ErrExists {
		t.Errorf("in the place of somebody's link: %v", err)
	}
}
