package host

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/com"
)

// TestFavour runs in a process of its own, which it leaves changed.
func TestFavour(t *testing.T) {
	if os.Getenv("MMLITE_TEST_FAVOUR") == "" {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(self, "-test.run=^TestFavour$", "-test.v")
		cmd.Env = append(os.Environ(), "MMLITE_TEST_FAVOUR=1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		t.Logf("%s", out)
		return
	}
	if err := Favour(); err != nil {
		if errors.Is(err, com.ErrPermission) {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	// Threads that were there, and one that is new, since this one stays locked.
	for range 20 {
		done := make(chan int)
		go func() {
			runtime.LockOSThread()
			n, err := unix.Getpriority(unix.PRIO_PROCESS, unix.Gettid())
			if err != nil {
				n = 0
			}
			done <- 20 - n // the system call answers so
		}()
		if n := <-done; n != favour {
			t.Errorf("a thread has the nice value %d", n)
		}
	}
}
