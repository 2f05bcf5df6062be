package compare

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// mesa is a running gl/glscene.c.
type mesa struct {
	in    io.WriteCloser
	out   *bufio.Reader
	cmd   *exec.Cmd
	noise bytes.Buffer
}

// startMesa builds the program and runs it. It skips the test where there is no
// C compiler or no OSMesa.
func startMesa(t *testing.T) *mesa {
	t.Helper()
	cc := os.Getenv("CC")
	if cc == "" {
		cc = "cc"
	}
	if _, err := exec.LookPath(cc); err != nil {
		t.Skipf("comparison with Mesa: no C compiler: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	dir := t.TempDir()
	if !builds(ctx, cc, dir, "#include <GL/osmesa.h>\nint main(void) { return OSMesaGetCurrentContext() != 0; }\n") {
		t.Skip("comparison with Mesa: OSMesa is not installed (Debian: libosmesa6-dev)")
	}
	program := filepath.Join(dir, "glscene")
	if out, err := exec.CommandContext(ctx, cc, "-O1", "-Wall", "-Wextra", "-Werror", "gl/glscene.c", "-o", program, "-lOSMesa", "-lm").CombinedOutput(); err != nil {
		t.Fatalf("gl/glscene.c does not build: %v\n%s", err, out)
	}
	m := &mesa{cmd: exec.CommandContext(ctx, program)}
	m.cmd.Stderr = &m.noise
	in, err := m.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := m.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	m.in, m.out = in, bufio.NewReaderSize(out, 1<<20)
	t.Cleanup(func() {
		in.Close()
		if err := m.cmd.Wait(); err != nil {
			t.Errorf("glscene: %v: %s", err, m.noise.Bytes())
		}
		t.Logf("%s", bytes.TrimSpace(m.noise.Bytes()))
	})
	return m
}

// builds says whether a program compiles and links with OSMesa.
func builds(ctx context.Context, cc, dir, program string) bool {
	name := filepath.Join(dir, "probe.c")
	if os.WriteFile(name, []byte(program), 0o600) != nil {
		return false
	}
	return exec.CommandContext(ctx, cc, name, "-o", filepath.Join(dir, "probe"), "-lOSMesa", "-lm").Run() == nil
}

// picture is what a scene looks like, row by row: colour as ARGB8888.
type picture struct {
	width, height int
	color         []uint32
	depth         []float32
	stencil       []uint8
}

func newPicture(width, height int) *picture {
	n := width * height
	return &picture{width, height, make([]uint32, n), make([]float32, n), make([]uint8, n)}
}

// draw sends a scene's commands and reads its picture.
func (m *mesa) draw(width, height int, commands []byte) (*picture, error) {
	if _, err := m.in.Write(commands); err != nil {
		return nil, fmt.Errorf("glscene takes no commands: %w", err)
	}
	p := newPicture(width, height)
	b := make([]byte, 9*len(p.color))
	if _, err := io.ReadFull(m.out, b); err != nil {
		return nil, fmt.Errorf("glscene gives no picture: %w", err)
	}
	n := len(p.color)
	for i := range n {
		p.color[i] = binary.LittleEndian.Uint32(b[4*i:])
		p.depth[i] = math.Float32frombits(binary.NativeEndian.Uint32(b[4*n+4*i:]))
	}
	copy(p.stencil, b[8*n:])
	return p, nil
}
