package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/synth/bankfile"
	"github.com/mmlite/mmlite/synth/gm"
)

func bankAt(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bank.dls")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBankInfo(t *testing.T) {
	b, refused, err := openBank(bankAt(t, gm.Bank()))
	if err != nil || refused != nil {
		t.Fatal(err, refused)
	}
	defer b.close()
	if err := b.build(); err != nil {
		t.Fatal(err)
	}
	r := b.report()
	if r.Format != string(bankfile.DLS) || len(r.Instruments) != 129 || r.FileBytes != int64(len(gm.Bank())) || r.TableBytes > r.FileBytes/4 || r.Notes != 0 {
		t.Errorf("%+v", r)
	}
	if r.SampleBytes < r.FileBytes/2 || r.SampleBytes > r.FileBytes {
		t.Errorf("%d bytes of samples in a file of %d", r.SampleBytes, r.FileBytes)
	}
	kit := r.Instruments[128]
	if !kit.Drums || kit.Regions < 47 || kit.Samples == 0 || kit.Bytes == 0 {
		t.Errorf("%+v", kit)
	}
	var out strings.Builder
	if err := r.print(&out); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "\n"); n < 131 || !strings.Contains(out.String(), "drums") {
		t.Errorf("%d lines:\n%s", n, &out)
	}
}

// TestBankCheckSaysWhere spoils a bank in known places.
func TestBankCheckSaysWhere(t *testing.T) {
	at := func(id string) int { return bytes.Index(gm.Bank(), []byte(id)) }
	for name, c := range map[string]struct {
		spoil    func(b []byte) []byte
		severity string
		path     string
		says     string
	}{
		"whole":    {func(b []byte) []byte { return b }, "", "", ""},
		"a count":  {func(b []byte) []byte { b[at("colh")+8]++; return b }, remarks, "DLS/colh", "announced"},
		"no wave":  {func(b []byte) []byte { b[at("wlnk")+17] = 0xff; return b }, loses, "wlnk", "left out"},
		"cut":      {func(b []byte) []byte { return b[:len(b)/2] }, fatal, "DLS", "cut short"},
		"a wave's": {func(b []byte) []byte { b[at("fmt ")+8] = 99; return b }, loses, "wave", "PCM"},
		"text":     {func([]byte) []byte { return []byte("a letter, and no bank at all") }, fatal, "", "text"},
	} {
		t.Run(name, func(t *testing.T) {
			path := bankAt(t, c.spoil(bytes.Clone(gm.Bank())))
			b, refused, err := openBank(path)
			if err != nil {
				t.Fatal(err)
			}
			defer b.close()
			v := b.check(refused)
			if v.worst() != c.severity {
				t.Errorf("%q: %+v", v.worst(), v.Findings)
			}
			found := c.severity == ""
			for _, f := range v.Findings {
				if f.Severity == c.severity && strings.Contains(f.Path, c.path) && strings.Contains(f.Text, c.says) {
					found = true
				}
				if line := f.String(); strings.Contains(line, ", :") || !strings.HasSuffix(line, ": "+f.Text) {
					t.Errorf("%q", line)
				}
				if f.Offset < 0 || f.Offset >= int(b.size) {
					t.Errorf("byte %d of %d", f.Offset, b.size)
				}
			}
			if !found {
				t.Errorf("%+v", v.Findings)
			}
			if err := (&bankCheckCmd{File: path}).Run(&globals{JSON: true}); (err != nil) != (c.severity == fatal || c.severity == loses) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestBankConvertReplacesWholly(t *testing.T) {
	from := bankAt(t, gm.Bank())
	dir := t.TempDir()
	out := filepath.Join(dir, "out.dls")
	if err := os.WriteFile(out, []byte("before"), 0o640); err != nil {
		t.Fatal(err)
	}
	left := func(want string) {
		t.Helper()
		list, err := os.ReadDir(dir)
		if err != nil || len(list) != 1 {
			t.Errorf("%v, %v", list, err)
		}
		if got, err := os.ReadFile(out); err != nil || !strings.HasPrefix(string(got), want) {
			t.Errorf("%.10q, %v", got, err)
		}
	}
	// One that fails on the way leaves what was there.
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&bankConvertCmd{File: from, Out: out}).Run(over, &globals{JSON: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	left("before")
	// So does one that does not read back.
	if _, err := replace(out, func(w io.Writer) (int64, error) { n, err := w.Write([]byte("no bank")); return int64(n), err }); err == nil {
		t.Error("a file that is no bank was taken")
	}
	left("before")
	for _, bad := range []bankConvertCmd{{File: out, Out: filepath.Join(dir, "x.dls")}, {File: from, Out: from}} {
		if err := bad.Run(t.Context(), &globals{JSON: true}); err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
	left("before")
	if err := (&bankConvertCmd{File: from, Out: out}).Run(t.Context(), &globals{JSON: true}); err != nil {
		t.Fatal(err)
	}
	left("RIFF")
	got, err := os.ReadFile(out)
	if err != nil || int(binary.LittleEndian.Uint32(got[4:]))+8 != len(got) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if info, err := os.Stat(out); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info, err)
	}
}
