package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/mmlite/mmlite/boards/hosted"
	"github.com/mmlite/mmlite/boards/hosted/sound"
	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/dsound"
)

// TestMain lets this test program be the card process, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 3 && os.Args[1] == "run" && os.Args[2] == hostdriver.ChildArg {
		err := hosted.Run(context.Background(), hosted.Config{Child: os.Args[3], Device: func() (sound.Device, error) {
			return sound.Open("null", sound.Config{})
		}})
		if err != nil {
			fmt.Fprintln(os.Stderr, "card:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) == 3 && os.Args[1] == "card" {
		err := hosted.Run(context.Background(), hosted.Config{
			Name: os.Args[2], Ready: func(*firmware.Card) { fmt.Println("ready") },
			Device: func() (sound.Device, error) { return sound.Open("null", sound.Config{}) },
		})
		fmt.Fprintln(os.Stderr, "card:", err)
		os.Exit(1)
	}
	if len(os.Args) == 3 && os.Args[1] == "client" {
		fmt.Fprintln(os.Stderr, "client:", playForEver("hosted:"+os.Args[2]))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// playForEver loops ten buffers on a card until this process is killed.
func playForEver(url string) error {
	card, err := hostdriver.Open(ctx, url)
	if err != nil {
		return err
	}
	dev, err := dsound.Open(ctx, card)
	if err != nil {
		return err
	}
	for i := range uint32(10) {
		b, err := dev.CreateBuffer(ctx, dsound.BufferDesc{Bytes: 400000, Format: dsound.Format{Rate: 22050 + 1000*i, Channels: 2, Sample: audio.S16}})
		if err != nil {
			return err
		}
		if err := b.Play(ctx, dsound.Looping); err != nil {
			return err
		}
	}
	fmt.Println("plays")
	<-card.Done()
	return card.Err()
}

// role runs this program as a card or a client and waits for its word.
func role(t *testing.T, word string, args ...string) *exec.Cmd {
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
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || strings.TrimSpace(line) != word {
		t.Fatalf("%v said %q, %v", args, line, err)
	}
	return cmd
}

// TestAProgramIsKilledWhileItPlays: the mixer still reads what the program held, and
// the card goes on.
func TestAProgramIsKilledWhileItPlays(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("memory is shared on Linux alone")
	}
	dir, err := os.MkdirTemp("", "mm") // short: a socket's path has to fit
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	role(t, "ready", "card", "den")
	for range 5 {
		client := role(t, "plays", "client", "den")
		if err := client.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = client.Wait() // it was killed
	}
	card, err := hostdriver.Open(ctx, "hosted:den")
	if err != nil {
		t.Fatal(err)
	}
	defer card.Close()
	dev, err := dsound.Open(ctx, card)
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	r := &rig{T: t, card: card, dev: dev}
	b := r.buffer(sine(1000, 1, 0.5), 0)
	defer b.Release()
	c, err := dev.Primary().Capture(ctx)
	r.ok(err)
	defer c.Release()
	r.ok(b.Play(ctx, dsound.Looping))
	if l := level(listen(t, c, 1), 0, 1000, 0.5, 0.9); math.Abs(db(l/0.5)) > 0.2 {
		t.Errorf("the tone is at %.2f dB", db(l/0.5))
	}
}

// process is a card of one's own, and a device on it.
func process(t testing.TB, opts ...hostdriver.Option) (*hostdriver.Card, *dsound.Device) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	card, err := hostdriver.Open(ctx, "hosted:", append(opts, hostdriver.Command(self))...)
	if err != nil {
		t.Fatal(err)
	}
	dev, err := dsound.Open(ctx, card)
	if err != nil {
		t.Fatal(err)
	}
	return card, dev
}

// listen records what the card plays until there are so many seconds.
func listen(t *testing.T, c audio.Capture, seconds float64) []float32 {
	t.Helper()
	var out []float32
	buf := make([]byte, 65536)
	for float64(len(out)) < seconds*2*44100 {
		n, _, err := c.Read(ctx, buf)
		if err != nil || n == 0 {
			t.Fatal(n, err)
		}
		for i := 0; i < int(n); i += 4 {
			out = append(out, math.Float32frombits(binary.LittleEndian.Uint32(buf[i:])))
		}
	}
	return out
}

