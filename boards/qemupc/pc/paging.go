//go:build tamago && amd64

package pc

import (
	"runtime"
	"unsafe"

	"github.com/mmlite/mmlite/boards/driver/x86page"
	"github.com/mmlite/mmlite/firmware/com"
)

func readCR3() uint64
func enableGuard() bool
func flush(address uint64)
func readOnly() (start, end uint64)

// mapped is the end of what TamaGo's start maps.
const mapped = 6 << 30

var (
	tables = x86page.Tables{At: tableAt, New: newTable, Flush: flush}
	tabled uint64 // bytes of tables that are used
)

func tableAt(address uint64) *x86page.Table {
	at := uintptr(address)
	return *(**x86page.Table)(unsafe.Pointer(&at))
}

func newTable() (*x86page.Table, uint64) {
	if tabled == tablesSize {
		return nil, 0
	}
	at := tablesStart + tabled
	tabled += x86page.Size
	return tableAt(at), at
}

// Guard has the processor execute nothing but the program, and write neither to that
// nor to its constants. It is called once, before Protect. The error says that anything
// can be done with all memory, as before.
func (*CPU) Guard() error {
	const last = x86page.Size - 1
	if !enableGuard() {
		return com.Errorf(com.ErrNotSupported, "the processor cannot keep memory from being executed")
	}
	tables.Root = readCR3() &^ last
	textStart, textEnd := runtime.TextRegion()
	constStart, constEnd := readOnly()
	text, end := uint64(textStart)&^last, (uint64(textEnd)+last)&^last
	first, data := max(end, constStart&^last), constEnd&^last
	for _, part := range [...]struct {
		from, to uint64
		access   x86page.Access
	}{
		{text, end, x86page.Execute}, // first, and at no time anything else
		{first, data, x86page.Read},
		{x86page.Size, text, x86page.Write}, // the first page is not mapped
		{end, first, x86page.Write},
		{data, mapped, x86page.Write},
	} {
		if part.from == part.to {
			continue
		}
		if err := tables.Protect(part.from, part.to, part.access); err != nil {
			return err
		}
	}
	guarded = true
	return nil
}

// guarded says that Guard was called, and did it.
var guarded bool

// Protect changes what may be done with whole pages of memory. It is not for the
// program itself. The errors are those of x86page.Tables.Protect.
func (*CPU) Protect(b []byte, access x86page.Access) error {
	if !guarded {
		return com.Errorf(com.ErrNotSupported, "memory is not guarded")
	}
	at := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(b))))
	return tables.Protect(at, at+uint64(len(b)), access)
}
