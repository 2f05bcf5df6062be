package hostdriver_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/firmware/sched"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/hosted"
	"github.com/mmlite/mmlite/mmd"
)

// TestMain lets this test program be the card process, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 3 && os.Args[1] == "run" && os.Args[2] == hostdriver.ChildArg {
		if err := cardProcess(); err != nil {
			fmt.Fprintln(os.Stderr, "card:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// cardProcess serves the host that started it, with one object, /echo.
func cardProcess() error {
	runtime.GOMAXPROCS(3)
	if path := os.Getenv("MMLITE_TEST_CARD_PROFILE"); path != "" {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	f := os.NewFile(3, "host")
	c, err := net.FileConn(f)
	f.Close()
	if err != nil {
		return err
	}
	m := host.New()
	p := thread.NewProcessor(thread.Config{Machine: m})
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	root := &rootNS{echo: mmd.NewEcho()}
	root.Init(root, nil, system.NamespaceType.For(root))
	s := mmd.New(mmd.Config{
		Processor: p, Root: root, Stubs: system.Stubs,
		Info:     func() system.Info { return system.Info{Name: "child", Board: "test"} },
		Log:      func(uint64) ([]string, uint64) { return nil, 0 },
		Logf:     func(string, ...any) {},
		Activity: func(name string) *sched.Activity { return &sched.Activity{Name: name} },
	})
	w, name, err := hosted.Answer(c.(*net.UnixConn), link.Default, 99, nil)
	if err != nil {
		return err
	}
	client, err := s.Connect(w.Channel, name, "a test", nil, nil)
	if err != nil {
		return err
	}
	go func() {
		<-w.Gone()
		client.Disconnect()
		stop()
	}()
	return p.Run(ctx)
}

func openProcess(t testing.TB) (*hostdriver.Card, system.Echo) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	card, err := hostdriver.Open(context.Background(), "hosted:", hostdriver.Command(self))
	if err != nil {
		t.Fatal(err)
	}
	echo, err := hostdriver.Bind(context.Background(), card, "/echo", system.EchoType)
	if err != nil {
		card.Close()
		t.Fatal(err)
	}
	return card, echo
}

func TestManyGoroutinesAcrossProcesses(t *testing.T) {
	card, echo := openProcess(t)
	defer card.Close()
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			buf := make([]byte, 5000)
			for i := range 500 {
				if sum, err := echo.Add(int32(g), int32(i)); err != nil || sum != int32(g+i) {
					t.Error(sum, err)
					return
				}
				if i%50 == 0 {
					if n, err := echo.Fill(byte(g), buf); err != nil || n != 5000 || buf[4999] != byte(g+4999%251) {
						t.Error(n, err)
						return
					}
					if err := echo.Sleep(context.Background(), time.Millisecond); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestDeadlineAndCancelAcrossProcesses(t *testing.T) {
	card, echo := openProcess(t)
	defer card.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if err := echo.Sleep(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("deadline: %v", err)
	}
	ctx, cancel = context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	if err := echo.Sleep(ctx, time.Minute); !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled: %v", err)
	}
	if sum, err := echo.Add(1, 2); sum != 3 || err != nil {
		t.Fatal(sum, err)
	}
}

func TestCallbackAcrossProcesses(t *testing.T) {
	card, echo := openProcess(t)
	defer card.Close()
	back := &backEcho{}
	back.Init(back, nil, system.EchoType.For(back))
	for range 20 {
		if err := echo.Call(context.Background(), back, 50); err != nil {
			t.Fatal(err)
		}
	}
	if back.nulls != 1000 {
		t.Fatal(back.nulls)
	}
}

func TestCardKilledInTheMiddleOfACall(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("finds the card process through /proc")
	}
	card, echo := openProcess(t)
	defer card.Close()
	status := make([]uint64, 4)
	done := make(chan error, 1)
	go func() { done <- echo.Sleep(context.Background(), time.Hour) }()
	// The call is on its way once another one behind it was answered.
	if _, err := echo.Add(1, 1); err != nil {
		t.Fatal(err)
	}
	if err := killChildren(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, com.ErrGone) {
		t.Fatalf("call on a killed card: %v", err)
	}
	if _, err := echo.Add(1, 1); !errors.Is(err, com.ErrGone) {
		t.Fatalf("call after: %v", err)
	}
	card.Status(status) // what the host holds of the window stays readable
}

// killChildren kills the card processes that this test started.
func killChildren() error {
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		return err
	}
	killed := 0
	for _, list := range lists {
		pids, err := os.ReadFile(list)
		if err != nil {
			continue // the thread ended
		}
		for _, word := range strings.Fields(string(pids)) {
			pid, err := strconv.Atoi(word)
			if err != nil {
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

func TestNullCallAllocatesNothing(t *testing.T) {
	card, echo := openProcess(t)
	defer card.Close()
	buf := make([]byte, 256)
	for range 1000 {
		echo.Null()
	}
	if n := testing.AllocsPerRun(1000, func() {
		echo.Null()
		echo.Add(1, 2)
		echo.Post(1)
		echo.Fill(1, buf)
	}); n != 0 {
		t.Fatalf("%v allocations a call", n)
	}
}

func BenchmarkNull(b *testing.B) {
	card, echo := openProcess(b)
	defer card.Close()
	b.ReportAllocs()
	for b.Loop() {
		if err := echo.Null(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNullLatency(b *testing.B) {
	card, echo := openProcess(b)
	defer card.Close()
	lat := make([]time.Duration, 0, 1<<20)
	for b.Loop() {
		t := time.Now()
		echo.Null()
		if len(lat) < cap(lat) {
			lat = append(lat, time.Since(t))
		}
	}
	slices.Sort(lat)
	b.ReportMetric(float64(lat[len(lat)/2]), "p50-ns")
	b.ReportMetric(float64(lat[len(lat)*99/100]), "p99-ns")
}

func BenchmarkNull16(b *testing.B) {
	card, echo := openProcess(b)
	defer card.Close()
	b.SetParallelism(8)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := echo.Null(); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkCold(b *testing.B) {
	card, echo := openProcess(b)
	defer card.Close()
	var lat []time.Duration
	for range min(b.N, 500) {
		time.Sleep(time.Millisecond) // the silence after which a call is cold
		t := time.Now()
		echo.Null()
		lat = append(lat, time.Since(t))
	}
	slices.Sort(lat)
	b.ReportMetric(float64(lat[len(lat)/2]), "p50-ns")
}

func BenchmarkOneWay(b *testing.B) {
	card, echo := openProcess(b)
	defer card.Close()
	b.ReportAllocs()
	for b.Loop() {
		echo.Post(1)
	}
	card.Flush(context.Background())
}

func BenchmarkBulk4K(b *testing.B) {
	card, echo := openProcess(b)
	defer card.Close()
	data := make([]byte, 4096)
	mmd.FillPattern(5, data)
	b.SetBytes(4096)
	b.ReportAllocs()
	for b.Loop() {
		echo.PostBytes(5, data)
	}
	card.Flush(context.Background())
}

// BenchmarkRawRing is the limit: one slot there and one back between two
// processes' worth of threads, looking without end.
func BenchmarkRawRing(b *testing.B) {
	ch := window(b)
	nop := func(*uint32) {}
	h, c := ch.HostEnd(nop), ch.CardEnd(nop)
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer close(done)
		buf := make([]byte, link.MaxPacket)
		for i := 0; ; i++ {
			if n, _ := c.Get(buf); n > 0 {
				c.Put(buf[:n])
				c.Publish()
			} else if i&0xfff == 0 {
				select {
				case <-stop:
					return
				default:
				}
			}
		}
	}()
	buf := make([]byte, link.MaxPacket)
	p := make([]byte, 60)
	p[0] = 60
	for b.Loop() {
		h.Put(p)
		h.Publish()
		for {
			if n, _ := h.Get(buf); n > 0 {
				break
			}
		}
	}
	close(stop)
	<-done
}
