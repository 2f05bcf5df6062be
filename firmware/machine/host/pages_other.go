//go:build !unix && !windows

package host

import "github.com/mmlite/mmlite/firmware/machine"

func newPages(size int) (machine.Memory, error) { return machine.NewGoMemory(size) }
