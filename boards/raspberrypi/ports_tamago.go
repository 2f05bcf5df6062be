//go:build tamago && arm

package main

import (
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/boards/driver/bcm2835"
)

// line is the serial port that the link runs over. What comes in is taken from the
// port by whoever looks first, the interrupt goroutine or the virtual processor at a
// checkpoint: the port itself holds 16 bytes only, which are 170 microseconds.
type line struct {
	port bcm2835.PL011
	baud int
	busy atomic.Bool // somebody takes bytes from the port
	came chan struct{}

	mu     sync.Mutex // held for a few instructions
	buffer [1 << 16]byte
	head   uint32 // of what was read
	tail   uint32 // of what came
	lost   uint64 // bytes for which there was no room
}

func newLine() *line {
	return &line{port: bcm2835.PL011{Registers: direct{}}, came: make(chan struct{}, 1)}
}

// Poll takes what has come. It never waits.
func (l *line) Poll() (any bool) {
	if l.busy.Swap(true) {
		return false
	}
	defer l.busy.Store(false)
	var b [64]byte
	for {
		n, _ := l.port.Read(b[:]) // it never fails
		if n == 0 {
			break
		}
		any = true
		l.mu.Lock()
		for _, c := range b[:n] {
			if l.tail-l.head == uint32(len(l.buffer)) {
				l.lost++
				continue
			}
			l.buffer[l.tail%uint32(len(l.buffer))] = c
			l.tail++
		}
		l.mu.Unlock()
	}
	if any {
		select {
		case l.came <- struct{}{}:
		default:
		}
	}
	return any
}

// Read implements io.Reader: it waits until something has come.
func (l *line) Read(p []byte) (n int, err error) {
	for {
		l.mu.Lock()
		for n < len(p) && l.head != l.tail {
			p[n] = l.buffer[l.head%uint32(len(l.buffer))]
			l.head++
			n++
		}
		l.mu.Unlock()
		if n > 0 || len(p) == 0 {
			return n, nil
		}
		if _, ok := <-l.came; !ok {
			return 0, io.EOF
		}
	}
}

// Write implements io.Writer: it waits for room in the port.
func (l *line) Write(p []byte) (int, error) {
	pause := time.Duration(80 * int64(time.Second) / int64(l.baud)) // eight bytes
	for rest := p; len(rest) > 0; {
		n := l.port.Put(rest)
		if rest = rest[n:]; n == 0 {
			time.Sleep(pause)
		}
	}
	return len(p), nil
}

// Close is never called while the board runs: the line is there as long as it.
func (l *line) Close() error { return nil }

// lineStatus is the line's part of /status/board.
type lineStatus struct {
	Baud   int    `json:"baud"`
	Came   uint32 `json:"bytes_came"` // modulo 4 GiB
	Lost   uint64 `json:"bytes_lost"`
	Errors uint64 `json:"errors"`
}

func (l *line) status() lineStatus {
	l.mu.Lock()
	defer l.mu.Unlock()
	return lineStatus{l.baud, l.tail, l.lost, l.port.Errors}
}
