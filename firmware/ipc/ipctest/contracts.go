package ipctest

import (
	"context"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

//go:generate go run ../../../tools/mmidl .

// Values carries data of every kind. Methods without a comment of their own on
// it return what they were given.
//
//mm:contract
type Values interface {
	com.Unknown

	// Null does nothing.
	Null() error
	// Integers returns its parameters.
	Integers(a int8, b int16, c int32, d int64, e uint8, f uint16, g uint32, h uint64) (int8, int16, int32, int64, uint8, uint16, uint32, uint64, error)
	// Floats returns its parameters, bit by bit: a NaN keeps its payload.
	Floats(a float32, b float64) (float32, float64, error)
	// Plain returns its parameters. A string is bytes, valid UTF-8 or not.
	Plain(a bool, b string, c time.Duration) (bool, string, time.Duration, error)
	// Named returns its parameters, which have types of their own.
	Named(a Flag, b Level, c Pitch, d Title, e Blob, f Delay, g com.Code) (Flag, Level, Pitch, Title, Blob, Delay, com.Code, error)
	// Bytes returns a copy of b.
	Bytes(b []byte) ([]byte, error)
	// Numbers returns its parameters.
	Numbers(a []int8, b []int16, c []int32, d []int64, e []Level, f []uint16, g []uint32, h []uint64, i []float32, j []float64, k []time.Duration) ([]int8, []int16, []int32, []int64, []Level, []uint16, []uint32, []uint64, []float32, []float64, []time.Duration, error)
	// Slices returns its parameters.
	Slices(a []bool, b []string, c [][]byte, d [][]string, e Lines, f []Lines, g [][][]uint16) ([]bool, []string, [][]byte, [][]string, Lines, []Lines, [][][]uint16, error)
	// Struct returns its parameter.
	Struct(a Record) (Record, error)
	// Structs returns its parameters.
	Structs(a []Record, b [][]Inner) ([]Record, [][]Inner, error)
	// Foreign returns its parameters, which are types of another package.
	Foreign(a system.Entry, b []system.Entry) (system.Entry, []system.Entry, error)
	// Limited returns its parameters, which may not be longer than the limits.
	//
	//mm:limit b 16
	//mm:limit s 17
	//mm:limit v 18
	//mm:limit names 3
	Limited(b []byte, s string, v []uint64, names []string) (same bool, err error)
	// LimitedField returns how long the name is, at most 8 bytes.
	LimitedField(a Short) (n uint32, err error)
	// Overrun returns n bytes, more than the contract allows if n is above 32:
	// then the call fails in another domain.
	//
	//mm:limit b 32
	Overrun(n uint32) (b []byte, err error)
}

// Flag is a named boolean.
type Flag bool

// Level is a named number.
type Level uint8

// Pitch is a named number.
type Pitch float64

// Title is a named string.
type Title string

// Blob is a named []byte.
type Blob []byte

// Delay is a named duration.
type Delay time.Duration

// Lines is a named slice.
type Lines []string

// Inner is a struct inside another.
type Inner struct {
	Level Level
	Name  string
}

// Step is nothing but numbers.
type Step struct {
	Level Level
	High  float32
	Even  bool
}

// Record has a field of every kind.
type Record struct {
	A      bool
	B      int8
	C      uint16
	D      int32
	E      uint64
	F      float32
	G      float64
	Text   string
	Data   []byte
	Wait   time.Duration
	Title  Title
	Lines  Lines
	Levels []Level
	Inner  Inner
	Inners []Inner
	Entry  system.Entry
}

// Short has a limit on a field.
//
//mm:limit Name 8
type Short struct {
	Name string // of whatever it is
}

// Buffers has parameters that the callee fills. The pattern is seed + i mod 251.
//
//mm:contract
type Buffers interface {
	com.Unknown

	// Fill fills buf and returns its length.
	//
	//mm:out buf
	//mm:limit buf 1048576
	Fill(seed uint8, buf []byte) (n uint32, err error)
	// Part fills the first n bytes of buf and says so, and whether there was
	// more to fill. If n is above the length of buf it says so nevertheless,
	// which is an error in another domain.
	//
	//mm:out buf
	//mm:limit buf 65536
	Part(ctx context.Context, seed uint8, want uint32, buf []byte) (n uint32, more bool, err error)
	// All fills buf and returns nothing.
	//
	//mm:out buf
	//mm:limit buf 65536
	All(buf []byte, seed uint8) error
	// Both fills left and right as if they were one buffer, and returns its
	// length.
	//
	//mm:out left
	//mm:out right
	//mm:limit left 1024
	//mm:limit right 2048
	Both(left []byte, seed uint8, right []byte) (sum uint64, err error)
	// Refuse fills half of buf and fails with ErrBusy.
	//
	//mm:out buf
	//mm:limit buf 1024
	Refuse(buf []byte) (n uint32, err error)
	// Climb fills all, with levels from seed on, 1 apart, and how high they are.
	//
	//mm:out all
	//mm:limit all 4096
	Climb(all []Step, seed Level) error
	// Descend fills the first n elements of all, as Climb, and says so, and that they
	// begin with seed. If n is above the length of all it says so nevertheless, which is
	// an error in another domain.
	//
	//mm:out all
	//mm:limit all 64
	Descend(ctx context.Context, seed Level, want uint32, all []Step) (n uint32, first Level, err error)
	// Shared returns the sum of all bytes.
	//
	//mm:shared pixels
	//mm:limit pixels 1048576
	Shared(pixels []byte) (sum uint64, err error)
}

// Calls has the ways in which a call can go.
//
//mm:contract
type Calls interface {
	com.Unknown

	// Fail fails with code and text, and with nothing if code is com.OK.
	Fail(code com.Code, text string) error
	// FailWith fails after it has made results, which nobody sees then.
	FailWith(code com.Code) (number uint32, node Node, err error)
	// Wait returns the error of ctx once ctx ends.
	Wait(ctx context.Context) error
	// Deadline returns how long ctx still allows, if it has a deadline.
	Deadline(ctx context.Context) (left time.Duration, has bool, err error)
	// Post counts one call and adds v to a sum.
	//
	//mm:oneway
	Post(v uint64) error
	// PostData counts one call and the bytes and characters of its parameters.
	//
	//mm:oneway
	PostData(data []byte, text string, list []Inner) error
	// PostFail fails with code.
	//
	//mm:oneway
	PostFail(code com.Code) error
	// Posted returns what the one-way calls did since the last Posted.
	Posted() (calls, sum, bytes uint64, err error)
	// CallBack calls back n times, with 0 to n-1, and returns the sum of what
	// it got. It stops at the first error and returns it.
	CallBack(ctx context.Context, back Callback, n uint32) (sum uint64, err error)
}

// Callback is called from the other side.
//
//mm:contract
type Callback interface {
	com.Unknown

	// Call returns something that depends on v.
	Call(ctx context.Context, v uint64) (uint64, error)
}

// Node is an object that can be handed around.
//
//mm:contract
type Node interface {
	com.Unknown

	// Name returns the name that the node was made with.
	Name() (string, error)
	// Child makes a node below this one, which keeps this one alive.
	Child(name string) (Node, error)
	// Parent returns the node above, nil for one that Make made.
	Parent() (Node, error)
}

// Refs hands references around, in both directions.
//
//mm:contract
type Refs interface {
	com.Unknown

	// Make makes a node.
	Make(name string) (Node, error)
	// MakeLate makes a node once ctx has ended, when nobody may be waiting for
	// it any more. It fails only on the way.
	MakeLate(ctx context.Context, name string) (number uint32, inner Inner, node Node, err error)
	// Alive returns how many nodes made here have not ended.
	Alive() (uint32, error)
	// Keep keeps a node, or nil, instead of the one kept before.
	Keep(node Node) error
	// Kept returns what Keep was given.
	Kept() (Node, error)
	// KeepAny keeps any object, or nil, instead of the one kept before.
	KeepAny(object com.Unknown) error
	// KeptAny returns what KeepAny was given.
	KeptAny() (com.Unknown, error)
	// Turn returns its parameters the other way round.
	Turn(a Node, b com.Unknown, c Node) (Node, com.Unknown, Node, error)
	// NameOf asks the node for its name.
	NameOf(node Node) (string, error)
	// TooLong makes a node and takes one, beside texts of n bytes. Either side
	// refuses more than 8 bytes if the call crosses domains, and then hands
	// nothing out.
	//
	//mm:limit text 8
	//mm:limit back 8
	TooLong(node Node, text string, n uint32) (made Node, back string, err error)
	// Pick returns a copy of what it was given, with references in a struct.
	Pick(a Choice) (Choice, error)
	// Reverse returns the nodes in reverse order.
	Reverse(nodes []Node) ([]Node, error)
	// Self returns the object itself.
	Self() (Refs, error)
	// Odd returns an object with odd names.
	Odd() (Odd, error)
	// File returns an object of a contract of another package: 1000 bytes of
	// the pattern that Buffers has, from seed 0.
	File() (system.File, error)
}

// Choice is a struct with references, which are held as the struct is.
type Choice struct {
	Name   string
	First  Node
	Others []Node
	Any    com.Unknown
}

// Odd has the names that generated code would like to have for itself.
//
//mm:contract
type Odd interface {
	com.Unknown

	// Begin returns the sum of its parameters, and one byte.
	Begin(p uint32, c uint32, in uint32, impl uint32, err uint32, ipc uint32, com uint32, time uint32, len uint32, uint32_ uint32, putChoice uint32, OddStub uint32, r0 uint32) (sum uint32, buf []byte, _ error)
	// BeginOneWay adds to what Refs returns.
	//
	//mm:oneway
	BeginOneWay(o uint32) error
	// Init returns the length of data and of out, which it fills with ones.
	//
	//mm:out out
	Init(dataLen uint32, data []byte, out []byte, outLen []uint8) (n uint32, in uint32, err error)
	// Refs returns what BeginOneWay added up.
	Refs(ctx context.Context) (ok uint32, err error)
	// Contracts returns its name.
	Contracts(string string) (nil string, err error)
	// Load returns the object itself.
	Load() (Odd, error)
	// Enter returns true.
	Enter(true bool) (false bool, error error)
	// Swap returns the length of each.
	Swap(Outer []Outer, byte [][]byte) (putOuter uint32, getBytes uint32, err error)
}

// Outer is the name of a type and of a parameter.
type Outer struct{ Outer []string }
