package hosted

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// This test program is also the card and a second client, each in a process of
// its own: the first argument says which.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "run" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		fail(runCard(ctx, os.Args[2:]))
	}
	if len(os.Args) > 2 && os.Args[1] == "client" {
		fail(runClient(os.Args[2]))
	}
	os.Exit(m.Run())
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, os.Args[1:], err)
		os.Exit(1)
	}
	os.Exit(0)
}

// runCard runs a card with the device and name or child of args.
func runCard(ctx context.Context, args []string) error {
	cfg := Config{Name: "card", Memory: 64 << 20}
	device := "null"
	for i := 0; i+1 < len(args); i += 2 {
		switch args[i] {
		case hostdriver.ChildArg:
			cfg.Child = args[i+1]
		case "--name":
			cfg.Name = args[i+1]
		case "--device":
			device = args[i+1]
		case "--window":
			cfg.Window, cfg.WindowSize = args[i+1], 64<<20
		case "--hog":
			cfg.Ready = addHog
		case "--screen":
			cfg.Picture.PNG = args[i+1]
		case "--video":
			cfg.Picture.Video = args[i+1]
		case "--usbip":
			cfg.USBIP = args[i+1]
		case "--policy":
			cfg.Policies.Spare = args[i+1]
		}
	}
	cfg.Device = func() (sound.Device, error) { return sound.Open(device, sound.Config{}) }
	ready := cfg.Ready
	cfg.Ready = func(c *firmware.Card) {
		if ready != nil {
			ready(c)
		}
		fmt.Println("ready")
	}
	return Run(ctx, cfg)
}

// runClient plays for ever on the named card, or on its own, and says so. The
// port's queue paces it.
func runClient(name string) error {
	ctx := context.Background()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	url := name
	if !strings.Contains(name, ":") {
		url = "hosted:" + name
	}
	card, err := hostdriver.Open(ctx, url, hostdriver.Client("second"), hostdriver.Command(self))
	if err != nil {
		return err
	}
	port, err := openPort(ctx, card)
	if err != nil {
		return err
	}
	if err := port.Start(ctx); err != nil {
		return err
	}
	for frame := uint64(0); ; frame += 22050 {
		var events []audio.Event
		for key := range uint32(40) {
			events = append(events, audio.Event{Frame: frame, Message: 0x90 | (40+key)<<8 | 100<<16})
		}
		if err := port.Queue(ctx, events, frame+1); err != nil {
			return err
		}
		if frame == 0 {
			fmt.Println("playing")
		}
	}
}

func openPort(ctx context.Context, card *hostdriver.Card) (audio.Port, error) {
	s, err := hostdriver.Bind(ctx, card, "/synth", audio.SynthType)
	if err != nil {
		return nil, err
	}
	defer s.Release()
	return s.Open(ctx, audio.PortOptions{})
}

// start runs this test program in another role and waits for it to say word.
func start(t *testing.T, word string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != word {
		t.Fatalf("%v said %q, %v", args, line, err)
	}
	go io.Copy(io.Discard, out)
	return cmd
}

func named(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("ends processes by signals that this system has not")
	}
	dir, err := os.MkdirTemp("", "mm") // short: a socket's path has to fit
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	return "test"
}

// song plays for about a second: scales on all channels but the drums, and bends.
func song() (events []audio.Event, end uint64) {
	for i := range uint64(60) {
		ch := uint32(i % 9)
		key := uint32(48 + i*7%36)
		frame := i * 700
		events = append(events,
			audio.Event{Frame: frame, Message: 0xC0 | ch | uint32(i%128)<<8},
			audio.Event{Frame: frame + 1, Message: 0x90 | ch | key<<8 | 90<<16},
			audio.Event{Frame: frame + 300, Message: 0xE0 | ch | uint32(i)<<16},
			audio.Event{Frame: frame + 690, Message: 0x80 | ch | key<<8})
		if end = frame + 690; i == 59 {
			events = append(events, audio.Event{Frame: end, Message: 0xB0 | 7<<8})
		}
	}
	return events, end + 4410
}

// render plays the song on a port of its own and returns what the port rendered.
// During it, meanwhile is called once.
func render(t *testing.T, card *hostdriver.Card, meanwhile func()) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	port, err := openPort(ctx, card)
	if err != nil {
		t.Fatal(err)
	}
	defer port.Release()
	events, end := song()
	if err := port.Queue(ctx, events, end); err != nil {
		t.Fatal(err)
	}
	capture, err := port.Capture(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer capture.Release()
	if err := port.Start(ctx); err != nil {
		t.Fatal(err)
	}
	var sound []byte
	buf := make([]byte, 1<<20)
	for uint64(len(sound)) < end*8 {
		n, frame, err := capture.Read(ctx, buf)
		if err != nil || n == 0 {
			t.Fatal("capture ended", n, err)
		}
		if frame != uint64(len(sound)/8) {
			t.Fatalf("capture lost frames: at %d, want %d", frame, len(sound)/8)
		}
		sound = append(sound, buf[:n]...)
		if meanwhile != nil && uint64(len(sound)) > end*4 {
			meanwhile()
			meanwhile = nil
		}
	}
	return trim(sound, end)
}

