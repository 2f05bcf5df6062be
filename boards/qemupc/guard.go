//go:build tamago && amd64

package main

import (
	"fmt"
	"io"
	"unsafe"

	"github.com/mmlite/mmlite/boards/driver/reg"
	"github.com/mmlite/mmlite/boards/driver/x86page"
	"github.com/mmlite/mmlite/boards/metal"
	"github.com/mmlite/mmlite/boards/qemupc/pc"
	"github.com/mmlite/mmlite/firmware"
	"github.com/mmlite/mmlite/firmware/com"
)

// accesses are what a processor knows of what is done with code.
var accesses = map[metal.CodeAccess]x86page.Access{metal.CodeNone: x86page.None, metal.CodeWrite: x86page.Write, metal.CodeRun: x86page.Execute}

// guard has the processor tell code from data, and returns the memory for code that is
// made while the card runs, or nil.
func (b *board) guard() *metal.Code {
	err := b.cpu.Guard()
	var memory []byte
	if err == nil {
		memory, err = reg.Bytes(pc.CodeStart, pc.CodeSize)
	}
	var code *metal.Code
	if err == nil {
		code, err = metal.NewCode(memory, func(pages []byte, a metal.CodeAccess) error { return b.cpu.Protect(pages, accesses[a]) })
	}
	if err != nil {
		b.problem("pixel loops are interpreted, and all memory is executed: %s", com.TextOf(err))
		return nil
	}
	return code
}

// guards is a command of cards that are to be tested: it does what is not to be done,
// and says what became of it.
func (b *board) guards(_ *firmware.Card, out io.Writer, _ []string) error {
	const ret = 0xC3
	try := func(what string, f func()) {
		defer func() { fmt.Fprintf(out, "%s: %v\n", what, recover()) }()
		f()
	}
	call := func(at uintptr) {
		f := &at
		(*(*func())(unsafe.Pointer(&f)))()
	}
	entry := func(f func()) *byte { return *(**byte)(*(*unsafe.Pointer)(unsafe.Pointer(&f))) }
	heap := []byte{ret}
	try("write to the program", func() { *entry(pc.Off) = ret })
	try("execute the heap", func() { call(uintptr(unsafe.Pointer(&heap[0]))) })
	code, err := b.machine.NewCode([]byte{ret})
	if err != nil {
		return err
	}
	at := code.Entry()
	try("execute code", func() { call(at) })
	try("write to code", func() { **(**byte)(unsafe.Pointer(&at)) = ret })
	if err := code.Release(); err != nil {
		return err
	}
	try("execute code that is gone", func() { call(at) })
	constant := "this is a constant"
	try("write to a constant", func() { *unsafe.StringData(constant) = 'T' })
	return nil
}
