package main

import (
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// newBar returns a progress bar on standard error, which only a terminal gets to
// see, and only if show is set. A total of -1 stands for an unknown one. Its
// methods' errors say that the terminal went away, which ends no work.
func newBar(show bool, what string, total int64, more ...progressbar.Option) *progressbar.ProgressBar {
	if total == 0 {
		total = 1
	}
	return progressbar.NewOptions64(total, append([]progressbar.Option{
		progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(50 * time.Millisecond),
		progressbar.OptionSetVisibility(show && term.IsTerminal(int(os.Stderr.Fd()))),
	}, more...)...)
}

// untimed leaves away the times that a bar guesses.
var untimed = []progressbar.Option{progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false)}

// follow has look set a bar ten times a second until the returned function is
// called, which finishes it.
func follow(bar *progressbar.ProgressBar, look func()) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				look()
			case <-quit:
				_ = bar.Finish()
				return
			}
		}
	}()
	return func() { close(quit); <-done }
}