// trim returns what the port played, from its first sample that is not silent.
func trim(sound []byte, end uint64) []byte {
	first := 0
	for first+8 <= len(sound) && bytes.Equal(sound[first:first+8], make([]byte, 8)) {
		first += 8
	}
	last := min(len(sound), first+int(end-5000)*8)
	return sound[first:last]
}

func TestPortIsAloneBesideAClientThatIsKilled(t *testing.T) {
	name := named(t)
	start(t, "ready", "run", "--name", name, "--device", "null")
	card, err := hostdriver.Open(context.Background(), "hosted:"+name)
	if err != nil {
		t.Fatal(err)
	}
	defer card.Close()
	alone := render(t, card, nil)
	if len(alone) < 200000 {
		t.Fatalf("the song made %d bytes of sound", len(alone))
	}
	second := start(t, "playing", "client", name)
	beside := render(t, card, func() {
		if ports(t, card) != 2 {
			t.Error("the second client has no port")
		}
		if err := second.Process.Kill(); err != nil {
			t.Error(err)
		}
	})
	if !bytes.Equal(alone, beside) {
		n := 0
		for n < len(alone) && n < len(beside) && alone[n] == beside[n] {
			n++
		}
		t.Fatalf("%d and %d bytes, the first difference at frame %d", len(alone), len(beside), n/8)
	}
	// The dead client's port goes; the card and this client go on.
	deadline := time.Now().Add(time.Minute)
	for ports(t, card) != 0 {
		if time.Now().After(deadline) {
			t.Fatal("the killed client's port is still there")
		}
		runtime.Gosched()
	}
}

// ports returns how many ports the card has.
func ports(t *testing.T, card *hostdriver.Card) int {
	t.Helper()
	var v struct {
		Ports []json.RawMessage `json:"ports"`
	}
	read(t, card, "/status/synth", &v)
	return len(v.Ports)
}

func read(t *testing.T, card *hostdriver.Card, path string, v any) {
	t.Helper()
	ctx := context.Background()
	s, err := hostdriver.Bind(ctx, card, path, system.StatusType)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	b, err := s.JSON(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%s: %v\n%s", path, err, b)
	}
	text, err := s.Text(ctx)
	if err != nil || text == "" {
		t.Fatalf("%s as text: %q, %v", path, text, err)
	}
}

