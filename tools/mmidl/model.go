package main

import (
	"go/token"
	"go/types"
)

// Package is what the front end makes of a package and what every back end
// works from.
type Package struct {
	Path      string // import path
	Name      string
	Dir       string
	Contracts []*Contract // in the order of the source
	Structs   []*Struct   // all that the contracts carry, inner ones first
	types     *types.Package
}

// Contract is one interface marked //mm:contract.
type Contract struct {
	Package string // its name, not its path
	Name    string
	Doc     string // the whole comment
	Pinned  bool
	Methods []*Method // index = number on the wire
	IID     string    // as com.IID prints it
	Pos     token.Position
}

// FullName is the name that the contract has in descriptors and IIDs.
func (c *Contract) FullName() string { return c.Package + "." + c.Name }

// Method is one method of a contract.
type Method struct {
	Number  int
	Name    string
	Doc     string
	OneWay  bool
	Context bool     // takes a context.Context first, not in Params
	Params  []*Param // without the context
	Results []*Param // without the error
	Counted bool     // one out parameter whose filled length is the first result
}

// Outs returns the //mm:out parameters.
func (m *Method) Outs() []*Param {
	var outs []*Param
	for _, p := range m.Params {
		if p.Out {
			outs = append(outs, p)
		}
	}
	return outs
}

// Param is a parameter or a result.
type Param struct {
	Name   string // "" for a result without a name
	Type   *Type
	Out    bool
	Shared bool
	Limit  int // as //mm:limit says, or 0
}

// IsOutSlice reports whether the callee fills elements that are more than bytes.
func (p *Param) IsOutSlice() bool { return p.Out && p.Type != nil && p.Type.Kind == Slice }

// Kind says how a type travels.
type Kind int

// The kinds.
const (
	Bool Kind = iota
	Number
	Duration
	String
	Bytes
	Slice
	Composite // a struct
	Reference // another contract
	Unknown   // com.Unknown
)

// Type is a permitted type.
type Type struct {
	Kind   Kind
	Go     types.Type      // as declared
	Number types.BasicKind // Number only
	Elem   *Type           // Slice only
	Struct *Struct         // Composite only
	Target string          // Reference only: full name of the contract
}

// IsRef reports whether values of the type are references.
func (t *Type) IsRef() bool { return t.Kind == Reference || t.Kind == Unknown }

// HasRefs reports whether values of the type are or hold references.
func (t *Type) HasRefs() bool {
	switch {
	case t == nil:
		return false
	case t.Kind == Slice:
		return t.Elem.HasRefs()
	case t.Kind == Composite:
		for _, f := range t.Struct.Fields {
			if f.Type.HasRefs() {
				return true
			}
		}
	}
	return t.IsRef()
}

// Plain reports whether values of the type hold nothing but numbers.
func (t *Type) Plain() bool {
	switch {
	case t == nil:
		return false
	case t.Kind == Composite:
		for _, f := range t.Struct.Fields {
			if !f.Type.Plain() {
				return false
			}
		}
		return true
	}
	return t.Kind == Bool || t.Kind == Number || t.Kind == Duration
}

// HasLength reports whether //mm:limit applies.
func (t *Type) HasLength() bool { return t.Kind == String || t.Kind == Bytes || t.Kind == Slice }

// MinSize is the least number of bytes that a value takes on the wire. It is
// never 0, so a length that fits a message is a bound on time and memory.
func (t *Type) MinSize() int {
	if t == nil {
		return 1 // refused, the model will not be used
	}
	switch t.Kind {
	case Bool, Reference, Unknown:
		return 1
	case Number:
		return numbers[t.Number].size
	case Duration:
		return 8
	case Composite:
		n := 0
		for _, f := range t.Struct.Fields {
			n += f.Type.MinSize()
		}
		return n
	}
	return 4
}

// Struct is a named struct that travels by value.
type Struct struct {
	Path   string // import path of its package
	Name   string
	Doc    string
	Go     *types.Named
	Fields []*Field
}

// Field is one field of a Struct.
type Field struct {
	Name  string
	Doc   string
	Type  *Type
	Limit int
}

// numbers gives each sized number its name in the codec and its size.
var numbers = map[types.BasicKind]struct {
	name  string // Go type
	codec string // method of ipc.Encoder and ipc.Decoder
	size  int
}{
	types.Int8:    {"int8", "Int8", 1},
	types.Int16:   {"int16", "Int16", 2},
	types.Int32:   {"int32", "Int32", 4},
	types.Int64:   {"int64", "Int64", 8},
	types.Uint8:   {"uint8", "Uint8", 1},
	types.Uint16:  {"uint16", "Uint16", 2},
	types.Uint32:  {"uint32", "Uint32", 4},
	types.Uint64:  {"uint64", "Uint64", 8},
	types.Float32: {"float32", "Float32", 4},
	types.Float64: {"float64", "Float64", 8},
}
