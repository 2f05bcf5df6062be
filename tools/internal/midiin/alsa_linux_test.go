package midiin

import (
	"strings"
	"testing"
	"unsafe"
)

// The kernel tells requests apart by these sizes.
func TestSizesOfTheInterface(t *testing.T) {
	port := uintptr(168)
	if unsafe.Sizeof(uintptr(0)) == 4 {
		port = 164
	}
	if c, p, s := unsafe.Sizeof(clientInfo{}), unsafe.Sizeof(portInfo{}), unsafe.Sizeof(subscription{}); c != 188 || p != port || s != 80 {
		t.Errorf("client %d, port %d, subscription %d bytes", c, p, s)
	}
}

// Where there is a sequencer, a client of it can be made and found; where there is
// none, the error says what to do.
func TestSequencerOfThisSystem(t *testing.T) {
	s, err := Open("alsa")
	if err != nil {
		if !strings.Contains(err.Error(), "snd-seq") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	defer s.(*alsa).file.Close()
	if !strings.Contains(s.Name(), "aconnect") {
		t.Error(s.Name())
	}
	if _, err := Open("alsa:nobody of this name"); err == nil || !strings.Contains(err.Error(), "--list") {
		t.Error(err)
	}
}
