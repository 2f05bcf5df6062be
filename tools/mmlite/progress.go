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
		progressbar.OptionSetWidth(barWidth(barColumns())), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(50 * time.Millisecond),
		progressbar.OptionSetVisibility(show && term.IsTerminal(int(os.Stderr.Fd()))),
	}, more...)...)
}

// barColumns is how wide the terminal is.
func barColumns() int {
	if w, _, err := term.GetSize(int(os.Stderr.Fd())); err == nil && w > 0 {
		return w
	}
	return 80
}

// barWidth leaves three quarters of a line to words and figures.
func barWidth(columns int) int { return min(max(columns/4, 4), 30) }

// describe puts a text before a bar without times, as much of it as fits onto the line:
// a bar that needs two is not drawn over.
func describe(bar *progressbar.ProgressBar, text string) {
	bar.Describe(fitBar(text, barColumns()))
}

func fitBar(text string, columns int) string {
	const figures = len(" 100% || ") + 1
	room := max(columns-barWidth(columns)-figures, 0)
	if r := []rune(text); len(r) > room {
		return string(r[:max(room-1, 0)]) + "…"
	}
	return text
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
