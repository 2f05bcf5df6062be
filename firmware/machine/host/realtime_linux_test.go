package host

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
)

// asked has a process that the tests start try to get real time, and tell what
// came of it.
const asked = "MMLITE_TEST_REALTIME"

// limited has it lower its RLIMIT_RTPRIO and go on as nobody.
const limited = "MMLITE_TEST_RTPRIO"

// wild has it take more time at a stretch than it may.
const wild = "MMLITE_TEST_WILD"

// outcome is what it tells.
type outcome struct {
	Got, Advice, Error string
	Policy             uint32
	Priority           uint32
	Reset              bool
	After              uint32 // policy at the end
	Bound              uint64 // of RLIMIT_RTTIME while it was raised
	Wild               []string
}

const nobody = 65534

// forbidden is how limit ends where it may not raise a limit.
const forbidden = 77

// TestHelper is what the processes run that the tests start.
func TestHelper(t *testing.T) {
	switch {
	case os.Getenv(limited) != "":
		os.Exit(limit())
	case os.Getenv(asked) != "":
		if err := json.NewEncoder(os.Stdout).Encode(try()); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	t.Skip("other tests use it")
}

// limit allows itself real-time priorities up to what was said, and starts itself
// again as nobody.
func limit() int {
	var most uint64
	fmt.Sscan(os.Getenv(limited), &most)
	os.Unsetenv(limited)
	// Soft below hard, so that it has to be raised.
	if err := unix.Setrlimit(unix.RLIMIT_RTPRIO, &unix.Rlimit{Cur: 1, Max: most}); err != nil {
		return forbidden
	}
	c := exec.Command("/proc/self/exe", "-test.run=^TestHelper$")
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if err := c.Run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func try() outcome {
	runtime.LockOSThread()
	m := New()
	leave, err := m.EnterRealTime()
	g := m.RealTime()
	o := outcome{Got: g.Got, Advice: g.Advice}
	look := func() (policy uint32, a *unix.SchedAttr) {
		a, err := unix.SchedGetAttr(0, 0)
		if err != nil {
			return 99, &unix.SchedAttr{}
		}
		return a.Policy, a
	}
	p, a := look()
	o.Policy, o.Priority, o.Reset = p, a.Priority, a.Flags&unix.SCHED_FLAG_RESET_ON_FORK != 0
	var l unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_RTTIME, &l) == nil {
		o.Bound = l.Cur
	}
	if err != nil {
		o.Error = err.Error()
		if com.CodeOf(err) != com.ErrPermission {
			o.Error = "not com.ErrPermission: " + o.Error
		}
	} else {
		if os.Getenv(wild) != "" {
			o.Wild = goWild(m, look)
		}
		leave()
	}
	o.After, _ = look()
	return o
}

// goWild has the kernel's signal come that says so, and tells what the thread was
// meanwhile, after it, and once it is raised again.
func goWild(m *Machine, look func() (uint32, *unix.SchedAttr)) (told []string) {
	tell := func() {
		policy, _ := look()
		told = append(told, fmt.Sprintf("%d: %s", policy, m.RealTime().Got))
	}
	changed := func(from string) {
		for m.RealTime().Got == from {
			runtime.Gosched()
		}
	}
	tell()
	before := m.RealTime().Got
	if err := unix.Kill(os.Getpid(), unix.SIGXCPU); err != nil {
		return append(told, err.Error())
	}
	changed(before)
	tell()
	changed(m.RealTime().Got)
	tell()
	return told
}

// again starts this test's program for something else than tests, as nobody if it
// can, and returns what it tells.
func again(t *testing.T, env ...string) (o outcome) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can start a process as nobody")
	}
	c := exec.Command("/proc/self/exe", "-test.run=^TestHelper$")
	c.Env = append(os.Environ(), asked+"=1")
	c.Env = append(c.Env, env...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if !strings.HasPrefix(strings.Join(env, " "), limited) {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	if err := c.Run(); c.ProcessState != nil && c.ProcessState.ExitCode() == forbidden {
		t.Skip("this process may not raise its limits")
	} else if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	if err := json.Unmarshal(out.Bytes(), &o); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	return o
}

// noBus is where no bus is.
const noBus = "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent/bus"

func TestRealTimeOfRoot(t *testing.T) {
	if err := setScheduler(0, schedOther, 0); err != nil || !privileged() {
		t.Skip("this process has no right to real time")
	}
	o := try()
	if o.Error != "" {
		t.Skip("the system grants none, whoever asks: ", o.Error)
	}
	if o.Policy != schedFIFO || o.Priority != realTimePriority || !o.Reset || o.After != schedOther || o.Advice != "" {
		t.Errorf("%+v", o)
	}
	if !strings.HasPrefix(o.Got, "SCHED_FIFO 10, by root") {
		t.Errorf("%+v", o)
	}
}

func TestRealTimeOfNobody(t *testing.T) {
	o := again(t, noBus)
	if o.Error == "" || o.Policy != schedOther || o.Advice == "" || !strings.HasPrefix(o.Got, "ordinary: ") ||
		strings.Contains(o.Error, "not com") || !strings.Contains(o.Error, "rtkit") {
		t.Errorf("%+v", o)
	}
}

func TestRealTimeByLimit(t *testing.T) {
	if _, err := os.Stat("/proc/self/exe"); err != nil || !privileged() {
		t.Skip("no right to raise a limit")
	}
	o := again(t, limited+"=7", noBus)
	if o.Error != "" || o.Policy != schedFIFO || o.Priority != 7 || !o.Reset || o.After != schedOther ||
		o.Got != "SCHED_FIFO 7, by RLIMIT_RTPRIO" {
		t.Errorf("%+v", o)
	}
}

// kit is rtkit's part of the conversation: it raises whom it is asked for if that
// one has bounded its time.
type kit struct {
	t    *testing.T
	most uint64
}

func (k kit) MakeThreadRealtimeWithPID(pid, tid uint64, priority uint32) *dbus.Error {
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		return dbus.MakeFailedError(err)
	}
	line := regexp.MustCompile(`Max realtime timeout +[0-9]+ +([0-9]+)`).FindSubmatch(limits)
	if line == nil || string(line[1]) != fmt.Sprint(k.most) {
		k.t.Errorf("real time without a bound: %q", line)
		return dbus.MakeFailedError(fmt.Errorf("RLIMIT_RTTIME"))
	}
	if err := setScheduler(int(tid), schedFIFO|schedResetOnFork, int32(priority)); err != nil {
		return dbus.MakeFailedError(err)
	}
	return nil
}

