package sound

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mmlite/mmlite/mixer/format"
)

// startPulse runs a sound server of the test's own with one sink that plays to nobody, and points the test at it.
func startPulse(t testing.TB, rate string) (stop func()) {
	t.Helper()
	daemon, err := exec.LookPath("pulseaudio")
	if err != nil {
		t.Skip("pulseaudio is not installed; apt-get install pulseaudio pulseaudio-utils to run this test")
	}
	dir := t.TempDir()
	socket := filepath.Join(dir, "native")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	cmd := exec.CommandContext(ctx, daemon, "-n", "--system=false", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
		"--disable-shm=yes", "--log-target=stderr", "-v",
		"-L", "module-null-sink sink_name=nobody norewinds=1 rate="+rate,
		"-L", "module-native-protocol-unix auth-anonymous=1 socket="+socket)
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+dir, "HOME="+dir, "PULSE_RUNTIME_PATH="+dir, "PULSE_STATE_PATH="+dir)
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		cancel()
		t.Skipf("pulseaudio does not start: %v", err)
	}
	gone := make(chan struct{})
	stop = func() {
		cancel()
		<-gone
	}
	t.Cleanup(stop)
	said := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(log)
		for lines.Scan() {
			if strings.Contains(lines.Text(), "startup complete") {
				said <- true
			}
		}
		close(said)
		cmd.Wait()
		close(gone)
	}()
	if !<-said {
		t.Skip("pulseaudio does not run here")
	}
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("PULSE_RUNTIME_PATH", dir)
	t.Setenv("PULSE_SERVER", "unix:"+socket)
	t.Setenv("HOME", dir)
	return stop
}

// record takes what the sink plays, by the server's own recorder, until the test reads no more.
func record(t *testing.T) *bufio.Reader {
	t.Helper()
	parec, err := exec.LookPath("parec")
	if err != nil {
		t.Skip("parec is not installed; apt-get install pulseaudio-utils to run this test")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, parec, "--device=nobody.monitor", "--format=float32le", "--channels=2", "--rate=48000", "--latency-msec=20")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); cmd.Wait() })
	return bufio.NewReader(pipe)
}

func TestPulsePlaysWhatWasWritten(t *testing.T) {
	startPulse(t, "48000")
	recording := record(t)
	if _, err := recording.Peek(8); err != nil { // the recorder runs
		t.Fatal(err)
	}
	d := mustOpen(t, "pulse", Config{Queue: 16})
	if d.Rate() != 48000 || d.Queue() < 2 || d.Offline() {
		t.Errorf("%d Hz, a queue of %d", d.Rate(), d.Queue())
	}
	failed := make(chan error, 1)
	go func() {
		period := make([]float32, 512)
		for n := 0; n < 48000; n += 256 {
			for i := range 256 {
				period[2*i] = 0.5 * float32(math.Sin(2*math.Pi*1000*float64(n+i)/48000))
				period[2*i+1] = -period[2*i]
			}
			if err := d.Write(period); err != nil {
				failed <- err
				return
			}
		}
		failed <- d.Drain()
	}()
	// Of the second that is played, some 20 periods of the tone must be there without a gap.
	raw := make([]byte, 8)
	frame := make([]float32, 2)
	run, zeros, last := 0, 0, float32(0)
	for n := 0; run < 1000; n++ {
		if n == 3*48000 {
			t.Fatal("three seconds went by without the tone")
		}
		if _, err := io.ReadFull(recording, raw); err != nil {
			t.Fatal(err)
		}
		format.Decode(frame, raw, format.F32)
		if math.Abs(float64(frame[0]+frame[1])) > 1e-3 {
			t.Fatalf("left %v, right %v", frame[0], frame[1])
		}
		zeros++
		if frame[0] != 0 {
			zeros = 0
		}
		run++
		if zeros > 2 || math.Abs(float64(frame[0]-last)) > 0.1 {
			run = 0
		}
		last = frame[0]
	}
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	if f, _ := d.Position(); f != (48000+255)/256*256 {
		t.Errorf("heard %d frames", f)
	}
	t.Log(StatusOf(d))
}

