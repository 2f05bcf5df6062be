//go:build !linux

package host

import "github.com/mmlite/mmlite/firmware/com"

// Favour has the ordinary threads of this process go before those of others. Only
// Linux is asked.
func Favour() error { return com.ErrNotSupported }