func (k kit) Get(_, name string) (dbus.Variant, *dbus.Error) {
	switch name {
	case "RTTimeUSecMax":
		return dbus.MakeVariant(int64(k.most)), nil
	case "MaxRealtimePriority":
		return dbus.MakeVariant(int32(6)), nil
	}
	return dbus.Variant{}, dbus.MakeFailedError(fmt.Errorf("%s", name))
}

// bus starts a message bus of the test's own and returns its address.
func bus(t *testing.T) string {
	t.Helper()
	daemon, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Skip("there is no dbus-daemon here")
	}
	dir, err := os.MkdirTemp("", "mmlite-bus")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	address := "unix:path=" + filepath.Join(dir, "bus")
	conf := filepath.Join(dir, "bus.conf")
	text := `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><listen>` + address + `</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>`
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(daemon, "--config-file="+conf, "--nofork", "--nopidfile", "--print-address")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait() // it says that it was killed
	})
	if n, err := out.Read(make([]byte, 256)); n == 0 { // it tells once it listens
		t.Fatal("the bus does not start: ", err)
	}
	return address
}

func TestRealTimeByRtkit(t *testing.T) {
	if !privileged() {
		t.Skip("rtkit's part takes the right to real time")
	}
	address := bus(t)
	c, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	k := kit{t, 150000}
	for _, i := range []string{rtkitName, "org.freedesktop.DBus.Properties"} {
		if err := c.Export(k, rtkitPath, i); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.RequestName(rtkitName, 0); err != nil {
		t.Fatal(err)
	}
	o := again(t, "DBUS_SYSTEM_BUS_ADDRESS="+address)
	if o.Error != "" || o.Policy != schedFIFO || o.Priority != 6 || !o.Reset || o.Bound != 75000 || o.After != schedOther ||
		o.Got != "real time with priority 6, by rtkit, 75 ms at a stretch" || o.Advice != "" {
		t.Errorf("%+v", o)
	}
	const raised = "real time with priority 6, by rtkit, 75 ms at a stretch"
	o = again(t, "DBUS_SYSTEM_BUS_ADDRESS="+address, wild+"=1")
	if len(o.Wild) != 3 || o.Wild[0] != "1: "+raised || !strings.HasPrefix(o.Wild[1], "0: ordinary for a second") ||
		o.Wild[2] != "1: "+raised+", demoted 1 times for a second" || o.After != schedOther {
		t.Errorf("%+v", o)
	}
	// A bus on which nobody is called rtkit.
	if o = again(t, "DBUS_SYSTEM_BUS_ADDRESS="+bus(t)); o.Error == "" || o.Policy != schedOther || o.Advice == "" {
		t.Errorf("%+v", o)
	}
}
