package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestImageSizes(t *testing.T) {
	dir := shortFolder(t)
	source, out := filepath.Join(dir, "x.go"), filepath.Join(dir, "x")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-ldflags", "-w", "-o", out, source)
	cmd.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0", "GOFLAGS=")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	said, errs, err := mmlite(t, dir, "image", "sizes", "--json", out)
	if err != nil {
		t.Fatal(err, errs)
	}
	var s imageSizes
	if err := json.Unmarshal([]byte(said), &s); err != nil || s.Total.Text == 0 || len(s.Groups) < 2 {
		t.Errorf("%v: %s", err, said)
	}
	if said, errs, err = mmlite(t, dir, "image", "sizes", "--packages", out); err != nil || !strings.Contains(said, "go runtime\n") || !strings.Contains(said, "  internal/runtime/maps\n") {
		t.Errorf("%v, %s: %s", err, errs, said)
	}
	for args, want := range map[string]string{
		"image sizes":                 "either an ELF file or --board",
		"image sizes " + source:       "no ELF file",
		"image sizes --board nothing": "no board",
	} {
		if _, errs, err := mmlite(t, dir, strings.Fields(args)...); err == nil || !strings.Contains(errs, want) {
			t.Errorf("%s: %v, %s", args, err, errs)
		}
	}
}
