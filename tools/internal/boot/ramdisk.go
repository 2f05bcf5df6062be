package boot

import (
	"fmt"
	"io"
)

// RAMDisk is the first file system of a Linux kernel, in the format of cpio -H newc
// (Linux, Documentation/driver-api/early-userspace/buffer-format).
type RAMDisk struct {
	w     io.Writer
	inode int
	err   error
}

// File types and rights.
const (
	modeDir    = 0o040755
	modeFile   = 0o100755
	modeDevice = 0o020600
)

// NewRAMDisk writes a file system to w.
func NewRAMDisk(w io.Writer) *RAMDisk { return &RAMDisk{w: w} }

// entry writes a header, a name and content, each padded to four bytes.
func (r *RAMDisk) entry(name string, mode uint32, major, minor int, content []byte) {
	if r.err != nil {
		return
	}
	r.inode++
	head := fmt.Sprintf("070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00",
		r.inode, mode, 0, 0, 1, 0, len(content), 0, 0, major, minor, len(name)+1, 0, name)
	for _, b := range [][]byte{[]byte(head), content} {
		if _, r.err = r.w.Write(b); r.err != nil {
			return
		}
		if _, r.err = r.w.Write(make([]byte, -len(b)&3)); r.err != nil {
			return
		}
	}
}

// Dir adds a folder.
func (r *RAMDisk) Dir(name string) { r.entry(name, modeDir, 0, 0, nil) }

// Program adds a program.
func (r *RAMDisk) Program(name string, content []byte) { r.entry(name, modeFile, 0, 0, content) }

// Device adds a character device.
func (r *RAMDisk) Device(name string, major, minor int) { r.entry(name, modeDevice, major, minor, nil) }

// Close ends the file system, and returns the first error.
func (r *RAMDisk) Close() error {
	r.entry("TRAILER!!!", 0, 0, 0, nil)
	return r.err
}
