package boot

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
)

// What the TamaGo toolchain has beyond the stock one, as far as boards use it: the
// hooks of package runtime/goos and some functions of package runtime. The bodies
// do nothing, since nothing is linked.
const (
	goosStub = `package goos

import "unsafe"

var (
	RamStart, RamSize, RamStackOffset uint

	Bloc   uintptr
	Exit   func(code int32)
	Idle   func(until int64)
	ProcID func() uint64
	Task   func(sp, mp, gp, fn unsafe.Pointer)
)

func CPUinit()               {}
func Hwinit0()               {}
func Hwinit1()               {}
func InitRNG()               {}
func GetRandomData(b []byte) {}
func Nanotime() int64        { return 0 }
func Printk(c byte)          {}
`
	runtimeStub = `package runtime

func GetG() (gp, pp uint)            { return 0, 0 }
func Wake(gp uint) bool              { return false }
func WakeG()                         {}
func Asleep(gp uint) bool            { return false }
func CPU() string                    { return "" }
func CallOnG0()                      {}
func GetRandomData(r []byte)         {}
func MemRegion() (start, end WORD)   { return 0, 0 }
func TextRegion() (start, end WORD)  { return 0, 0 }
func DataRegion() (start, end WORD)  { return 0, 0 }
`
)

// CheckTypes compiles packages of bare-metal boards for an architecture with the
// stock toolchain, which finds what TamaGo's would, but for linking. dir is for
// files of its own; with the same dir the go command remembers what it has compiled.
// What the compiler has to say is in the error.
func CheckTypes(ctx context.Context, source, dir, goarch string, packages ...string) error {
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return com.Errorf(com.ErrNotFound, "the go command: %v", err)
	}
	word := "uint64"
	if goarch == "arm" {
		word = "uint32"
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for name, text := range map[string]string{
		"runtime/goos/goos.go":   goosStub,
		"runtime/zz_overlaid.go": strings.ReplaceAll(runtimeStub, "WORD", word),
	} {
		file := filepath.Join(dir, goarch+"_"+filepath.Base(name))
		if err := writeChanged(file, []byte(text)); err != nil {
			return err
		}
		overlay.Replace[filepath.Join(string(bytes.TrimSpace(root)), "src", filepath.FromSlash(name))] = file
	}
	b, err := json.Marshal(overlay)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, goarch+".json")
	if err := writeChanged(file, b); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"list", "-tags", "tamago", "-overlay", file, "-export", "-f", ""}, packages...)...)
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+goarch, "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if goarch == "arm" {
		cmd.Env = append(cmd.Env, "GOARM=7")
	}
	said, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return com.Errorf(com.ErrFailed, "types of boards for %s: %v\n%s", goarch, err, bytes.TrimSpace(said))
	}
	return nil
}

// writeChanged writes a file unless that is what it has.
func writeChanged(path string, b []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, b) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o644)
}
