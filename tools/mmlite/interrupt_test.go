package main

import (
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A command that is stuck in printing does not heed the first interrupt, which
// only tells it to come to its end. The second one ends it.
func TestSecondInterruptEndsWhatIsStuck(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("this system cannot send an interrupt")
	}
	dir := shortFolder(t)
	cmd := command(t, dir, "call", "/echo", "Fill", "3", "1048576") // more than a pipe holds
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 16)); err != nil {
		t.Fatal(err)
	}
	ended := make(chan *os.ProcessState)
	go func() {
		state, err := cmd.Process.Wait()
		if err != nil {
			t.Error(err)
		}
		ended <- state
	}()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended
		select {
		case state := <-ended:
			// Had one been enough, it would have ended by itself.
			if !strings.Contains(state.String(), "interrupt") {
				t.Errorf("the command ended with %v", state)
			}
			return
		case <-again.C:
		}
	}
	t.Error("the command goes on for ever")
}
