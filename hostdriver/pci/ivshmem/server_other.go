//go:build !linux

// Package ivshmem is the server that QEMU's ivshmem-doorbell devices and programs of
// the host share memory and doorbells through. It is there on Linux only.
package ivshmem

import (
	"runtime"

	"github.com/mmlite/mmlite/firmware/com"
)

// Server serves one window.
type Server struct{}

// Listen serves memory at the socket path.
func Listen(string, int, int) (*Server, error) {
	return nil, com.Errorf(com.ErrNotSupported, "shared windows are made on Linux; this is %s", runtime.GOOS)
}

// Peers is how many there are.
func (s *Server) Peers() int { return 0 }

// Close sends all peers away.
func (s *Server) Close() error { return nil }
