package ipctest_test

import (
	"bytes"
	"context"
	"runtime"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/ipc/ipctest"
)

// echoes are methods of Values that return what they were given, so the reply
// has the same bytes as the call.
var echoes = map[string]bool{
	"Integers": true, "Floats": true, "Plain": true, "Named": true, "Bytes": true, "Numbers": true,
	"Slices": true, "Struct": true, "Structs": true, "Foreign": true,
}

func fuzzed() *ipctest.Object {
	return ipctest.New(func(context.Context) error { return com.ErrCanceled })
}

// zeros returns the shortest call of zeros that the stub takes: every number 0,
// every length 0.
func zeros(stub *ipc.Stub, method int, obj com.Unknown) []byte {
	for n := range 256 {
		if _, err := stub.ServeBytes(uint16(method), make([]byte, n), obj); com.CodeOf(err) != com.ErrProtocol {
			return make([]byte, n)
		}
	}
	return nil
}

// FuzzStubs gives stubs arbitrary bytes. They must not panic or use memory out
// of proportion, and what they take apart they must put together again.
func FuzzStubs(f *testing.F) {
	obj := fuzzed()
	for s, stub := range ipctest.Stubs {
		for m := range stub.Type.Methods {
			z := zeros(stub, m, obj)
			f.Add(uint8(s), uint16(m), z)
			for i := range min(len(z), 64) {
				long := bytes.Clone(z)
				long[i] = byte(i%5 + 1)
				f.Add(uint8(s), uint16(m), append(long, "abcdefghijklmnopqrstuvwxyz"[:i%26]...))
			}
		}
		f.Add(uint8(s), uint16(1000), []byte{0xff, 0xff, 0xff, 0xff})
	}
	f.Fuzz(func(t *testing.T, s uint8, m uint16, args []byte) {
		stub := ipctest.Stubs[int(s)%len(ipctest.Stubs)]
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		reply, err := stub.ServeBytes(m, args, obj)
		runtime.ReadMemStats(&after)
		// Buffers and results of Overrun are at most 1 MiB by contract, and a
		// message grows by doubling.
		if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20+64*uint64(len(args)) {
			t.Fatalf("%d bytes of memory for a message of %d", used, len(args))
		}
		if err != nil || int(m) >= len(stub.Type.Methods) || stub != ipctest.ValuesStub || !echoes[stub.Type.Methods[m].Name] {
			return
		}
		if !bytes.Equal(reply, args) {
			t.Fatalf("%s took %x and put together %x", stub.Type.Methods[m].Name, args, reply)
		}
	})
}

// TestZerosAreCalls checks the seeds: each echo method takes a call of zeros.
func TestZerosAreCalls(t *testing.T) {
	obj := fuzzed()
	for m, method := range ipctest.ValuesType.Methods {
		if z := zeros(ipctest.ValuesStub, m, obj); echoes[method.Name] {
			reply, err := ipctest.ValuesStub.ServeBytes(uint16(m), z, obj)
			if err != nil || !bytes.Equal(reply, z) || len(z) == 0 {
				t.Errorf("%s: %x for %x, %v", method.Name, reply, z, err)
			}
		}
	}
}
