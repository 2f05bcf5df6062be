// Package fwcfg reads what the host configured a QEMU machine with: named strings
// and small files, as of the option -fw_cfg.
//
// The source is QEMU, "QEMU Firmware Configuration (fw_cfg) Device"
// (docs/specs/fw_cfg): the selector and data registers of x86, the signature, the
// file directory.
package fwcfg

import (
	"encoding/binary"
	"strings"
	"sync"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/firmware/com"
)

const (
	portSelector = 0x510
	portData     = 0x511

	keySignature = 0x00
	keyDirectory = 0x19

	entrySize = 64
	nameAt    = 8

	maxFiles = 1024
	// MaxFile is the largest file in bytes that is read.
	MaxFile = 64 << 10
)

// Config is the configuration of this machine. Its methods may be called from any
// goroutine.
type Config struct {
	ports reg.Space
	mu    sync.Mutex
	files map[string]file
}

type file struct {
	key  uint16
	size uint32
}

// Open reads which files there are. The errors are com.ErrNotFound if this is no
// QEMU machine, com.ErrProtocol if the directory makes no sense.
func Open(ports reg.Space) (*Config, error) {
	c := &Config{ports: ports, files: map[string]file{}}
	if sign := c.read(keySignature, 4); string(sign) != "QEMU" {
		return nil, com.Errorf(com.ErrNotFound, "fwcfg: no configuration device (%q)", sign)
	}
	head := c.read(keyDirectory, 4)
	n := binary.BigEndian.Uint32(head)
	if n > maxFiles {
		return nil, com.Errorf(com.ErrProtocol, "fwcfg: a directory of %d files", n)
	}
	dir := c.read(keyDirectory, 4+int(n)*entrySize)[4:]
	for ; len(dir) > 0; dir = dir[entrySize:] {
		name, _, _ := strings.Cut(string(dir[nameAt:entrySize]), "\x00")
		c.files[name] = file{binary.BigEndian.Uint16(dir[4:]), binary.BigEndian.Uint32(dir)}
	}
	return c, nil
}

// read reads the first n bytes of an item. Behind its end there are zeros.
func (c *Config) read(key uint16, n int) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ports.Write16(portSelector, key)
	b := make([]byte, n)
	for i := range b {
		b[i] = c.ports.Read8(portData)
	}
	return b
}

// File returns what is in a file. The errors are com.ErrNotFound, and com.ErrInvalid
// if it has more than MaxFile bytes.
func (c *Config) File(name string) ([]byte, error) {
	f, ok := c.files[name]
	if !ok {
		return nil, com.Errorf(com.ErrNotFound, "fwcfg: no file %q", name)
	}
	if f.size > MaxFile {
		return nil, com.Errorf(com.ErrInvalid, "fwcfg: %q has %d bytes", name, f.size)
	}
	return c.read(f.key, int(f.size)), nil
}

// Text returns what is in a file, "" if there is none, without the zeros and white
// space at its ends.
func (c *Config) Text(name string) string {
	b, err := c.File(name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.Trim(string(b), "\x00"))
}
