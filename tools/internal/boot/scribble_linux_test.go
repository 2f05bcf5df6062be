package boot

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// windowOf maps the window of the card that this process started, as a host that runs
// wild has it: by nobody's leave.
func windowOf(t *testing.T) []byte {
	t.Helper()
	files, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if to, err := os.Readlink(name); err == nil && strings.Contains(to, "mmlite-window") {
			return mapped(t, name)
		}
	}
	t.Fatal("no window")
	return nil
}

func mapped(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	b, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Munmap(b) })
	return b
}

// scribbler writes over a part of a window.
type scribbler struct {
	*rand.Rand
	window []byte
	used   []int // words that are not zero
}

// look finds out where something is written.
func (s *scribbler) look(window []byte) {
	s.window, s.used = window, s.used[:0]
	for at := 0; at < len(window); at += 4 {
		if binary.LittleEndian.Uint32(window[at:]) != 0 && (len(s.used) < 10000 || s.IntN(100) == 0) {
			s.used = append(s.used, at)
		}
	}
}

// word writes over a word, most often one that is in use, with what is likely to mean
// something.
func (s *scribbler) word() {
	at := s.IntN(len(s.window)) &^ 3
	if len(s.used) > 0 && s.IntN(4) > 0 {
		at = s.used[s.IntN(len(s.used))]
	}
	word := s.window[at : at+4]
	v := binary.LittleEndian.Uint32(word)
	switch s.IntN(6) {
	case 0:
		v = s.Uint32()
	case 1:
		v = 0
	case 2:
		v = ^uint32(0)
	case 3:
		v += s.Uint32N(5) - 2
	case 4:
		v ^= 1 << s.IntN(32)
	case 5:
		v = binary.LittleEndian.Uint32(s.window[s.IntN(len(s.window)-4)&^3:])
	}
	binary.LittleEndian.PutUint32(word, v)
	if s.IntN(1000) == 0 {
		end := min(len(s.window), at+s.IntN(64<<10))
		for i := at; i < end; i++ {
			s.window[i] = byte(v)
		}
	}
}

// rounds is how often a test does what it does at random: MMLITE_ROUNDS for long runs.
func rounds(otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv("MMLITE_ROUNDS")); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// Of a window of 64 MiB: three channels behind the doors (firmware/link).
const (
	windowSize = 64 << 20
	doorsSize  = 4096
	wordsAt    = 4096 // in a channel; rings and what is sent come after
	ringsAt    = 12 << 10
	sentAt     = ringsAt + 2*1024*64
)

// TestScribbledWindow has a host write all over the window of a PC without a system,
// while programs call through it. The card answers at its console meanwhile, says that
// programs were lost, lets others in when it has ended, and has lost no memory by it.
func TestScribbledWindow(t *testing.T) {
	for _, bells := range []bool{true, false} {
		name, few := "bells", 6
		if !bells {
			name, few = "silent", 2
		}
		t.Run(name, func(t *testing.T) { scribbled(t, bells, few) })
	}
}

func scribbled(t *testing.T, bells bool, few int) {
	c, url, window := windowed(t, bells)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	s := &scribbler{Rand: rand.New(rand.NewPCG(seed, 1))}
	room := (len(window) - doorsSize) / 3
	first := window[doorsSize:]
	parts := []struct {
		name string
		part []byte
	}{
		{"everything", window}, {"doors", window[:doorsSize]}, {"header", first[:wordsAt]}, {"words", first[wordsAt:ringsAt]},
		{"rings", first[ringsAt:sentAt]}, {"what is sent", first[sentAt:room]},
	}
	state := func() (used, threads int) {
		heap := c.typed("cat /status/heap")
		return number(t, heap, "bytes") - number(t, heap, "free_bytes"), strings.Count(c.typed("cat /status/threads"), "spare")
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(c.typed("cat /status/runtime"), c.typed("cat /status/threads"), c.typed("log 40"))
		}
	})
	works(t, c, url)
	used, threads := state()
	for round := range rounds(few) {
		p := parts[round%len(parts)]
		stop := make(chan struct{})
		done := make(chan int)
		go func() { done <- callAll(url, stop) }()
		// From a word now and then to thousands a second.
		pause := time.Duration(1+s.IntN(3000)) * time.Microsecond << s.IntN(5)
		for end := time.Now().Add(time.Duration(500+s.IntN(1500)) * time.Millisecond); time.Now().Before(end); {
			s.look(p.part)
			for range 1 + s.IntN(100) {
				s.word()
				wait(s.IntN(4)*int(pause)/4, end)
			}
		}
		if text := c.typed("cat /status/board"); !strings.Contains(text, "cycles_per_second") {
			t.Fatalf("round %d, %s: the console says %q", round, p.name, text)
		}
		close(stop)
		calls := <-done
		works(t, c, url)
		u, n := state()
		if u > used+1<<20 || n > threads+5 {
			t.Errorf("round %d, %s: %d bytes of card memory are used, and %d were; %d threads, and %d were", round, p.name, u, used, n, threads)
		}
		t.Logf("round %d, %s: %d calls came to something, %d bytes, %d threads", round, p.name, calls, u, n)
	}
	if s := c.typed("cat /status/alarms"); number(t, s, "count") == 0 || !strings.Contains(s, "client victim") {
		t.Errorf("/status/alarms: %q", s)
	}
	if s := c.out.String(); !strings.Contains(s, "alarm: ") {
		t.Errorf("the console does not say that programs were lost: %q", s)
	}
}

