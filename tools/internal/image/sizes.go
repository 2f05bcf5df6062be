package image

import (
	"cmp"
	"debug/elf"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
)

// Size is what something takes, in bytes.
type Size struct {
	Text   uint64 `json:"text"`   // code
	Rodata uint64 `json:"rodata"` // constants and tables
	Data   uint64 `json:"data"`   // variables that begin as something
	BSS    uint64 `json:"bss"`    // variables that begin as nothing, and take none of the file
}

// File is what of it lies in the file.
func (s Size) File() uint64 { return s.Text + s.Rodata + s.Data }

func (s *Size) add(o Size) {
	s.Text += o.Text
	s.Rodata += o.Rodata
	s.Data += o.Data
	s.BSS += o.BSS
}

// Group is a component, or another part of a program that one would want to be rid of
// as a whole.
type Group struct {
	Name string `json:"name"`
	Size
	Packages []Package `json:"packages,omitempty"` // the largest first
}

// Package is one Go package of a group.
type Package struct {
	Path string `json:"path"`
	Size
}

// Sizes is what a program is made of.
type Sizes struct {
	Groups []Group `json:"groups"` // the largest in the file first
	Total  Size    `json:"total"`
}

// maxSymbols bounds a symbol table that is read.
const maxSymbols = 1 << 20

// ReadSizes adds up what the symbols of an ELF file, linked by Go, take. The errors are
// com.ErrCorrupt, and com.ErrNotFound for a file that was stripped of its symbols.
func ReadSizes(r io.ReaderAt) (*Sizes, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, com.Errorf(com.ErrCorrupt, "it is no ELF file: %v", err)
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if errors.Is(err, elf.ErrNoSymbols) {
		return nil, com.Errorf(com.ErrNotFound, "it was stripped of its symbols")
	}
	if err != nil || len(symbols) > maxSymbols {
		return nil, com.Errorf(com.ErrCorrupt, "its %d symbols cannot be read: %v", len(symbols), err)
	}
	// Symbols of tables lie over those of what is in them: bytes count once.
	slices.SortStableFunc(symbols, func(a, b elf.Symbol) int {
		return cmp.Or(cmp.Compare(a.Section, b.Section), cmp.Compare(a.Value, b.Value), cmp.Compare(b.Size, a.Size))
	})
	packages := map[string]*Size{}
	s := &Sizes{}
	for n, section := range f.Sections {
		if section.Flags&elf.SHF_ALLOC == 0 {
			continue
		}
		from, _ := slices.BinarySearchFunc(symbols, n, func(a elf.Symbol, n int) int { return cmp.Compare(int(a.Section), n) })
		at, end := section.Addr, section.Addr+section.Size
		if end < at {
			return nil, com.Errorf(com.ErrCorrupt, "its section %s has no end", section.Name)
		}
		count := func(path string, bytes uint64) {
			if bytes == 0 {
				return
			}
			p := packages[path]
			if p == nil {
				p = &Size{}
				packages[path] = p
			}
			p.add(kind(section, bytes))
		}
		for _, y := range symbols[from:] {
			if int(y.Section) != n {
				break
			}
			start, stop := max(at, min(y.Value, end)), min(y.Value+y.Size, end)
			if stop <= start || y.Value+y.Size < y.Value {
				continue
			}
			count(tableOf(section.Name), start-at)
			count(packageOf(y.Name, section.Name), stop-start)
			at = stop
		}
		count(tableOf(section.Name), end-at)
		s.Total.add(kind(section, section.Size))
	}
	s.group(packages)
	return s, nil
}

// kind is what bytes of a section are.
func kind(s *elf.Section, bytes uint64) Size {
	switch {
	case s.Type == elf.SHT_NOBITS:
		return Size{BSS: bytes}
	case s.Flags&elf.SHF_EXECINSTR != 0:
		return Size{Text: bytes}
	case s.Flags&elf.SHF_WRITE != 0:
		return Size{Data: bytes}
	}
	return Size{Rodata: bytes}
}

// tables are what the linker puts together for all packages, by section; what is left
// of others is padding, and constants without a name.
var tables = map[string]string{
	".gopclntab": "(tables)/lines and stack maps", ".typelink": "(tables)/types", ".itablink": "(tables)/types",
	".go.module": "(tables)/modules", ".go.buildinfo": "(tables)/modules", ".go.fipsinfo": "(tables)/modules",
}

func tableOf(section string) string {
	if t := tables[section]; t != "" {
		return t
	}
	return "(tables)/padding, strings and types"
}

// packageOf is the path of the package that a symbol of the linker's is of.
func packageOf(symbol, section string) string {
	if t := tables[section]; t != "" {
		return t
	}
	name, _, _ := strings.Cut(symbol, "[") // of a generic function
	switch {
	case strings.HasPrefix(name, "type:"), strings.HasPrefix(name, "go:itab"), strings.HasPrefix(name, "runtime.types"):
		return "(tables)/types"
	case strings.HasPrefix(name, "go:func"), name == "runtime.gcbits.*", name == "runtime.findfunctab":
		return "(tables)/lines and stack maps"
	case strings.HasPrefix(name, "go:"):
		return "(tables)/padding, strings and types"
	}
	slash := strings.LastIndexByte(name, '/') + 1
	dot := strings.IndexByte(name[slash:], '.')
	if dot < 0 {
		return "(start)/assembly" // entry points have no package
	}
	return strings.ReplaceAll(name[:slash+dot], "%2e", ".")
}

// groupOf is what a package belongs to: the folder of this module, its module
// elsewhere, or Go's own.
func groupOf(path string) string {
	const own = "github.com/mmlite/mmlite/"
	first, _, _ := strings.Cut(path, "/")
	switch rest, ours := strings.CutPrefix(path, own); {
	case ours:
		top, _, _ := strings.Cut(rest, "/")
		return top
	case path == "main":
		return "boards"
	case strings.HasPrefix(path, "("):
		return first
	case path == "runtime" || strings.HasPrefix(path, "runtime/") || strings.HasPrefix(path, "internal/runtime/"):
		return "go runtime"
	case !strings.Contains(first, "."):
		return "go library"
	}
	parts := strings.SplitN(path, "/", 4)
	return strings.Join(parts[:min(3, len(parts))], "/")
}

func (s *Sizes) group(packages map[string]*Size) {
	groups := map[string]*Group{}
	for path, size := range packages {
		name := groupOf(path)
		g := groups[name]
		if g == nil {
			g = &Group{Name: name}
			groups[name] = g
		}
		g.add(*size)
		g.Packages = append(g.Packages, Package{Path: path, Size: *size})
	}
	for _, g := range groups {
		slices.SortFunc(g.Packages, func(a, b Package) int {
			return cmp.Or(cmp.Compare(b.File(), a.File()), cmp.Compare(b.BSS, a.BSS), cmp.Compare(a.Path, b.Path))
		})
		s.Groups = append(s.Groups, *g)
	}
	slices.SortFunc(s.Groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.File(), a.File()), cmp.Compare(b.BSS, a.BSS), cmp.Compare(a.Name, b.Name))
	})
}
