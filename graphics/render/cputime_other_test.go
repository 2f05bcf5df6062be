//go:build !linux

package render

import "time"

var begin = time.Now()

// spent is the wall clock where processor time is not simply had.
func spent() time.Duration { return time.Since(begin) }
