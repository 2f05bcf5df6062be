//go:build !linux

package engine

import "time"

var started = time.Now()

// cpuTime is the wall clock where processor time is not to be had simply.
func cpuTime() time.Duration { return time.Since(started) }
