package flash

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

// computer makes what the kernel tells of its devices: a file for each path.
func computer(t *testing.T, mounts, swaps string, files map[string]string) places {
	t.Helper()
	dir := t.TempDir()
	s := places{filepath.Join(dir, "block"), filepath.Join(dir, "mounts"), filepath.Join(dir, "swaps")}
	write := func(path, text string) {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write(s.mounts, mounts)
	write(s.swaps, swaps)
	for name, text := range files {
		write(filepath.Join(s.block, name), text)
	}
	return s
}

func TestTargets(t *testing.T) {
	reader := map[string]string{
		"sdb/size": "31116288\n", "sdb/removable": "1\n", "sdb/ro": "0\n", "sdb/dev": "8:16\n",
		"sdb/device/model": "Card Reader \n", "sdb/sdb1/dev": "8:17\n", "sdb/sdb1/partition": "1\n",
	}
	with := func(more ...string) map[string]string {
		m := map[string]string{}
		for k, v := range reader {
			m[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	l := &Layout{Size: 64 << 20}
	for name, c := range map[string]struct {
		device, mounts, swaps string
		files                 map[string]string
		look                  com.Code // what looking says
		refuse, really        com.Code // what Refuse says, without and with --yes-really
	}{
		"a card":              {device: "sdb", files: reader},
		"another one mounted": {device: "sdb", mounts: "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n", files: reader},
		"mounted":             {device: "sdb", mounts: "21 1 8:17 / /media/x rw - vfat /dev/sdb1 rw\n", files: reader, refuse: com.ErrBusy, really: com.ErrBusy},
		"swapped to":          {device: "sdb", swaps: "Filename Type\n/dev/sdb1 partition 1 0 -2\n", files: reader, refuse: com.ErrBusy, really: com.ErrBusy},
		"part of a volume":    {device: "sdb", files: with("sdb/sdb1/holders/dm-0", ""), refuse: com.ErrBusy, really: com.ErrBusy},
		"a hard disk":         {device: "sdb", files: with("sdb/removable", "0"), refuse: com.ErrPermission},
		"too large":           {device: "sdb", files: with("sdb/size", "976773168"), refuse: com.ErrPermission},
		"built in":            {device: "sdb", files: with("sdb/removable", "0", "sdb/device/type", "SD\n")},
		"soldered":            {device: "sdb", files: with("sdb/removable", "0", "sdb/device/type", "MMC\n"), refuse: com.ErrPermission},
		"too small":           {device: "sdb", files: with("sdb/size", "1000"), refuse: com.ErrInvalid, really: com.ErrInvalid},
		"no card in it":       {device: "sdb", files: with("sdb/size", "0"), look: com.ErrGone},
		"write-protected":     {device: "sdb", files: with("sdb/ro", "1"), look: com.ErrPermission},
		"a partition":         {device: "sdb1", files: with("sdb1/size", "2048", "sdb1/partition", "1"), look: com.ErrInvalid},
		"no device":           {device: "tty1", files: reader, look: com.ErrInvalid},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			target, err := computer(t, c.mounts, c.swaps, c.files).device("/dev/"+c.device, c.device)
			if com.CodeOf(err) != c.look {
				t.Fatalf("looking: %v", err)
			}
			if err != nil {
				return
			}
			if err := target.Refuse(l, false); com.CodeOf(err) != c.refuse {
				t.Errorf("%v", err)
			}
			if err := target.Refuse(l, true); com.CodeOf(err) != c.really {
				t.Errorf("with --yes-really: %v", err)
			}
		})
	}
}

func TestLook(t *testing.T) {
	if _, err := Look("/dev/no such card"); !errors.Is(err, com.ErrNotFound) {
		t.Error(err)
	}
	if _, err := Look(t.TempDir()); !errors.Is(err, com.ErrInvalid) {
		t.Error(err)
	}
	if _, err := Look("/dev/null"); !errors.Is(err, com.ErrInvalid) {
		t.Error(err)
	}
}