// own opens a card of this program's own.
func own(t *testing.T, args ...string) *hostdriver.Card {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	card, err := hostdriver.Open(context.Background(), "hosted:", hostdriver.Command(self), hostdriver.CardArgs(args...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { card.Close() })
	return card
}

// TestCallsBesideOneThatWaits asks for the state of a port while a call to it
// waits for the music to end.
func TestCallsBesideOneThatWaits(t *testing.T) {
	card := own(t, "--device", "null")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	port, err := openPort(ctx, card)
	if err != nil {
		t.Fatal(err)
	}
	defer port.Release()
	events, end := song()
	if err := port.Queue(ctx, events, end); err != nil {
		t.Fatal(err)
	}
	drained := make(chan error, 1)
	go func() { drained <- port.Drain(ctx) }()
	// A port that has not started has all before it.
	for asked := range 1000 {
		select {
		case err := <-drained:
			t.Fatalf("drained: %v, asked %d times meanwhile", err, asked)
		default:
		}
		if _, err := port.Info(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := port.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-drained; err != nil {
		t.Fatal(err)
	}
	if i, err := port.Info(ctx); err != nil || i.Queued != 0 {
		t.Errorf("afterwards: %+v, %v", i, err)
	}
}

func TestRenderToAFileIsTheSameEveryTime(t *testing.T) {
	dir := t.TempDir()
	var files [2][]byte
	for i := range files {
		path := filepath.Join(dir, fmt.Sprint(i, ".wav"))
		card := own(t, "--device", "wav:"+path)
		ctx := context.Background()
		port, err := openPort(ctx, card)
		if err != nil {
			t.Fatal(err)
		}
		events, end := song()
		if err := port.Queue(ctx, events, end); err != nil {
			t.Fatal(err)
		}
		if err := port.Start(ctx); err != nil {
			t.Fatal(err)
		}
		if err := port.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		port.Release()
		if err := card.Close(); err != nil {
			t.Fatal(err)
		}
		if files[i], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	if len(files[0]) < 100000 || !bytes.Equal(files[0], files[1]) {
		t.Fatalf("files of %d and %d bytes differ", len(files[0]), len(files[1]))
	}
}

// TestOwnCardEndsWithItsHost kills a program that has a card of its own.
func TestOwnCardEndsWithItsHost(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("finds the card process through /proc")
	}
	owner := start(t, "playing", "client", "")
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", owner.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	var cards []string
	for _, list := range lists {
		if pids, err := os.ReadFile(list); err == nil {
			cards = append(cards, strings.Fields(string(pids))...)
		}
	}
	if len(cards) != 1 {
		t.Fatalf("the program has the processes %v", cards)
	}
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; runtime.Gosched() {
		stat, err := os.ReadFile("/proc/" + cards[0] + "/stat")
		if err != nil || bytes.Contains(stat, []byte(") Z ")) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the card lives on without its host")
		}
	}
}

func TestPacketsThroughTheSocket(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	card, err := hostdriver.Open(ctx, "hosted:", hostdriver.Command(self), hostdriver.CardArgs("--device", "null"), hostdriver.NoSharedMemory())
	if err != nil {
		t.Fatal(err)
	}
	defer card.Close()
	if !strings.Contains(card.Info().Link, "socket") {
		t.Fatalf("the link is %q", card.Info().Link)
	}
	echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Release()
	buf := make([]byte, 300000)
	if n, err := echo.Fill(3, buf); err != nil || n != 300000 {
		t.Fatal(n, err)
	}
	for i, b := range buf {
		if b != byte(3+i%251) {
			t.Fatalf("byte %d is %d", i, b)
		}
	}
	var sum uint64
	for i := range uint64(20000) {
		if err := echo.Post(i); err != nil {
			t.Fatal(err)
		}
		sum += i
		if i%100 == 0 {
			if err := echo.PostBytes(3, buf[:i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if calls, got, _, wrong, err := echo.Totals(); err != nil || got != sum || wrong != 0 || calls != 20200 {
		t.Fatal(calls, got, wrong, err)
	}
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestStatusOfAPlayingCard(t *testing.T) {
	card := own(t, "--device", "null")
	ctx := context.Background()
	port, err := openPort(ctx, card)
	if err != nil {
		t.Fatal(err)
	}
	defer port.Release()
	if err := port.Start(ctx); err != nil {
		t.Fatal(err)
	}
	var page [system.PageValues]uint64
	for deadline := time.Now().Add(time.Minute); page[system.PagePlayed] == 0 || page[system.PageInputs] != 1; {
		if card.Status(page[:]); time.Now().After(deadline) {
			t.Fatalf("the status page says %v", page)
		}
		runtime.Gosched()
	}
	var threads []firmware.ThreadStatus
	read(t, card, "/status/threads", &threads)
	found := map[string]bool{}
	for _, th := range threads {
		found[th.Activity] = true
	}
	for _, want := range []string{"audio", "mixer", "synth"} {
		if !found[want] {
			t.Errorf("no thread runs on behalf of %s: %+v", want, threads)
		}
	}
	var heap firmware.HeapStatus
	read(t, card, "/status/heap", &heap)
	if heap.Bytes != 64<<20 || heap.Faults != 0 || len(heap.Owners) < 2 {
		t.Errorf("%+v", heap)
	}
	root, err := com.Query(card.System(), system.NamespaceType)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Release()
	list, err := root.List(ctx, "/")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name)
	}
	if got := strings.Join(names, " "); got != "audio echo graphics input screen status synth system" {
		t.Errorf("the card shows %s", got)
	}
}

func TestWhatIsNotThere(t *testing.T) {
	named(t)
	ctx := context.Background()
	if _, err := hostdriver.Open(ctx, "hosted:nobody"); !errors.Is(err, com.ErrNotFound) || !strings.Contains(err.Error(), "mmlite run --name nobody") {
		t.Errorf("absent card: %v", err)
	}
	if _, err := hostdriver.Open(ctx, "hosted:../x"); !errors.Is(err, com.ErrInvalid) {
		t.Errorf("odd name: %v", err)
	}
	if _, err := hostdriver.Open(ctx, "hosted:", hostdriver.Command(filepath.Join(t.TempDir(), "mmlite"))); !errors.Is(err, com.ErrNotFound) {
		t.Errorf("no command: %v", err)
	}
	card := own(t, "--device", "null")
	if _, err := card.Bind(ctx, "/synt"); !errors.Is(err, com.ErrNotFound) {
		t.Errorf("no such object: %v", err)
	}
	if err := hostdriver.NewExports().AddFile("bank", "/nonexistent.sf2"); !errors.Is(err, com.ErrNotFound) {
		t.Errorf("missing bank: %v", err)
	}
	e := hostdriver.NewExports()
	defer e.Close()
	if err := e.AddFile("bank", os.Args[0]); err != nil {
		t.Fatal(err)
	}
	if err := card.Export(ctx, e); err != nil {
		t.Fatal(err)
	}
	s, err := hostdriver.Bind(ctx, card, "/synth", audio.SynthType)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	f, err := hostdriver.Bind(ctx, card, "/host/bank", system.FileType)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Release()
	if _, err := s.Load(ctx, f, "program"); err == nil {
		t.Error("a program was loaded as a bank")
	}
	if _, err := s.BuiltIn(ctx); err != nil {
		t.Errorf("after a bad bank: %v", err)
	}
}
