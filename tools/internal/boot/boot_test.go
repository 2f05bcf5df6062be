package boot

import (
	"bytes"
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// emulated skips a test that boots machines unless it is asked for: it takes long,
// and other tests beside it would make the machines late.
func emulated(t *testing.T) {
	t.Helper()
	if os.Getenv("MMLITE_BOARDS") == "" {
		t.Skip("emulated boards are booted where MMLITE_BOARDS is set, as .ci/run does")
	}
}

// cardImage returns the card's image, or skips.
func cardImage(t *testing.T, b Board) string {
	t.Helper()
	if _, err := Program(b); err != nil {
		t.Skip(err)
	}
	source, err := Source(".")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(source, b.Package)); err != nil {
		t.Skip(err)
	}
	if _, err := Toolchain(source); err != nil {
		t.Skip(err)
	}
	lookAtAll(t, source)
	out := filepath.Join(t.TempDir(), b.Name)
	if err := Build(context.Background(), source, b, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// watcher is a console; it tells when a word has come.
type watcher struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *watcher) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(b)
}

func (w *watcher) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// start boots a card and waits until it answers.
func start(t *testing.T, cfg Config) *Machine {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", shortDir(t))
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	m, err := Start(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		card, err := hostdriver.Open(ctx, m.URL, hostdriver.Client("test"))
		if err == nil {
			card.Close()
			return m
		}
		select {
		case <-tick.C:
		case <-m.Done():
			t.Fatal(m.Err())
		case <-ctx.Done():
			t.Fatalf("the card does not answer: %v\n%s", err, m.Tail())
		}
	}
}

// shortDir is a folder with a name that leaves room for that of a socket.
func shortDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "mm")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// TestBoot boots each board that QEMU can connect to this computer, and calls it.
func TestBoot(t *testing.T) {
	for _, b := range Boards() {
		if b.Link == NoLink {
			continue
		}
		t.Run(b.Name, func(t *testing.T) {
			emulated(t)
			began := time.Now()
			m := start(t, Config{
				Board: b, Image: cardImage(t, b), Name: "test", Window: 64 << 20,
				Config: map[string]string{"name": "test", "args": "rate=44100"},
			})
			t.Logf("answers after %v, with the build", time.Since(began))
			card, err := hostdriver.Open(context.Background(), m.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer card.Close()
			if info := card.Info(); info.Board != b.Name {
				t.Errorf("the card says that it is %+v", info)
			}
			echo, err := hostdriver.Bind(context.Background(), card, "/echo", system.EchoType)
			if err != nil {
				t.Fatal(err)
			}
			defer echo.Release()
			for i := range int32(100) {
				if sum, err := echo.Add(i, 1); err != nil || sum != i+1 {
					t.Fatal(sum, err)
				}
			}
			screen := filepath.Join(t.TempDir(), "screen.png")
			if err := m.Screen(context.Background(), screen); err != nil {
				t.Fatal(err)
			}
			if b, err := os.ReadFile(screen); err != nil || !bytes.HasPrefix(b, []byte("\x89PNG")) {
				t.Errorf("no picture of the screen: %v", err)
			}
		})
	}
}

// song is a MIDI file of four notes, half a second each.
func song() []byte {
	track := []byte{0x00, 0xC0, 0x00}
	for _, key := range []byte{60, 64, 67, 72} {
		track = append(track, 0x00, 0x90, key, 0x70, 0x60, 0x80, key, 0x40)
	}
	track = append(track, 0x00, 0xFF, 0x2F, 0x00)
	file := []byte("MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60MTrk")
	file = binary.BigEndian.AppendUint32(file, uint32(len(track)))
	return append(file, track...)
}

// loudness returns how many frames of sound there are in a WAV file of QEMU's, up to
// the last that is not silent, and how loud the loudest is.
func loudness(path string) (frames, peak int, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, err
	}
	const header = 44
	if len(b) < header || string(b[:4]) != "RIFF" {
		return 0, 0, com.Errorf(com.ErrInvalid, "%d bytes that are no WAV file", len(b))
	}
	for i := 0; i+4 <= len(b)-header; i += 4 {
		v := int(int16(binary.LittleEndian.Uint16(b[header+i:])))
		if v != 0 {
			frames = i/4 + 1
		}
		peak = max(peak, v, -v)
	}
	return frames, peak, nil
}

// number is the figure that follows a word of a card's console.
func number(t *testing.T, text, word string) int {
	t.Helper()
	f := strings.Fields(text)
	for i, w := range f {
		if w == word && i+1 < len(f) {
			if n, err := strconv.Atoi(f[i+1]); err == nil {
				return n
			}
		}
	}
	t.Fatalf("no %s in %q", word, text)
	return 0
}

// echoes has the card answer the next program, soon.
func echoes(t *testing.T, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var card *hostdriver.Card
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		var err error
		if card, err = hostdriver.Open(ctx, url, hostdriver.Client("next")); err == nil {
			break
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("nobody is let in: %v", err)
		}
	}
	defer card.Close()
	echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Release()
	buf := make([]byte, 5000)
	for i := range int32(10) {
		if sum, err := echo.Add(i, 1); err != nil || sum != i+1 {
			t.Fatal(sum, err)
		}
		if n, err := echo.Fill(uint8(i), buf); err != nil || int(n) != len(buf) {
			t.Fatal(n, err)
		}
	}
}