// wait waits for so many nanoseconds, and not beyond end.
func wait(ns int, end time.Time) {
	if d := min(time.Duration(ns), time.Until(end)); d > 0 {
		<-time.After(d)
	}
}

// windowed boots a PC without a system that has a window, with doorbells or without,
// and returns its console, how programs open it, and the window.
func windowed(t *testing.T, bells bool) (c *talk, url string, window []byte) {
	emulated(t)
	b, err := Find("qemupc")
	if err != nil {
		t.Fatal(err)
	}
	dir := shortDir(t)
	t.Setenv("XDG_RUNTIME_DIR", dir)
	in, typing, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Board: b, Image: cardImage(t, b), Name: "card", Window: windowSize,
		Config: map[string]string{"name": "card", "args": "debug rate=44100"},
	}
	file := filepath.Join(dir, "window")
	if !bells {
		if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Truncate(file, windowSize)); err != nil {
			t.Fatal(err)
		}
		cfg.Board.Link = NoLink
		cfg.Args = []string{"-object", fmt.Sprintf("memory-backend-file,id=window,share=on,mem-path=%s,size=%d", quote(file), windowSize),
			"-device", "ivshmem-plain,memdev=window"}
	}
	c = converse(t, in, typing, cfg)
	c.until("card> ")
	if bells {
		return c, c.m.URL, windowOf(t)
	}
	return c, "pci:" + file, mapped(t, file)
}

// callAll opens a card and calls it until it is told to stop, whatever becomes of
// calls. It returns how many came to something.
func callAll(url string, stop <-chan struct{}) (good int) {
	for {
		select {
		case <-stop:
			return good
		default:
		}
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		card, err := hostdriver.Open(ctx, url, hostdriver.Client("victim"))
		if err == nil {
			end := context.AfterFunc(ctx, func() { card.Close() })
			if echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType); err == nil {
				buf := make([]byte, 100000)
				for i := int32(0); err == nil && ctx.Err() == nil; i++ {
					if _, err = echo.Add(i, 1); err == nil {
						_, err = echo.Fill(7, buf[:1+int(i*977)%len(buf)])
					}
					if err == nil {
						good++
					}
				}
				echo.Release()
			}
			end()
			card.Close()
		}
		cancel()
	}
}

// works has a card do what it can, without any error. A computer that has other work
// for so long that the program does not renew its lease (mmd) is let off.
func works(t *testing.T, c *talk, url string) {
	t.Helper()
	for try := 1; ; try++ {
		err := work(url)
		if err == nil {
			return
		}
		last := c.typed("cat /status/alarms")
		if late := strings.LastIndex(last, "has not renewed its lease"); late < 0 || try == 3 || !strings.Contains(last[strings.LastIndex(last[:late], "\n")+1:], "client next") {
			t.Fatalf("%v\n%s", err, last)
		}
		t.Logf("the program was late: %v", err)
	}
}

func work(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var card *hostdriver.Card
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		var err error
		if card, err = hostdriver.Open(ctx, url, hostdriver.Client("next")); err == nil {
			break
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("nobody is let in: %w", err)
		}
	}
	defer card.Close()
	echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
	if err != nil {
		return err
	}
	defer echo.Release()
	buf := make([]byte, 50000)
	for i := range int32(100) {
		if sum, err := echo.Add(i, 1); err != nil || sum != i+1 {
			return fmt.Errorf("%d and 1 are %d: %w", i, sum, err)
		}
		if n, err := echo.Fill(uint8(i), buf); err != nil || int(n) != len(buf) || buf[250] != uint8(i)+250 {
			return fmt.Errorf("%d bytes, %d in the middle: %w", n, buf[250], err)
		}
	}
	synth, err := hostdriver.Bind(ctx, card, "/synth", audio.SynthType)
	if err != nil {
		return err
	}
	defer synth.Release()
	port, err := synth.Open(ctx, audio.PortOptions{Name: "next"})
	if err != nil {
		return err
	}
	defer port.Release()
	if err := port.Queue(ctx, []audio.Event{{Message: 0x643C90}, {Frame: 4410, Message: 0x3C80}}, math.MaxUint64); err != nil {
		return err
	}
	if err := port.Start(ctx); err != nil {
		return err
	}
	return port.Drain(ctx)
}
