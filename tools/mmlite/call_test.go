package main

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
)

// Every contract that a card may speak can be called, and each of its methods is
// there under the name that the descriptor gives.
func TestContractsMatchTheirDescriptors(t *testing.T) {
	for _, c := range contracts() {
		for _, m := range c.Methods {
			f, ok := c.api.MethodByName(m.Name)
			if !ok {
				t.Errorf("%s has no %s", c.Name, m.Name)
				continue
			}
			in, out := len(m.Params), len(m.Results)+1
			if m.Context {
				in++
			}
			if f.Type.NumIn() != in || f.Type.NumOut() != out {
				t.Errorf("%s.%s: %v, %s", c.Name, m.Name, f.Type, signature(&m))
			}
		}
	}
	known := map[string]bool{}
	for _, c := range contracts() {
		known[c.Name] = true
	}
	for _, s := range audio.Stubs {
		if !known[s.Type.Name] {
			t.Errorf("%s cannot be called", s.Type.Name)
		}
	}
}

func TestArguments(t *testing.T) {
	bound := ""
	p := values{bind: func(path string, api reflect.Type) (any, error) {
		bound = path
		return nil, nil
	}}
	check := func(word string, want any) {
		t.Helper()
		v, err := p.argument(reflect.TypeOf(want), word)
		if err != nil || !reflect.DeepEqual(v.Interface(), want) {
			t.Errorf("%s: %#v, %v; want %#v", word, v, err, want)
		}
	}
	check("-128", int8(-128))
	check("0xffff", uint16(65535))
	check("18446744073709551615", uint64(1<<64-1))
	check("1.5", float32(1.5))
	check("true", true)
	check("a b", "a b")
	check("20ms", 20*time.Millisecond)
	check("0x00ff", []byte{0, 255})
	check("text", []byte("text"))
	check(`[{"frame":18446744073709551615,"message":2}]`, []audio.Event{{Frame: 1<<64 - 1, Message: 2}})
	check(`{"NAME":"n","gain":0.5,"Bank":"/banks/x","interpolation":2}`, audio.PortOptions{Name: "n", Gain: 0.5, Interpolation: audio.Cubic})
	if bound != "/banks/x" {
		t.Errorf("a reference in a struct was bound to %q", bound)
	}
	for _, c := range []struct {
		kind any
		word string
		want string
	}{
		{int8(0), "128", "from -128 to 127"},
		{uint8(0), "-1", "from 0 to 255"},
		{time.Second, "5", "duration"},
		{false, "perhaps", "true or false"},
		{[]byte{}, "0x1", "hexadecimal"},
		{[]byte{}, "@/nowhere", "nowhere"},
		{audio.Event{}, `{"frame":-1}`, "frame"},
		{audio.Event{}, `{"frame":1} x`, "follows"},
		{audio.Event{}, `{"Name":1}`, "no field"},
		{audio.Event{}, `{"frame":true}`, "frame"},
		{[]audio.Event{}, `[1]`, "[0]"},
		{[]string{}, strings.Repeat("[", 100) + strings.Repeat("]", 100), "is no string"},
	} {
		if _, err := p.argument(reflect.TypeOf(c.kind), c.word); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%T %s: %v, want %q", c.kind, c.word, err, c.want)
		}
	}
}

// nested has every kind of parameter that a contract can have.
type nested struct {
	Numbers  []int16
	Inner    []struct{ Text, More string }
	Events   []audio.Event
	Long     time.Duration
	Data     []byte
	Yes      bool
	Fraction float64
	Bank     audio.Bank
}

func FuzzArgument(f *testing.F) {
	f.Add(`{"numbers":[1,-2],"inner":[{"text":"x"}],"long":"3ms","data":"0xff","yes":true,"fraction":1e3,"bank":"b"}`)
	f.Add(`{"numbers":null,"events":[{"frame":1e99}]}`)
	p := values{bind: func(path string, api reflect.Type) (any, error) {
		return nil, com.Errorf(com.ErrNotFound, "%s", path)
	}}
	f.Fuzz(func(t *testing.T, word string) {
		if strings.Contains(word, "@") {
			return // names of files
		}
		for _, kind := range []reflect.Type{
			reflect.TypeFor[nested](), reflect.TypeFor[[]byte](), reflect.TypeFor[time.Duration](), reflect.TypeFor[uint8](), reflect.TypeFor[audio.Bank](),
		} {
			v, err := p.argument(kind, word)
			if err == nil && v.Type() != kind {
				t.Fatal(v.Type(), kind)
			}
		}
	})
}

func TestSplitAtThen(t *testing.T) {
	got := split("A", []string{"1", "then", "B", "2", "3", "then"})
	want := [][]string{{"A", "1"}, {"B", "2", "3"}, {""}}
	if !reflect.DeepEqual(got, want) {
		t.Fatal(got)
	}
}
