package hosted

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/hostdriver"
)

// What a program has drawn is in the card's files when the card has ended, though the
// program was gone before.
func TestPictureFiles(t *testing.T) {
	name, dir, ctx := named(t), t.TempDir(), context.Background()
	shot, video := filepath.Join(dir, "x.png"), filepath.Join(dir, "x.y4m")
	cmd := start(t, "ready", "run", "--name", name, "--screen", shot, "--video", video)
	card, err := hostdriver.Open(ctx, "hosted:"+name)
	if err != nil {
		t.Fatal(err)
	}
	g, err := hostdriver.Bind(ctx, card, "/graphics", graphics.GraphicsType)
	if err != nil {
		t.Fatal(err)
	}
	d, err := g.Open(ctx, graphics.DeviceOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.CreateSurface(ctx, graphics.SurfaceOptions{Caps: graphics.CapPrimary, BackBuffers: 1})
	if err != nil {
		t.Fatal(err)
	}
	back, err := p.Attached(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []graphics.Surface{p, back} { // whichever is seen last
		i, err := s.Info(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Blit(graphics.Blit{Dst: i.Number, Flags: graphics.BlitFill | graphics.BlitWhole, Color: 0x00ff80}); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 { // each returns once the one before it has been seen
		if err := p.Flip(ctx, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	f, err := os.ReadFile(shot)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b, _ := img.At(320, 240).RGBA(); r != 0 || g != 0xffff || b != 0x8080 {
		t.Errorf("the picture shows %x %x %x", r, g, b)
	}
	v, err := os.ReadFile(video)
	if err != nil {
		t.Fatal(err)
	}
	head, frames, _ := bytes.Cut(v, []byte("\n"))
	const frame = 6 + 3*640*480
	if !bytes.HasPrefix(head, []byte("YUV4MPEG2 W640 H480 F60000:1000 ")) || len(frames) < 2*frame || len(frames)%frame != 0 {
		t.Errorf("%q and %d bytes of frames", head, len(frames))
	}
}
