package monitor

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/mmlite/mmlite/boards/hosted"
	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/hostdriver"
)

// This test program is also the card, in a process of its own.
func TestMain(m *testing.M) {
	if len(os.Args) > 3 && os.Args[1] == "run" && os.Args[2] == hostdriver.ChildArg {
		err := hosted.Run(context.Background(), hosted.Config{
			Name: "test", Child: os.Args[3], Memory: 64 << 20,
			Device: func() (sound.Device, error) { return sound.Open("null", sound.Config{}) },
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// patience is for what a test waits for, which should come soon.
const patience = 30 * time.Second

// rig is a monitor that serves a card of its own.
type rig struct {
	*testing.T
	*Monitor
	ctx  context.Context
	mu   sync.Mutex
	card *hostdriver.Card // the last one opened
}

func start(t *testing.T, options ...hostdriver.Option) *rig {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{T: t}
	var cancel context.CancelFunc
	r.ctx, cancel = context.WithTimeout(context.Background(), 2*patience)
	r.Monitor, err = New(r.ctx, Config{Listen: "127.0.0.1:0", Logf: t.Logf, Open: func(ctx context.Context) (*hostdriver.Card, error) {
		card, err := hostdriver.Open(ctx, "hosted:", append(options, hostdriver.Command(self), hostdriver.Client(ClientName))...)
		r.mu.Lock()
		r.card = card
		r.mu.Unlock()
		return card, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(r.ctx)
	ended := make(chan error)
	go func() { ended <- r.Monitor.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		cancel()
	})
	return r
}

// dial opens a socket as the page does.
func (r *rig) dial(name string) (*websocket.Conn, error) {
	origin := strings.Join(strings.SplitN(r.URL(), "/", 4)[:3], "/")
	c, _, err := websocket.Dial(r.ctx, r.URL()+name, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {origin}}})
	if err == nil {
		c.SetReadLimit(16 << 20)
		r.Cleanup(func() { c.CloseNow() })
	}
	return c, err
}

func (r *rig) open(name string) *websocket.Conn {
	r.Helper()
	c, err := r.dial(name)
	if err != nil {
		r.Fatal(err)
	}
	return c
}

func (r *rig) read(c *websocket.Conn) []byte {
	r.Helper()
	_, b, err := c.Read(r.ctx)
	if err != nil {
		r.Fatal(err)
	}
	return b
}

func (r *rig) write(c *websocket.Conn, b ...byte) {
	r.Helper()
	if err := c.Write(r.ctx, websocket.MessageBinary, b); err != nil {
		r.Fatal(err)
	}
}

func TestPageIsServed(t *testing.T) {
	r := start(t)
	for _, name := range []string{"", "main.js", "style.css", "icon.svg"} {
		resp, err := http.Get(r.URL() + name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != 200 || len(b) == 0 {
			t.Errorf("%q: %s, %d bytes, %v", name, resp.Status, len(b), err)
		}
		if text := string(b); strings.Contains(text, "https://") || strings.Contains(strings.ReplaceAll(text, "http://www.w3.org/2000/svg", ""), "http://") {
			t.Errorf("%q names something elsewhere", name)
		}
	}
	resp, err := http.Get(strings.TrimSuffix(r.URL(), "/")[:len(r.URL())-3] + "/")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("with a wrong token: %s", resp.Status)
	}
}

// A page plays a note, hears it, and sees that it plays.
func TestNoteIsHeardAndShown(t *testing.T) {
	r := start(t)
	control := r.open("control")
	var first struct{ Hello *hello }
	if err := json.Unmarshal(r.read(control), &first); err != nil || first.Hello == nil || first.Hello.Card.Name != "test" {
		t.Fatalf("%+v, %v", first, err)
	}
	if h := first.Hello; h.Sound == nil || h.Sound.Rate == 0 || !h.Synth || len(h.Presets) < 128 {
		t.Fatalf("%+v", h)
	}
	heard := r.open("sound")
	r.write(control, msgMIDI, 0xC0, 19) // an organ sounds as long as the key is down
	r.write(control, msgMIDI, 0x90, 60, 100)
	for loud := false; !loud; {
		b := r.read(heard)
		if len(b) < soundHead+8*soundBlock || (len(b)-soundHead)%8 != 0 {
			t.Fatalf("a message of %d bytes", len(b))
		}
		for s := b[soundHead:]; len(s) > 0; s = s[4:] {
			loud = loud || math.Float32frombits(binary.LittleEndian.Uint32(s)) > 0.01
		}
		r.write(heard, b[:4]...)
	}
	for n, playing := uint32(1), false; !playing; n++ {
		var m struct {
			Status struct {
				Synth *struct {
					Ports    []struct{ Name string }
					Channels []struct {
						Instrument string
						Voices     int
					}
				}
			}
		}
		if err := json.Unmarshal(r.read(control), &m); err != nil {
			t.Fatal(err)
		}
		if s := m.Status.Synth; s != nil && len(s.Ports) == 1 && s.Ports[0].Name == ClientName {
			for _, c := range s.Channels {
				playing = playing || c.Voices > 0 && strings.Contains(c.Instrument, "Organ")
			}
		}
		r.write(control, binary.LittleEndian.AppendUint32([]byte{msgTaken}, n)...)
	}
}

// Who stops reading gets no more than so much, and loses sound; another page hears
// all of it meanwhile. When it goes on, so does the sound.
func TestPageThatStopsReading(t *testing.T) {
	r := start(t)
	control, slow, quick := r.open("control"), r.open("sound"), r.open("sound")
	r.read(control)
	r.write(control, msgMIDI, 0x90, 60, 100)
	// The messages that are on the way at most, and half as many more, one after the
	// other. A computer that has something else to do for half a second begins anew.
	for n, lost := 0, uint32(0); n < soundAhead*3/2; n++ {
		b := r.read(quick)
		if now := binary.LittleEndian.Uint32(b[12:]); now != lost {
			t.Logf("the page that reads has lost %d frames", now)
			n, lost = 0, now
		}
		r.write(quick, b[:4]...)
	}
	var last []byte
	for range soundAhead {
		last = r.read(slow)
	}
	if n := binary.LittleEndian.Uint32(last); n != soundAhead {
		t.Fatalf("message %d", n)
	}
	r.write(slow, last[:4]...)
	b := r.read(slow)
	if n, lost := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[12:]); n != soundAhead+1 || lost == 0 {
		t.Errorf("message %d, %d frames lost", n, lost)
	}
}

func TestBadPages(t *testing.T) {
	r := start(t)
	for name, b := range map[string][]byte{"control": {9, 9}, "sound": {1, 2, 3, 4}} {
		c := r.open(name)
		r.write(c, b...)
		for {
			if _, _, err := c.Read(r.ctx); err != nil {
				if websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
					t.Errorf("%s: %v", name, err)
				}
				break
			}
		}
	}
	long := r.open("control")
	r.write(long, make([]byte, 2*maxMessage)...)
	for {
		if _, _, err := long.Read(r.ctx); err != nil {
			break
		}
	}
	// There are so many of a kind, and a place is free again when one has closed.
	for n := 0; n < maxSockets; { // the places of those above are free soon
		_, err := r.dial("control")
		if err == nil {
			n++
		} else if r.ctx.Err() != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.dial("control"); err == nil || !strings.Contains(err.Error(), "429") {
		t.Errorf("one too many: %v", err)
	}
	if _, _, err := websocket.Dial(r.ctx, r.URL()+"sound", nil); err == nil {
		t.Error("a program without an origin got in")
	}
}

// When the card goes its pages are told, and served again when there is one.
func TestCardThatGoes(t *testing.T) {
	r := start(t)
	c := r.open("control")
	r.read(c)
	r.mu.Lock()
	gone := r.card
	r.mu.Unlock()
	gone.Close()
	for {
		_, _, err := c.Read(r.ctx)
		if err == nil {
			continue
		}
		if websocket.CloseStatus(err) != closeGone {
			t.Errorf("the page is told %v", err)
		}
		break
	}
	for {
		c, err := r.dial("control")
		if err == nil {
			if b := r.read(c); !strings.Contains(string(b), `"hello"`) {
				t.Errorf("%s", b)
			}
			return
		}
		if r.ctx.Err() != nil {
			t.Fatal(err)
		}
	}
}