func TestPlaysOnCardsOfItsOwn(t *testing.T) {
	for name, opts := range map[string][]hostdriver.Option{"shared memory": nil, "socket": {hostdriver.NoSharedMemory()}} {
		t.Run(name, func(t *testing.T) {
			card, dev := process(t, opts...)
			defer card.Close()
			defer dev.Close()
			r := &rig{T: t, card: card, dev: dev}
			caps, err := dev.Caps(ctx)
			r.ok(err)
			if want := len(opts) == 0 && runtime.GOOS == "linux"; caps.SharedMemory != want {
				t.Fatalf("memory is shared: %v", caps.SharedMemory)
			}
			b := r.buffer(sine(1000, 1, 0.5), dsound.CtrlPositionNotify|dsound.CtrlFrequency)
			defer b.Release()
			passed := make(chan struct{}, 1)
			r.ok(b.SetNotificationPositions(ctx, dsound.PositionNotify{Offset: rate, C: passed}))
			c, err := dev.Primary().Capture(ctx)
			r.ok(err)
			defer c.Release()
			r.ok(b.Play(ctx, dsound.Looping))
			select {
			case <-passed:
			case <-time.After(20 * time.Second):
				t.Fatal("no note that the middle was passed")
			}
			play, _, err := b.CurrentPosition()
			r.ok(err)
			if play >= 2*rate || play%2 != 0 {
				t.Errorf("the play cursor is at byte %d", play)
			}
			s := listen(t, c, 1)
			if l := level(s, 0, 1000, 0.3, 0.8); math.Abs(db(l/0.5)) > 0.1 {
				t.Errorf("the tone is at %.2f dB", db(l/0.5))
			}
		})
	}
}

// TestCardDiesWhileTheProgramWrites: the memory a program holds stays writable, and
// the buffer is lost, restored on another card and heard.
func TestCardDiesWhileTheProgramWrites(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("finds the card process through /proc")
	}
	card, dev := process(t)
	r := &rig{T: t, card: card, dev: dev}
	defer dev.Close()
	data := sine(1000, 1, 0.5)
	b := r.buffer(data, dsound.CtrlVolume)
	defer b.Release()
	r.ok(b.SetVolume(ctx, -600))
	r.ok(b.Play(ctx, dsound.Looping))
	first, second, err := b.Lock(0, uint32(len(data)), 0)
	r.ok(err)
	stop := make(chan struct{})
	var writers sync.WaitGroup
	writers.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				copy(first, data)
			}
		}
	})
	r.ok(killChildren())
	<-card.Done()
	r.want(b.Unlock(first, second), dsound.ErrBufferLost)
	_, _, err = b.Lock(0, 100, 0)
	r.want(err, dsound.ErrBufferLost)
	if s, err := b.Status(); s != dsound.BufferLost || !errors.Is(err, com.ErrGone) {
		t.Error(s, err)
	}
	r.want(b.Play(ctx, 0), dsound.ErrBufferLost)
	r.want(b.Restore(ctx), dsound.ErrBufferLost)
	_ = card.Close() // the card ended badly, and says so
	close(stop)
	writers.Wait()
	first[0], first[len(first)-1] = 1, 2
	if first[0] != 1 {
		t.Error("the memory is not there")
	}
	again, dev2 := process(t)
	defer again.Close()
	defer dev2.Close()
	r.ok(dev.Reconnect(ctx, again))
	r.ok(b.Restore(ctx))
	r.fill(b, data)
	c, err := dev.Primary().Capture(ctx)
	r.ok(err)
	defer c.Release()
	r.ok(b.Play(ctx, dsound.Looping))
	if l := level(listen(t, c, 1), 0, 1000, 0.5, 0.9); math.Abs(db(l/0.25)) > 0.2 {
		t.Errorf("restored, the tone is at %.2f dB; its volume was -6", db(l/0.5))
	}
}

// TestAProgramThatScribbles writes all over what it shares with the card, while its
// buffers play, come and go. The card and its other clients do not notice.
func TestAProgramThatScribbles(t *testing.T) {
	card, dev := process(t)
	defer card.Close()
	defer dev.Close()
	r := &rig{T: t, card: card, dev: dev}
	random := rand.New(rand.NewPCG(1, 1))
	float := dsound.Format{Rate: 48000, Channels: 2, Sample: audio.F32}
	var held []*dsound.Buffer
	for n := range 150 {
		b, err := dev.CreateBuffer(ctx, dsound.BufferDesc{Bytes: 8 * (1 + random.Uint32N(20000)), Format: float, Flags: dsound.CtrlFrequency})
		if err != nil {
			if !errors.Is(err, dsound.ErrOutOfMemory) {
				t.Fatal(err)
			}
			held[0].Release()
			held = held[1:]
			continue
		}
		held = append(held, b)
		for _, b := range held {
			m, _, err := b.Lock(0, 0, dsound.EntireBuffer)
			r.ok(err)
			for i := range m {
				m[i] = byte(random.Uint32())
			}
			r.ok(b.Unlock(m, nil))
		}
		for range 50 { // and the card's status page
			c := card.Cursor(random.Uint32N(link.MaxCursors))
			(*link.Cursor)(unsafe.Pointer(&c)).Put([3]uint64{ // what no host that keeps the rules can
				random.Uint64(), random.Uint64(), random.Uint64(),
			})
		}
		r.ok(b.Play(ctx, dsound.PlayFlags(n%2)))
		r.ok(b.SetFrequency(ctx, 100+random.Uint32N(199900)))
		if len(held) > 5 {
			held[n%3].Release()
			held[n%3] = held[len(held)-1]
			held = held[:len(held)-1]
		}
	}
	for _, b := range held {
		b.Release()
	}
	echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
	r.ok(err)
	defer echo.Release()
	if sum, err := echo.Add(2, 3); sum != 5 || err != nil {
		t.Fatal(sum, err)
	}
	quiet := r.buffer(sine(1000, 1, 0.25), 0)
	defer quiet.Release()
	c, err := dev.Primary().Capture(ctx)
	r.ok(err)
	defer c.Release()
	r.ok(quiet.Play(ctx, dsound.Looping))
	if l := level(listen(t, c, 1.5), 0, 1000, 1, 1.4); math.Abs(db(l/0.25)) > 0.2 {
		t.Errorf("after the noise a tone is at %.2f dB", db(l/0.25))
	}
}

