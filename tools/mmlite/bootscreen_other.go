//go:build !unix

package main

import "os"

// screenRequests receives nothing: there is no signal for it here.
func screenRequests() (<-chan os.Signal, func()) { return nil, func() {} }
