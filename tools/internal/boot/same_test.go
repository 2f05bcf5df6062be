package boot

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/mmlite/mmlite/boards/screen"
	"github.com/mmlite/mmlite/graphics/blit"
)

// command builds mmlite.
func command(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "mmlite")
	if said, err := exec.Command("go", "build", "-o", program, module+"/tools/mmlite").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return program
}

// played is what mmlite play --json says.
type played struct {
	Underruns      uint64 `json:"underruns"`
	DeadlineMisses uint64 `json:"deadline_misses"`
	LateEvents     uint64 `json:"late_events"`
}

func play(t *testing.T, program string, args ...string) (p played) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, args...).Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return p
}

// samples reads a WAV file from its first frame that is not silent.
func samples(t *testing.T, path string) []uint32 {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || len(b) < 44 {
		t.Fatal(len(b), err)
	}
	b = b[44:]
	for len(b) >= 4 && binary.LittleEndian.Uint32(b) == 0 {
		b = b[4:]
	}
	f := make([]uint32, len(b)/4)
	for i := range f {
		f[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return f
}

// TestPlaysWhatAHostedCardDoes plays a song over the link on a PC without a system,
// and holds what its sound device was given to what a hosted card renders: all of it
// where the emulator kept time, else what came before it first did not.
func TestPlaysWhatAHostedCardDoes(t *testing.T) {
	emulated(t)
	board, err := Find("qemupc")
	if err != nil {
		t.Fatal(err)
	}
	elf := cardImage(t, board)
	dir := t.TempDir()
	program := command(t)
	name, want, got := filepath.Join(dir, "song.mid"), filepath.Join(dir, "want.wav"), filepath.Join(dir, "got.wav")
	if err := os.WriteFile(name, song(), 0o600); err != nil {
		t.Fatal(err)
	}
	play(t, program, "play", "--json", "--effects", "off", "--out", want, name)
	reference := samples(t, want)
	end := len(reference) // silence at the end need not be in the other
	for end > 0 && reference[end-1] == 0 {
		end--
	}
	kept, same := false, 0
	var heard []uint32
	const attempts = 4 // on a computer that does not keep the emulator waiting each time
	for n := 0; n < attempts && !kept && same < end; n++ {
		card := start(t, Config{
			Board: board, Image: elf, Name: "same", Window: 64 << 20, WAV: got, Rate: 44100,
			Config: map[string]string{"name": "same", "args": "rate=44100 queue=30"}, // a third of a second
		})
		p := play(t, program, "--card", card.URL, "play", "--json", "--effects", "off", name)
		if err := card.Close(); err != nil {
			t.Fatal(err)
		}
		heard = samples(t, got)
		now := 0
		for now < min(len(reference), len(heard)) && reference[now] == heard[now] {
			now++
		}
		t.Logf("the first %d of %d frames are the same; %+v", now, len(reference), p)
		kept = p.Underruns == 0 && p.DeadlineMisses == 0 && p.LateEvents == 0
		if same = max(same, now); kept {
			same = now
		}
	}
	switch {
	case end < 44100:
		t.Errorf("the song has %d frames", end)
	case kept && same < end:
		t.Errorf("frame %d is %08x, want %08x, though nothing came too late", same, heard[same], reference[same])
	case same < 44100/4:
		t.Errorf("only the first %d frames are the same", same)
	}
}

// TestShowsWhatIsDrawn holds the screen of a PC without a system to what the same
// code draws here, where it does not tell the time.
func TestShowsWhatIsDrawn(t *testing.T) {
	emulated(t)
	board, err := Find("qemupc")
	if err != nil {
		t.Fatal(err)
	}
	card := start(t, Config{
		Board: board, Image: cardImage(t, board), Name: "drawn", Window: 64 << 20,
		Config: map[string]string{"name": "drawn", "args": "rate=44100"},
	})
	const width, height, head = 800, 600, 120 // rows of the head: logo and rule
	here := &blit.Surface{Pix: make([]byte, 4*width*height), Pitch: 4 * width, Width: width, Height: height, Format: blit.XRGB8888}
	s, err := screen.New(here)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Show(screen.State{Title: "card drawn"}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "screen.png")
	deadline := time.Now().Add(20 * time.Second)
	for {
		if err := card.Screen(context.Background(), file); err != nil {
			t.Fatal(err)
		}
		bad := differences(t, file, here, head)
		if bad == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d pixels of the head differ", bad)
		}
	}
}

// differences counts the pixels of the first rows that differ.
func differences(t *testing.T, file string, want *blit.Surface, rows int) (bad int) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if img.Bounds() != image.Rect(0, 0, want.Width, want.Height) {
		return want.Width * rows // not yet in its mode
	}
	drawn := 0
	for y := range rows {
		for x := range want.Width {
			p := want.Pix[y*want.Pitch+4*x:]
			r, g, b, _ := img.At(x, y).RGBA()
			if byte(b>>8) != p[0] || byte(g>>8) != p[1] || byte(r>>8) != p[2] {
				bad++
			}
			if p[0] > 128 {
				drawn++
			}
		}
	}
	if drawn < 1000 {
		t.Fatalf("the head has %d bright pixels: nothing is compared", drawn)
	}
	return bad
}
