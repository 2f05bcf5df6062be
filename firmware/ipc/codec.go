package ipc

import (
	"encoding/binary"
	"math"
	"time"
	"unsafe"

	"github.com/mmlite/mmlite/firmware/com"
)

// Limits on what one packet may carry, unless a contract sets its own with
// //mm:limit. Both ends check.
const (
	MaxMessage      = 16 << 20 // bytes of one message, all parameters together
	DefaultMaxBytes = 4 << 20  // bytes of a []byte
	DefaultMaxText  = 64 << 10 // bytes of a string
	DefaultMaxSlice = 64 << 10 // elements of any other slice
)

// Encoder writes parameters or results, little endian, without padding. The
// first error sticks: what follows is ignored, and the call fails with it.
type Encoder struct {
	conn *Conn
	buf  []byte
	err  error
	// spill takes over from buf when that is full, so that growing it once
	// serves all later messages.
	spill []byte
	hold  []*Proxy // named by the message, held until it is sent
	gave  []uint32 // objects of this side that the message hands out
}

// sent lets go of what the message names: nothing sent from now on can overtake it.
func (e *Encoder) sent() {
	for i, p := range e.hold {
		p.Release()
		e.hold[i] = nil
	}
	e.hold = e.hold[:0]
}

// Fail makes the message fail with err unless it failed before.
func (e *Encoder) Fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// room returns the buffer, with room for n more bytes.
func (e *Encoder) room(n int) []byte {
	if cap(e.buf)-len(e.buf) >= n {
		return e.buf
	}
	return e.grow(n)
}

func (e *Encoder) grow(n int) []byte {
	if need := len(e.buf) + n; cap(e.spill) < need {
		e.spill = make([]byte, 0, 2*need)
	}
	e.buf = append(e.spill[:0], e.buf...)
	return e.buf
}

// Err returns the first error.
func (e *Encoder) Err() error { return e.err }

// Bool writes one byte, 0 or 1.
func (e *Encoder) Bool(v bool) {
	b := byte(0)
	if v {
		b = 1
	}
	e.buf = append(e.room(1), b)
}

// Uint8 writes one byte.
func (e *Encoder) Uint8(v uint8) { e.buf = append(e.room(1), v) }

// Uint16 writes two bytes.
func (e *Encoder) Uint16(v uint16) { e.buf = binary.LittleEndian.AppendUint16(e.room(2), v) }

// Uint32 writes four bytes.
func (e *Encoder) Uint32(v uint32) { e.buf = binary.LittleEndian.AppendUint32(e.room(4), v) }

// Uint64 writes eight bytes.
func (e *Encoder) Uint64(v uint64) { e.buf = binary.LittleEndian.AppendUint64(e.room(8), v) }

// Int8 writes one byte.
func (e *Encoder) Int8(v int8) { e.Uint8(uint8(v)) }

// Int16 writes two bytes.
func (e *Encoder) Int16(v int16) { e.Uint16(uint16(v)) }

// Int32 writes four bytes.
func (e *Encoder) Int32(v int32) { e.Uint32(uint32(v)) }

// Int64 writes eight bytes.
func (e *Encoder) Int64(v int64) { e.Uint64(uint64(v)) }

// Float32 writes the IEEE 754 bits.
func (e *Encoder) Float32(v float32) { e.Uint32(math.Float32bits(v)) }

// Float64 writes the IEEE 754 bits.
func (e *Encoder) Float64(v float64) { e.Uint64(math.Float64bits(v)) }

// Duration writes nanoseconds.
func (e *Encoder) Duration(v time.Duration) { e.Uint64(uint64(v)) }

// Len writes the length of a slice of more than max elements only as an error.
func (e *Encoder) Len(n, max int) {
	if n > max {
		e.Fail(com.Errorf(com.ErrInvalid, "slice of %d elements, the contract allows %d", n, max))
		n = 0
	}
	e.Uint32(uint32(n))
}

// String writes a length and the bytes.
func (e *Encoder) String(s string, max int) {
	if len(s) > max {
		e.Fail(com.Errorf(com.ErrInvalid, "string of %d bytes, the contract allows %d", len(s), max))
		s = ""
	}
	e.Uint32(uint32(len(s)))
	e.buf = append(e.room(len(s)), s...)
}

