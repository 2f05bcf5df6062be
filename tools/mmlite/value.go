package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

// values makes Go values of what a person wrote.
type values struct {
	// bind returns the object that a path names, as the contract whose Go
	// interface is api. It keeps the reference until the end.
	bind func(path string, api reflect.Type) (any, error)
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	bytesType    = reflect.TypeFor[[]byte]()
	unknownType  = reflect.TypeFor[com.Unknown]()
)

const (
	maxArgument = 1 << 20 // bytes of a file used as an argument, and of a buffer to fill
	maxNesting  = 16      // of JSON
)

// argument makes a value of type t from one word of the command line: numbers,
// durations and text as they are, structs and slices as JSON, bytes as text, as
// 0x and hexadecimal digits, or as @ and the name of a file.
func (p *values) argument(t reflect.Type, word string) (reflect.Value, error) {
	v := reflect.New(t).Elem()
	switch k := t.Kind(); {
	case t == bytesType:
		b, err := bytesOf(word)
		v.SetBytes(b)
		return v, err
	case k == reflect.Struct || k == reflect.Slice:
		d := json.NewDecoder(strings.NewReader(word))
		d.UseNumber()
		var x any
		if err := d.Decode(&x); err != nil {
			return v, fmt.Errorf("%q is no JSON: %w", word, err)
		}
		if _, err := d.Token(); err != io.EOF {
			return v, fmt.Errorf("%q: something follows the JSON value", word)
		}
		return v, p.assign(v, x, maxNesting)
	case k == reflect.String:
		v.SetString(word)
		return v, nil
	}
	return v, p.scalar(v, word)
}

// buffer makes a buffer that the card shall fill.
func buffer(word string) (reflect.Value, error) {
	n, err := strconv.ParseUint(word, 0, 32)
	if err != nil || n > maxArgument {
		return reflect.Value{}, fmt.Errorf("%q: want the size of the buffer, 0 to %d", word, maxArgument)
	}
	return reflect.ValueOf(make([]byte, n)), nil
}

func bytesOf(word string) ([]byte, error) {
	if name, ok := strings.CutPrefix(word, "@"); ok {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		b, err := io.ReadAll(io.LimitReader(f, maxArgument+1))
		if len(b) > maxArgument {
			return nil, fmt.Errorf("%s has more than %d bytes", name, maxArgument)
		}
		return b, err
	}
	if digits, ok := strings.CutPrefix(word, "0x"); ok {
		b, err := hex.DecodeString(digits)
		if err != nil {
			return nil, fmt.Errorf("%q: want an even number of hexadecimal digits", word)
		}
		return b, nil
	}
	return []byte(word), nil
}

// scalar sets numbers, booleans, durations, text and references from a word.
func (p *values) scalar(v reflect.Value, word string) error {
	t := v.Type()
	bits := 0
	if k := t.Kind(); k >= reflect.Int && k <= reflect.Float64 {
		bits = t.Bits()
	}
	wrong := func(want string) error { return fmt.Errorf("%q: want %s", word, want) }
	switch {
	case t == durationType:
		d, err := time.ParseDuration(word)
		if err != nil {
			return wrong("a duration such as 1.5s or 20ms")
		}
		v.SetInt(int64(d))
	case t.Kind() == reflect.Interface:
		o, err := p.bind(word, t)
		if err != nil {
			return err
		}
		if o != nil {
			v.Set(reflect.ValueOf(o))
		}
	case t.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(word)
		if err != nil {
			return wrong("true or false")
		}
		v.SetBool(b)
	case v.CanInt():
		n, err := strconv.ParseInt(word, 0, bits)
		if err != nil {
			return wrong(fmt.Sprintf("a whole number from %d to %d", int64(-1)<<(bits-1), ^(int64(-1) << (bits - 1))))
		}
		v.SetInt(n)
	case v.CanUint():
		n, err := strconv.ParseUint(word, 0, bits)
		if err != nil {
			return wrong(fmt.Sprintf("a whole number from 0 to %d", uint64(math.MaxUint64)>>(64-bits)))
		}
		v.SetUint(n)
	case v.CanFloat():
		f, err := strconv.ParseFloat(word, bits)
		if err != nil {
			return wrong("a number")
		}
		v.SetFloat(f)
	case t.Kind() == reflect.String:
		v.SetString(word)
	default:
		return fmt.Errorf("a %s cannot be written on the command line", t)
	}
	return nil
}

// assign sets v from a JSON value.
func (p *values) assign(v reflect.Value, x any, depth int) error {
	if depth == 0 {
		return fmt.Errorf("values lie more than %d deep in one another", maxNesting)
	}
	switch x := x.(type) {
	case nil:
		v.SetZero()
		return nil
	case json.Number:
		if k := v.Kind(); k == reflect.Bool || k == reflect.String || k == reflect.Interface {
			break
		}
		return p.scalar(v, x.String())
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(x)
			return nil
		}
	case string:
		if v.Type() == bytesType {
			b, err := bytesOf(x)
			v.SetBytes(b)
			return err
		}
		if k := v.Kind(); k == reflect.String || k == reflect.Interface || v.Type() == durationType {
			return p.scalar(v, x)
		}
	case []any:
		if v.Kind() != reflect.Slice {
			break
		}
		s := reflect.MakeSlice(v.Type(), len(x), len(x))
		for i := range x {
			if err := p.assign(s.Index(i), x[i], depth-1); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		v.Set(s)
		return nil
	case map[string]any:
		if v.Kind() != reflect.Struct {
			break
		}
		for name, x := range x {
			f := v.FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, name) })
			if !f.IsValid() {
				return fmt.Errorf("%s has no field %q: %s", v.Type(), name, strings.Join(fieldNames(v.Type()), ", "))
			}
			if err := p.assign(f, x, depth-1); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	}
	return fmt.Errorf("%v is no %s", x, v.Type())
}

func fieldNames(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		names = append(names, t.Field(i).Name)
	}
	return names
}

// hexDump writes bytes for a person.
func hexDump(b []byte) string {
	var s bytes.Buffer
	d := hex.Dumper(&s)
	_, _ = d.Write(b) // a buffer takes everything
	_ = d.Close()
	return s.String()
}