// Writing is paced by the server: what was heard lags what was written by no more than the latency.
func TestPulsePacesTheWriter(t *testing.T) {
	startPulse(t, "44100")
	d := mustOpen(t, "pulse:nobody", Config{Rate: 44100, Queue: 4})
	period := make([]float32, 512)
	begin := time.Now()
	const periods = 120
	for range periods {
		if err := d.Write(period); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Drain(); err != nil {
		t.Fatal(err)
	}
	took, want := time.Since(begin), span(periods*256, 44100)
	if took < want*9/10 {
		t.Errorf("%v of sound took %v", want, took)
	}
	if f, _ := d.Position(); f != periods*256 {
		t.Errorf("heard %d frames of %d", f, periods*256)
	}
	t.Logf("%v of sound took %v; %v; granted queue %d", want, took, StatusOf(d), d.Queue())
}

func TestPulseIsListed(t *testing.T) {
	startPulse(t, "48000")
	found := 0
	for _, info := range List() {
		if strings.HasPrefix(info.Name, "pulse") {
			found++
			if !info.Available || info.Rate != 48000 || !info.RealTime {
				t.Errorf("%+v", info)
			}
		}
		if info.Default != (info.Name == "pulse") {
			t.Errorf("%s: default %v", info.Name, info.Default)
		}
	}
	if found != 2 {
		t.Errorf("%d devices of the server listed", found)
	}
	if d, err := Open("pulse:nowhere", Config{}); err == nil || !strings.Contains(err.Error(), `no sink "nowhere"`) {
		t.Errorf("%v, %v", d, err)
	}
	best := mustOpen(t, "", Config{})
	if best.Name() != "pulse" {
		t.Errorf("the best device is %s", best.Name())
	}
}

func TestPulseServerDies(t *testing.T) {
	stop := startPulse(t, "48000")
	d := mustOpen(t, "pulse", Config{})
	period := make([]float32, 512)
	if err := d.Write(period); err != nil {
		t.Fatal(err)
	}
	stop()
	var err error
	for err == nil {
		err = d.Write(period)
	}
	if !strings.Contains(err.Error(), "has gone") {
		t.Errorf("got %v", err)
	}
	if err := d.Drain(); err == nil {
		t.Error("drained to a dead server")
	}
	if d.Close(); d.Close() != nil {
		t.Error("closing again failed")
	}
}

func TestPulseCountsUnderruns(t *testing.T) {
	startPulse(t, "48000")
	d := mustOpen(t, "pulse", Config{Queue: 2})
	period := make([]float32, 512)
	for d.Free() > 0 {
		if err := d.Write(period); err != nil {
			t.Fatal(err)
		}
	}
	for d.Underruns() == 0 {
		<-d.Wake()
	}
	if err := d.Write(period); err != nil {
		t.Errorf("writing after an underrun: %v", err)
	}
}

func TestPulsePausePlaysTheRest(t *testing.T) {
	startPulse(t, "48000")
	d := mustOpen(t, "pulse", Config{Queue: 8})
	if err := d.Write(make([]float32, 512)); err != nil {
		t.Fatal(err)
	}
	d.Pause()
	for {
		if f, _ := d.Position(); f == 256 {
			break
		}
		if err := d.Err(); err != nil {
			t.Fatal(err)
		}
		<-time.After(pollTime)
	}
	if d.Underruns() != 0 {
		t.Errorf("%d underruns", d.Underruns())
	}
}

func TestPulseWriteAllocatesNothing(t *testing.T) {
	near, far := net.Pipe()
	go io.Copy(io.Discard, far)
	defer far.Close()
	cfg, _ := Config{}.filled()
	d := &pulse{cfg: cfg, periodBytes: 2048, buffer: make([]byte, 2048), server: &pulseServer{conn: near}, timer: time.NewTimer(0),
		wake: make(chan struct{}, 1), done: make(chan struct{})}
	d.encoder, _ = format.NewEncoder(format.F32, false, 0)
	d.server.Callback = d.event
	d.server.Open(near)
	d.credit.Store(1 << 40)
	period := make([]float32, 512)
	if n := testing.AllocsPerRun(200, func() {
		if err := d.Write(period); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if d.written != 201*256 {
		t.Errorf("wrote %d frames", d.written)
	}
}

func TestPulseUnansweredServer(t *testing.T) {
	withoutServer(t)
	t.Setenv("PULSE_SERVER", "unix:"+filepath.Join(t.TempDir(), "nobody"))
	if d, err := Open("pulse", Config{}); d != nil || !errors.Is(err, errNoPulse) {
		t.Errorf("%v, %v", d, err)
	}
}
