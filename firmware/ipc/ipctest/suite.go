package ipctest

import (
	"errors"
	"math"
	"reflect"
	"runtime"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

// Subject is what the suite is run on: the contracts of one Object, however far
// away.
type Subject struct {
	Values  Values
	Buffers Buffers
	Calls   Calls
	Refs    Refs

	// Remote says that calls cross into another domain: then limits are
	// checked, and a released object is gone at once.
	Remote bool
	// Alone says that only one goroutine may call at a time, and that a call
	// cannot be given up while it runs.
	Alone bool
}

// Open asks obj for all contracts. The caller releases the subject.
func Open(obj com.Unknown) (s Subject, err error) {
	if s.Values, err = com.Query(obj, ValuesType); err != nil {
		return s, err
	}
	if s.Buffers, err = com.Query(obj, BuffersType); err != nil {
		return s, err
	}
	if s.Calls, err = com.Query(obj, CallsType); err != nil {
		return s, err
	}
	s.Refs, err = com.Query(obj, RefsType)
	return s, err
}

// Release gives the contracts back.
func (s Subject) Release() { com.Release(s.Values, s.Buffers, s.Calls, s.Refs) }

// Conformance calls every method of every contract and fails t where the answer
// is not what the contracts say.
func Conformance(t *testing.T, s Subject) {
	t.Run("Values", func(t *testing.T) { conformValues(t, s) })
	t.Run("Buffers", func(t *testing.T) { conformBuffers(t, s) })
	t.Run("Calls", func(t *testing.T) { conformCalls(t, s) })
	t.Run("Refs", func(t *testing.T) { conformRefs(t, s) })
	t.Run("OneWayFailures", func(t *testing.T) { conformFailures(t, s) })
}

// same reports whether two values are equal bit by bit, where nil and empty
// slices are the same.
func same(a, b any) bool { return sameValue(reflect.ValueOf(a), reflect.ValueOf(b)) }

func sameValue(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() || a.IsValid() && a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Float32, reflect.Float64:
		return math.Float64bits(a.Float()) == math.Float64bits(b.Float())
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !sameValue(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range a.NumField() {
			if !sameValue(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

// check fails t unless each got is the want that follows it.
func check(t *testing.T, err error, pairs ...any) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if !same(pairs[i], pairs[i+1]) {
			t.Fatalf("value %d: got %v, want %v", i/2, pairs[i], pairs[i+1])
		}
	}
}

// fails fails t unless err is want.
func fails(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
}

// eventually calls ready until it holds. Between domains a release takes until
// the other side reads it, which a call in between brings about.
func (s Subject) eventually(t *testing.T, what string, ready func() bool) {
	t.Helper()
	for range 100000 {
		if ready() {
			return
		}
		if err := s.Values.Null(); err != nil {
			t.Fatal(err)
		}
		runtime.Gosched()
	}
	t.Fatalf("%s: not even after 100,000 calls", what)
}
