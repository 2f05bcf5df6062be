//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "guest runs as the first program of a Linux kernel")
	os.Exit(1)
}
