//go:build unix

package boot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver/pci"
)

// fakeQEMU puts a program in the place of QEMU that is a shell script.
func fakeQEMU(t *testing.T, script string) Config {
	t.Helper()
	dir := shortDir(t)
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	for name, text := range map[string]string{"qemu-fake": "#!/bin/sh\n" + script, "image": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return Config{Board: Board{Name: "fake", QEMU: "qemu-fake", Debian: "fake", Link: Serial, FWCfg: true, AC97: true}, Image: filepath.Join(dir, "image"), Name: "card"}
}

// left lists what machines have left behind.
func left(t *testing.T) []string {
	t.Helper()
	path, err := pci.Socket("card")
	if err != nil {
		t.Fatal(err)
	}
	list, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestEndsEarly(t *testing.T) {
	cfg := fakeQEMU(t, "echo \"$@\"; echo no such machine >&2; exit 3\n")
	cfg.Config = map[string]string{"name": "a,b"}
	cfg.WAV, cfg.Rate = "x,y.wav", 44100
	m, err := Start(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	<-m.Done()
	for _, want := range []string{"exit status 3", "no such machine", "name=opt/mmlite/name,string=a,,b", "path=x,,y.wav,out.frequency=44100", "-accel tcg"} {
		if err := m.Err(); !errors.Is(err, com.ErrGone) || !strings.Contains(err.Error(), want) {
			t.Errorf("not in what is said: %s\n%v", want, err)
		}
	}
	if err := errors.Join(m.Close(), m.Close()); err != nil {
		t.Error(err)
	}
	if l := left(t); len(l) != 0 {
		t.Error(l)
	}
}

// TestCloses: a machine that answers no monitor is ended all the same.
func TestCloses(t *testing.T) {
	cfg := fakeQEMU(t, "exec sleep 1000\n")
	var out bytes.Buffer
	cfg.Out = &out
	m, err := Start(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Screen(context.Background(), "x.png"); !errors.Is(err, com.ErrGone) {
		t.Error(err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	<-m.Done()
	if l := left(t); len(l) != 0 {
		t.Error(l)
	}
}

func TestStartRefuses(t *testing.T) {
	cfg := fakeQEMU(t, "exec sleep 1000\n")
	path, err := pci.Socket("card")
	if err != nil {
		t.Fatal(err)
	}
	serial := strings.TrimSuffix(path, pci.SocketSuffix) + ".serial"
	if err := os.WriteFile(serial, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(context.Background(), cfg); !errors.Is(err, com.ErrExists) {
		t.Error(err)
	}
	if _, err := os.Stat(serial); err != nil {
		t.Error("another's socket was removed")
	}
	absent := cfg
	absent.Image = "absent"
	if _, err := Start(context.Background(), absent); !errors.Is(err, com.ErrNotFound) {
		t.Error(err)
	}
	absent = cfg
	absent.Board.QEMU = "qemu-absent"
	if _, err := Start(context.Background(), absent); !errors.Is(err, com.ErrNotFound) || !strings.Contains(err.Error(), "apt install fake") {
		t.Error(err)
	}
}

// TestMonitor has a QEMU that says events between answers.
func TestMonitor(t *testing.T) {
	path := filepath.Join(shortDir(t), "m")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	asked := make(chan string, 10)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		c.Write([]byte(`{"QMP":{"version":{}}}` + "\n"))
		for d := json.NewDecoder(c); ; {
			var r struct{ Execute string }
			if d.Decode(&r) != nil {
				return
			}
			asked <- r.Execute
			c.Write([]byte(`{"event":"RTC_CHANGE","data":{}}` + "\n"))
			if r.Execute == "bad" {
				c.Write([]byte(`{"error":{"class":"GenericError","desc":"no such thing"}}` + "\n"))
				continue
			}
			c.Write([]byte(`{"return":{}}` + "\n"))
		}
	}()
	m, err := dialMonitor(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer m.conn.Close()
	if err := m.do("quit", nil); err != nil {
		t.Error(err)
	}
	if err := m.do("bad", nil); err == nil || !strings.Contains(err.Error(), "no such thing") {
		t.Error(err)
	}
	if a, b, c := <-asked, <-asked, <-asked; a != "qmp_capabilities" || b != "quit" || c != "bad" {
		t.Error(a, b, c)
	}
}

func TestToolchainIsNamed(t *testing.T) {
	dir := t.TempDir()
	mod := filepath.Join(dir, "go.mod")
	for text, want := range map[string]string{
		"module x\n": "does not require",
		"module x\n\nrequire (\n\tgithub.com/usbarmory/tamago v1.99.0 // indirect\n)\n": "go tool tamago",
		"module x\n\nrequire github.com/usbarmory/tamago v1.99.0\n":                     "v1.99.0",
	} {
		if err := os.WriteFile(mod, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Toolchain(dir); !errors.Is(err, com.ErrNotFound) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Source(t.TempDir()); !errors.Is(err, com.ErrNotFound) {
		t.Error(err)
	}
	if _, err := Find("toaster"); !errors.Is(err, com.ErrNotFound) || !strings.Contains(err.Error(), "qemupc") {
		t.Error(err)
	}
}

// TestRAMDisk reads a RAM disk back by the format's description.
func TestRAMDisk(t *testing.T) {
	var b bytes.Buffer
	d := NewRAMDisk(&b)
	d.Dir("dev")
	d.Program("hello", []byte("hello world"))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if b.Len()%4 != 0 {
		t.Error(b.Len())
	}
	for _, want := range []string{
		"070701" + "00000002" + "000081ed" + strings.Repeat("0", 16) + "00000001" + "00000000" + "0000000b",
		"TRAILER!!!\x00",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%q", want, b.String())
		}
	}
	at := strings.Index(b.String(), "hello world")
	if at < 0 || at%4 != 0 {
		t.Error("content at", at)
	}
}