func TestLockAllocatesNothing(t *testing.T) {
	card, dev := process(t)
	defer card.Close()
	defer dev.Close()
	r := &rig{T: t, card: card, dev: dev}
	b := r.buffer(sine(1000, 1, 0.5), 0)
	defer b.Release()
	r.ok(b.Play(ctx, dsound.Looping))
	if n := testing.AllocsPerRun(1000, func() {
		first, second, err := b.Lock(rate*2-100, 200, 0)
		if err != nil || len(first) != 100 || len(second) != 100 {
			t.Fatal(err)
		}
		if err := b.Unlock(first, second); err != nil {
			t.Fatal(err)
		}
		if _, _, err := b.CurrentPosition(); err != nil {
			t.Fatal(err)
		}
	}); n != 0 && runtime.GOOS == "linux" {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkLock is a lock and unlock without writing anything.
func BenchmarkLock(b *testing.B) { benchmarkLock(b, 0) }

// BenchmarkLockCopy64K fills 64 KiB between lock and unlock.
func BenchmarkLockCopy64K(b *testing.B) { benchmarkLock(b, 64<<10) }

// BenchmarkLockCopy64KSocket does so where no memory is shared.
func BenchmarkLockCopy64KSocket(b *testing.B) {
	benchmarkLock(b, 64<<10, hostdriver.NoSharedMemory())
}

func benchmarkLock(b *testing.B, n int, opts ...hostdriver.Option) {
	card, dev := process(b, opts...)
	defer card.Close()
	defer dev.Close()
	buf, err := dev.CreateBuffer(ctx, dsound.BufferDesc{Bytes: 256 << 10, Format: mono})
	if err != nil {
		b.Fatal(err)
	}
	defer buf.Release()
	src := make([]byte, max(n, 64))
	at := uint32(0)
	b.SetBytes(int64(n))
	b.ReportAllocs()
	for b.Loop() {
		first, second, err := buf.Lock(at, uint32(len(src)), 0)
		if err != nil {
			b.Fatal(err)
		}
		if n > 0 {
			copy(second, src[copy(first, src):])
		}
		if err := buf.Unlock(first, second); err != nil {
			b.Fatal(err)
		}
		at = (at + uint32(len(src))) % (256 << 10)
	}
	if err := card.Flush(ctx); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkPosition(b *testing.B) {
	card, dev := process(b)
	defer card.Close()
	defer dev.Close()
	buf, err := dev.CreateBuffer(ctx, dsound.BufferDesc{Bytes: 256 << 10, Format: mono})
	if err != nil {
		b.Fatal(err)
	}
	defer buf.Release()
	if err := buf.Play(ctx, dsound.Looping); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := buf.CurrentPosition(); err != nil {
			b.Fatal(err)
		}
	}
}

// killChildren kills the card processes that this test started.
func killChildren() error {
	lists, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	killed := 0
	for _, task := range lists {
		pids, err := os.ReadFile("/proc/self/task/" + task.Name() + "/children")
		if err != nil {
			continue // the thread ended
		}
		for _, word := range strings.Fields(string(pids)) {
			var pid int
			if _, err := fmt.Sscan(word, &pid); err != nil {
				return err
			}
			child, err := os.FindProcess(pid)
			if err != nil {
				return err
			}
			if err := child.Kill(); err != nil {
				return err
			}
			killed++
		}
	}
	if killed == 0 {
		return errors.New("no card process found")
	}
	return nil
}
