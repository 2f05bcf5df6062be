package host

import (
	"runtime"
	"sync/atomic"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/mmlite/mmlite/firmware/machine"
)

// TestWordsInSharedMemory watches a word in one mapping of a file and changes it
// in another, as two processes do.
func TestWordsInSharedMemory(t *testing.T) {
	fd, err := unix.MemfdCreate("words", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Ftruncate(fd, machine.PageSize); err != nil {
		t.Fatal(err)
	}
	var words [2]*uint32
	for i := range words {
		b, err := unix.Mmap(fd, 0, machine.PageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Munmap(b)
		words[i] = (*uint32)(unsafe.Pointer(&b[64]))
	}
	both(t, func(t *testing.T, m *Machine) {
		i := m.NewIdler(machine.Spare)
		for range 500 {
			old := atomic.LoadUint32(words[0])
			done := make(chan struct{})
			go func() {
				atomic.AddUint32(words[1], 1)
				m.Ring(words[1])
				close(done)
			}()
			for atomic.LoadUint32(words[0]) == old {
				i.Idle([]machine.Word{{Addr: words[0], Old: old}}, machine.Forever)
			}
			<-done
		}
	})
}

// TestRealTimeIsUndone raises a thread if the system grants it and puts it back.
func TestRealTimeIsUndone(t *testing.T) {
	policy := func() int {
		p, _, e := unix.RawSyscall(unix.SYS_SCHED_GETSCHEDULER, 0, 0, 0)
		if e != 0 {
			t.Fatal(e)
		}
		return int(p) &^ schedResetOnFork
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		leave, err := New().EnterRealTime()
		if err != nil {
			if p := policy(); p != schedOther {
				t.Errorf("refused (%v), and the policy is %d", err, p)
			}
			return
		}
		if p := policy(); p != schedFIFO {
			t.Errorf("granted, and the policy is %d", p)
		}
		leave()
		if p := policy(); p != schedOther {
			t.Errorf("left, and the policy is %d", p)
		}
	}()
	<-done
}
