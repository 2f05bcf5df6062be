package boot

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// wire is a serial line that breaks: it loses and changes bytes, and is cut in the
// end.
type wire struct {
	*rand.Rand
	one, other net.Conn
	mu         sync.Mutex // of what is random
	left       int        // bytes that go through before the cut
	bad        int        // one byte in so many is lost or changed; 0: none
}

func (w *wire) cut() { w.one.Close(); w.other.Close() }

// carry carries bytes one way.
func (w *wire) carry(from, to net.Conn) {
	defer w.cut()
	for b := make([]byte, 256); ; {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		w.mu.Lock()
		p := b[:min(n, w.left)]
		w.left -= len(p)
		if w.bad > 0 {
			for i := 0; i < len(p); i++ {
				switch w.IntN(2 * w.bad) {
				case 0:
					p[i] ^= 1 << w.IntN(8)
				case 1:
					p = append(p[:i], p[i+1:]...)
				}
			}
		}
		over := w.left == 0
		w.mu.Unlock()
		if _, err := to.Write(p); err != nil || over {
			return
		}
	}
}

// TestLineCutInMidPacket has the line of a card on bare metal lose bytes, and be cut
// anywhere. The card lets the next program in, and says that it lost one.
func TestLineCutInMidPacket(t *testing.T) {
	emulated(t)
	b, err := Find("raspberrypi")
	if err != nil {
		t.Fatal(err)
	}
	dir := shortDir(t)
	t.Setenv("XDG_RUNTIME_DIR", dir)
	in, typing, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := converse(t, in, typing, Config{Board: b, Image: cardImage(t, b), Name: b.Name})
	c.until(b.Name + "> ")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	socket := filepath.Join(dir, "wire")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for round := range rounds(8) {
		over := make(chan struct{})
		go func() {
			defer close(over)
			one, err := l.Accept()
			if err != nil {
				return
			}
			other, err := net.Dial("unix", strings.TrimPrefix(c.m.URL, "serial:"))
			if err != nil {
				one.Close()
				return
			}
			w := &wire{Rand: rand.New(rand.NewPCG(seed, uint64(round))), one: one, other: other, left: 1 + r.IntN(1<<(4+r.IntN(15))), bad: r.IntN(2) * 5000}
			var all sync.WaitGroup
			all.Go(func() { w.carry(one, other) })
			all.Go(func() { w.carry(other, one) })
			all.Wait()
		}()
		calls := callOnce("serial:"+socket, func() {})
		<-over
		began := time.Now()
		echoes(t, c.m.URL)
		t.Logf("round %d: %d calls, and the next program had what it wanted after %v", round, calls, time.Since(began))
	}
	if s := c.typed("cat /status/alarms"); !strings.Contains(s, "client victim") {
		t.Errorf("/status/alarms: %q", s)
	}
	if s := c.typed("cat /status/threads"); strings.Count(s, "spare") > 20 {
		t.Errorf("threads: %s", s)
	}
}

// callOnce opens a card and calls it until that fails. It returns how many calls came
// to something; called is called after each.
func callOnce(url string, called func()) (good int) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	card, err := hostdriver.Open(ctx, url, hostdriver.Client("victim"))
	if err != nil {
		return 0
	}
	defer card.Close()
	defer context.AfterFunc(ctx, func() { card.Close() })()
	echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
	if err != nil {
		return 0
	}
	defer echo.Release()
	buf := make([]byte, 3000)
	for i := int32(0); ; i++ {
		if _, err := echo.Add(i, 1); err != nil {
			return good
		}
		if _, err := echo.Fill(7, buf[:1+int(i*977)%len(buf)]); err != nil {
			return good
		}
		good++
		called()
	}
}

// TestProgramsThatAreKilled has programs end in the middle of whatever they do on a
// card behind a PCI window, and the card start anew under a program.
func TestProgramsThatAreKilled(t *testing.T) {
	if url := os.Getenv("MMLITE_VICTIM"); url != "" {
		io.WriteString(os.Stdout, "begun\n")
		callAll(url, nil)
	}
	c, url, _ := windowed(t, true)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for range rounds(3) {
		var all []*exec.Cmd
		for range 1 + r.IntN(2) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestProgramsThatAreKilled$")
			cmd.Env = append(os.Environ(), "MMLITE_VICTIM="+url)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			all = append(all, cmd)
			if _, err := io.ReadFull(out, make([]byte, 6)); err != nil {
				t.Fatal(err)
			}
		}
		wait(int(r.Int64N(int64(time.Second))), time.Now().Add(time.Second))
		for _, cmd := range all {
			cmd.Process.Kill()
			cmd.Wait()
		}
		works(t, c, url)
	}
	over := make(chan int)
	calling := make(chan struct{})
	go func() { over <- callOnce(url, sync.OnceFunc(func() { close(calling) })) }()
	<-calling
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := c.m.do(ctx, "system_reset", nil); err != nil {
		t.Fatal(err)
	}
	c.until("card card answers")
	c.until("card> ")
	began := time.Now()
	calls := <-over
	t.Logf("the program, after %d calls, saw that the card had started anew %v after it had", calls, time.Since(began))
	works(t, c, url)
}
