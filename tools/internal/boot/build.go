package boot

import (
	"bufio"
	"bytes"
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

const (
	module = "github.com/mmlite/mmlite"
	tamago = "github.com/usbarmory/tamago"
)

// Source returns the folder of this module's source that dir lies in. The error is
// com.ErrNotFound.
func Source(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && firstLine(b) == "module "+module {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return "", com.Errorf(com.ErrNotFound, "an image is built from the source of MMLite: run this inside of its folder, or give an image with --image")
		}
	}
}

func firstLine(b []byte) string {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return strings.TrimSpace(string(line))
}

// Toolchain returns the go command of the TamaGo toolchain that source asks for. The
// error, com.ErrNotFound, says how to get it.
func Toolchain(source string) (string, error) {
	version, err := required(filepath.Join(source, "go.mod"), tamago)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", com.Errorf(com.ErrNotFound, "no place for the TamaGo toolchain: %v", err)
	}
	path := filepath.Join(cache, "tamago-go", "tamago-go"+strings.TrimPrefix(version, "v"), "bin", "go")
	if _, err := os.Stat(path); err != nil {
		return "", com.Errorf(com.ErrNotFound, "the TamaGo toolchain %s is not there (%s): images of boards are built with it; to get it, which takes some minutes, run in %s: go tool tamago version", version, path, source)
	}
	return path, nil
}

// required returns the version of a module that a go.mod requires.
func required(file, of string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", com.Errorf(com.CodeOf(err), "%v", err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if w := strings.Fields(strings.TrimPrefix(s.Text(), "require ")); len(w) >= 2 && w[0] == of {
			return w[1], nil
		}
	}
	return "", com.Errorf(com.ErrNotFound, "%s does not require %s: this source has no bare-metal boards", file, of)
}

// Build builds the board's image, an ELF file, from source into out. What the
// compiler has to say is in the error.
func Build(ctx context.Context, source string, b Board, out string) error {
	tool, err := Toolchain(source)
	if err != nil {
		return err
	}
	if out, err = filepath.Abs(out); err != nil {
		return err
	}
	part := out + ".part"
	defer os.Remove(part)
	cmd := exec.CommandContext(ctx, tool, "build", "-trimpath", "-ldflags", b.LDFlags, "-o", part, b.Package)
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "GOOS=tamago", "GOARCH="+b.GOARCH, "GOOSPKG="+tamago, "CGO_ENABLED=0", "GOTOOLCHAIN=local", "GOWORK=off", "GOFLAGS=")
	cmd.Env = append(cmd.Env, b.Env...)
	said, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return com.Errorf(com.ErrFailed, "building the image of %s: %v\n%s", b.Name, err, bytes.TrimSpace(said))
	}
	return os.Rename(part, out)
}

// Image returns the image of the board that is kept in this user's cache folder. It
// is built if there is none, if again is set, or if dir lies in the source of MMLite
// and that has changed since; tell is called before that. Without source the cached
// one is taken as it is.
func Image(ctx context.Context, dir string, b Board, again bool, tell func(string)) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", com.Errorf(com.ErrNotFound, "no place for images: %v", err)
	}
	image := filepath.Join(cache, "mmlite", "images", b.Name+".elf")
	info, missing := os.Stat(image)
	source, err := Source(dir)
	if err != nil && (missing != nil || again) {
		return "", err
	}
	if missing == nil && !again && (err != nil || !changed(source, info.ModTime())) {
		return image, nil
	}
	if err := os.MkdirAll(filepath.Dir(image), 0o755); err != nil {
		return "", err
	}
	tell("building the image of " + b.Name)
	return image, Build(ctx, source, b, image)
}

// changed reports whether a file that images are built of is younger than t.
func changed(source string, t time.Time) bool {
	younger := false
	_ = filepath.WalkDir(source, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil
		case d.IsDir():
			if n := d.Name(); path != source && (n == "testdata" || n == "tools" || n[0] == '.') {
				return fs.SkipDir
			}
			return nil
		case strings.HasSuffix(path, "_test.go"):
			return nil
		}
		if info, err := d.Info(); err == nil && info.ModTime().After(t) {
			younger = true
			return fs.SkipAll
		}
		return nil
	})
	return younger
}
