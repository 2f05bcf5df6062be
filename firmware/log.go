package firmware

import (
	"fmt"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/machine"
)

// logLines is how many lines of the log are kept.
const logLines = 1024

// Log keeps the last lines of what a card has to say. Writing to it never waits,
// so any thread may.
type Log struct {
	clock machine.Clock
	next  atomic.Uint64
	lines [logLines]atomic.Pointer[logLine]

	alarms alarms
}

type logLine struct {
	number uint64
	text   string
}

// Printf adds a line, with the time in seconds since the machine's origin.
func (l *Log) Printf(format string, args ...any) { l.line(format, args) }

func (l *Log) line(format string, args []any) string {
	text := fmt.Sprintf("%12.6f ", l.clock.Now().Sub(0).Seconds()) + fmt.Sprintf(format, args...)
	n := l.next.Add(1) - 1
	l.lines[n%logLines].Store(&logLine{n, text})
	return text
}

// Write adds a line, for what takes an io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.Printf("%s", trimNewline(p))
	return len(p), nil
}

func trimNewline(p []byte) []byte {
	for len(p) > 0 && p[len(p)-1] == '\n' {
		p = p[:len(p)-1]
	}
	return p
}

// Since returns the lines from number since on that are still kept, at most 256
// of them, and the number to ask for next.
func (l *Log) Since(since uint64) (lines []string, next uint64) {
	end := l.next.Load()
	if since > end {
		return nil, end
	}
	if end-since > logLines {
		since = end - logLines
	}
	for n := since; n < end && len(lines) < 256; n++ {
		line := l.lines[n%logLines].Load()
		if line == nil || line.number < n {
			return lines, n // its writer is still at it
		}
		since = n + 1
		if line.number == n {
			lines = append(lines, line.text)
		}
	}
	return lines, since
}