// Bytes writes a length and the bytes.
func (e *Encoder) Bytes(b []byte, max int) {
	if len(b) > max {
		e.Fail(com.Errorf(com.ErrInvalid, "%d bytes, the contract allows %d", len(b), max))
		b = nil
	}
	e.Uint32(uint32(len(b)))
	e.buf = append(e.room(len(b)), b...)
}

// Reserve writes the length n and n bytes for the callee of an //mm:out
// parameter to fill; the slice is valid until the next write to e.
func (e *Encoder) Reserve(n, max int) []byte {
	if n > max {
		e.Fail(com.Errorf(com.ErrInvalid, "buffer of %d bytes, the contract allows %d", n, max))
		n = 0
	}
	e.Uint32(uint32(n))
	at := len(e.buf)
	e.buf = e.room(n)[:at+n]
	clear(e.buf[at:])
	return e.buf[at : at+n : at+n]
}

// Trim shortens what Reserve returned as the last thing written to n bytes.
func (e *Encoder) Trim(reserved []byte, n int) {
	cut := len(reserved) - n
	if n < 0 || cut < 0 {
		e.Fail(com.Errorf(com.ErrFailed, "the implementation says it filled %d bytes of %d", n, len(reserved)))
		return
	}
	at := len(e.buf) - len(reserved)
	binary.LittleEndian.PutUint32(e.buf[at-4:], uint32(n))
	e.buf = e.buf[:len(e.buf)-cut]
}

// Number is an element type whose slices travel as one block of memory.
type Number interface {
	~int8 | ~uint8 | ~int16 | ~uint16 | ~int32 | ~uint32 | ~int64 | ~uint64 | ~float32 | ~float64
}

// PutNumbers writes a slice of numbers.
func PutNumbers[T Number](e *Encoder, s []T, max int) {
	n := len(s)
	e.Len(n, max)
	if n == 0 || n > max {
		return
	}
	size := int(unsafe.Sizeof(s[0]))
	raw := unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), n*size)
	at := len(e.buf)
	e.buf = append(e.room(len(raw)), raw...)
	if bigEndian {
		swapEach(e.buf[at:], size)
	}
}

// GetNumbers reads a slice of numbers; see Slice for whose it is.
func GetNumbers[T Number](d *Decoder, max int) []T {
	var zero T
	size := int(unsafe.Sizeof(zero))
	n := d.Len(max, size)
	raw := d.take(n * size)
	if n == 0 || raw == nil {
		return nil
	}
	s := Slice[T](d, n)
	dst := unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), n*size)
	copy(dst, raw)
	if bigEndian {
		swapEach(dst, size)
	}
	return s
}

var bigEndian = func() bool {
	x := uint16(1)
	return *(*byte)(unsafe.Pointer(&x)) == 0
}()

func swapEach(b []byte, size int) {
	for ; len(b) >= size; b = b[size:] {
		for i := range size / 2 {
			b[i], b[size-1-i] = b[size-1-i], b[i]
		}
	}
}

// Decoder reads what Encoder wrote from this end's private copy. The first
// error sticks; after it every read returns zero.
type Decoder struct {
	conn *Conn
	buf  []byte
	err  error
	lent *lent // memory for slices; nil where they are to outlive the message
}

// Fail makes reading fail with err unless it failed before.
func (d *Decoder) Fail(err error) {
	if d.err == nil {
		d.err = err
		d.buf = nil
	}
}

// Err returns the first error.
func (d *Decoder) Err() error { return d.err }

// End returns the first error, and ErrProtocol if bytes are left over.
func (d *Decoder) End() error {
	if d.err == nil && len(d.buf) != 0 {
		d.Fail(com.Errorf(com.ErrProtocol, "%d bytes too many in a message", len(d.buf)))
	}
	return d.err
}

func (d *Decoder) take(n int) []byte {
	if n > len(d.buf) || n < 0 {
		if d.err == nil {
			d.Fail(com.Errorf(com.ErrProtocol, "message ends %d bytes early", n-len(d.buf)))
		}
		return nil
	}
	b := d.buf[:n:n]
	d.buf = d.buf[n:]
	return b
}

