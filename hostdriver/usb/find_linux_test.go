//go:build !gousb

package usb

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

func TestFind(t *testing.T) {
	root := t.TempDir()
	put := func(dir string, attributes map[string]string) {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o777); err != nil {
			t.Fatal(err)
		}
		for name, v := range attributes {
			if err := os.WriteFile(filepath.Join(root, dir, name), []byte(v+"\n"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	put("1-1.4", map[string]string{"busnum": "1", "devnum": "12", "serial": "S-1", "product": "MMLite card"})
	put("1-1.4:1.0", map[string]string{"bInterfaceClass": "01", "bInterfaceSubClass": "01", "bInterfaceProtocol": "00", "bInterfaceNumber": "00"})
	put("1-1.4:1.2", map[string]string{"bInterfaceClass": "ff", "bInterfaceSubClass": "4d", "bInterfaceProtocol": "01", "bInterfaceNumber": "02"})
	put("2-1", map[string]string{"busnum": "x"})
	put("2-1:1.0", map[string]string{"bInterfaceClass": "ff", "bInterfaceSubClass": "4d", "bInterfaceProtocol": "01"})
	put("usb1", nil)
	all, err := find(root)
	want := Device{Serial: "S-1", Product: "MMLite card", Path: "/dev/bus/usb/001/012", Interface: 2}
	if err != nil || len(all) != 1 || all[0] != want {
		t.Fatalf("%+v, %v", all, err)
	}
}

func TestClaimOfNothing(t *testing.T) {
	if _, err := claim(Device{Path: filepath.Join(t.TempDir(), "none")}); !errors.Is(err, com.ErrGone) {
		t.Fatal(err)
	}
	if _, err := claim(Device{Path: "/dev/null"}); !errors.Is(err, com.ErrGone) {
		t.Fatal(err)
	}
}

func TestSocketsOfSerials(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	a, err := Socket("../a b")
	if err != nil || filepath.Base(a) != "usb-.._2fa_20b.broker" {
		t.Fatal(a, err)
	}
	if _, err := Socket(string(make([]byte, 100))); !errors.Is(err, com.ErrInvalid) {
		t.Fatal(err)
	}
}