// Bool reads one byte, which must be 0 or 1.
func (d *Decoder) Bool() bool {
	v := d.Uint8()
	if v > 1 {
		d.Fail(com.Errorf(com.ErrProtocol, "boolean of value %d", v))
	}
	return v == 1
}

// Uint8 reads one byte.
func (d *Decoder) Uint8() uint8 {
	if len(d.buf) >= 1 {
		v := d.buf[0]
		d.buf = d.buf[1:]
		return v
	}
	d.take(1)
	return 0
}

// Uint16 reads two bytes.
func (d *Decoder) Uint16() uint16 {
	if len(d.buf) >= 2 {
		v := binary.LittleEndian.Uint16(d.buf)
		d.buf = d.buf[2:]
		return v
	}
	d.take(2)
	return 0
}

// Uint32 reads four bytes.
func (d *Decoder) Uint32() uint32 {
	if len(d.buf) >= 4 {
		v := binary.LittleEndian.Uint32(d.buf)
		d.buf = d.buf[4:]
		return v
	}
	d.take(4)
	return 0
}

// Uint64 reads eight bytes.
func (d *Decoder) Uint64() uint64 {
	if len(d.buf) >= 8 {
		v := binary.LittleEndian.Uint64(d.buf)
		d.buf = d.buf[8:]
		return v
	}
	d.take(8)
	return 0
}

// Int8 reads one byte.
func (d *Decoder) Int8() int8 { return int8(d.Uint8()) }

// Int16 reads two bytes.
func (d *Decoder) Int16() int16 { return int16(d.Uint16()) }

// Int32 reads four bytes.
func (d *Decoder) Int32() int32 { return int32(d.Uint32()) }

// Int64 reads eight bytes.
func (d *Decoder) Int64() int64 { return int64(d.Uint64()) }

// Float32 reads IEEE 754 bits.
func (d *Decoder) Float32() float32 { return math.Float32frombits(d.Uint32()) }

// Float64 reads IEEE 754 bits.
func (d *Decoder) Float64() float64 { return math.Float64frombits(d.Uint64()) }

// Duration reads nanoseconds.
func (d *Decoder) Duration() time.Duration { return time.Duration(d.Uint64()) }

// Len reads the length of a slice whose elements take at least size bytes each,
// and refuses more than max elements or more than the message can hold, so that
// a lying length costs no memory.
func (d *Decoder) Len(max, size int) int {
	n := d.Uint32()
	if d.err != nil {
		return 0
	}
	if uint64(n) > uint64(max) {
		d.Fail(com.Errorf(com.ErrProtocol, "slice of %d elements, the contract allows %d", n, max))
		return 0
	}
	if uint64(n)*uint64(size) > uint64(len(d.buf)) {
		d.Fail(com.Errorf(com.ErrProtocol, "slice of %d elements in a message of %d bytes", n, len(d.buf)))
		return 0
	}
	return int(n)
}

// String reads a string.
func (d *Decoder) String(max int) string { return string(d.Bytes(max)) }

// Bytes reads bytes that stay valid until the call ends: they alias this end's
// private copy of the message.
func (d *Decoder) Bytes(max int) []byte { return d.take(d.Len(max, 1)) }

// BytesOwned reads bytes into memory of their own.
func (d *Decoder) BytesOwned(max int) []byte {
	b := d.Bytes(max)
	if b == nil {
		return nil
	}
	return append([]byte(nil), b...)
}

// BytesInto reads bytes into dst, the caller's buffer of an //mm:out parameter,
// and returns how many came. More than dst holds is an error.
func (d *Decoder) BytesInto(dst []byte) int { return copy(dst, d.Bytes(len(dst))) }

// ReserveLen reads the length of an //mm:out buffer that the caller offers.
func (d *Decoder) ReserveLen(max int) int {
	n := d.Uint32()
	if uint64(n) > uint64(max) {
		d.Fail(com.Errorf(com.ErrProtocol, "buffer of %d bytes, the contract allows %d", n, max))
		return 0
	}
	return int(n)
}
