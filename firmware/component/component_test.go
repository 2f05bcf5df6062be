package component

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"pgregory.net/rapid"
)

func iid(n byte) com.IID { return com.IID{1, n} }

var (
	clock  = Contract{"test.Clock", iid(1)}
	clock2 = Contract{"test.Clock", iid(2)}
	mixer  = Contract{"test.Mixer", iid(3)}
)

type object struct{ com.Object }

func construct(*Env) (com.Unknown, error) {
	o := &object{}
	o.Init(o, nil)
	return o, nil
}

// part makes a component that needs the components named.
func part(name string, needs ...string) Component {
	c := Component{Manifest{Name: name, Version: Version{Major: 1}}, construct}
	for _, n := range needs {
		c.Requires = append(c.Requires, Requirement{Name: n})
	}
	return c
}

func catalogue(t testing.TB, list ...Component) *Catalogue {
	t.Helper()
	c, err := NewCatalogue(list...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVersions(t *testing.T) {
	for s, want := range map[string]Version{"1": {1, 0, 0}, "1.2": {1, 2, 0}, "65535.0.3": {65535, 0, 3}} {
		if v, err := ParseVersion(s); v != want || err != nil {
			t.Errorf("%q: %v, %v", s, v, err)
		}
	}
	for _, s := range []string{"", "1.", "1.2.3.4", "-1", "65536", "1.x", " 1", "+1"} {
		if v, err := ParseVersion(s); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%q: %v, %v", s, v, err)
		}
	}
	for _, c := range []struct {
		r    Range
		v    Version
		want bool
	}{
		{Range{}, Version{0, 0, 0}, true},
		{Range{}, Version{9, 9, 9}, true},
		{From(Version{1, 2, 0}), Version{1, 2, 0}, true},
		{From(Version{1, 2, 0}), Version{1, 9, 0}, true},
		{From(Version{1, 2, 0}), Version{1, 1, 9}, false},
		{From(Version{1, 2, 0}), Version{2, 0, 0}, false},
		{From(Version{0, 3, 1}), Version{0, 3, 7}, true},
		{From(Version{0, 3, 1}), Version{0, 4, 0}, false},
		{Range{Below: Version{2, 0, 0}}, Version{1, 0, 0}, true},
	} {
		if c.r.Has(c.v) != c.want {
			t.Errorf("%v has %v: want %v", c.r, c.v, c.want)
		}
	}
	if s := From(Version{1, 2, 0}).String(); s != ">=1.2.0 <2.0.0" {
		t.Error(s)
	}
}

func FuzzParseVersion(f *testing.F) {
	f.Add("1.2.3")
	f.Add("1..2")
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseVersion(s)
		if err != nil {
			return
		}
		if again, err := ParseVersion(v.String()); again != v || err != nil {
			t.Fatalf("%q: %v, then %v, %v", s, v, again, err)
		}
	})
}

func TestBadManifests(t *testing.T) {
	for what, m := range map[string]Manifest{
		"no name":            {},
		"long name":          {Name: strings.Repeat("x", MaxName+1)},
		"slash":              {Name: "a/b"},
		"capital":            {Name: "Synth"},
		"digit first":        {Name: "1st"},
		"dots":               {Name: ".."},
		"contract, no name":  {Name: "a", Provides: []Contract{{"", iid(1)}}},
		"contract, no IID":   {Name: "a", Provides: []Contract{{Name: "test.Clock"}}},
		"empty requirement":  {Name: "a", Requires: []Requirement{{Optional: true}}},
		"half a contract":    {Name: "a", Requires: []Requirement{{Contract: Contract{Name: "x"}}}},
		"empty range":        {Name: "a", Requires: []Requirement{{Name: "b", Versions: Range{Version{2, 0, 0}, Version{1, 0, 0}}}}},
		"too many contracts": {Name: "a", Provides: make([]Contract, MaxList+1)},
	} {
		if _, err := NewCatalogue(Component{m, construct}); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := NewCatalogue(part("a"), part("a")); !errors.Is(err, com.ErrExists) {
		t.Error(err)
	}
	if _, err := NewCatalogue(Component{Manifest: Manifest{Name: "a"}}); !errors.Is(err, com.ErrInvalid) {
		t.Error(err)
	}
	if _, err := NewCatalogue(make([]Component, MaxComponents+1)...); !errors.Is(err, com.ErrInvalid) {
		t.Error(err)
	}
}

func TestCheckFailuresPrintTheRoute(t *testing.T) {
	needs := func(c Component, r ...Requirement) Component {
		c.Requires = append(c.Requires, r...)
		return c
	}
	with := func(c Component, p ...Contract) Component {
		c.Provides = p
		return c
	}
	v2 := part("clock")
	v2.Version = Version{2, 1, 0}
	for _, c := range []struct {
		what  string
		list  []Component
		given Given
		code  error
		text  string
	}{
		{"missing", []Component{part("player", "mixer"), part("mixer", "clock")}, Given{}, com.ErrNotFound,
			"image: player -> mixer -> clock: nothing in the image is called clock"},
		{"version", []Component{needs(part("mixer"), Requirement{Name: "clock", Versions: From(Version{1, 0, 0})}), v2}, Given{}, com.ErrVersion,
			"image: mixer -> clock >=1.0.0 <2.0.0: clock has version 2.1.0"},
		{"contract", []Component{part("player", "mixer"), needs(part("mixer"), Requirement{Contract: clock})}, Given{}, com.ErrNotFound,
			"image: player -> mixer -> test.Clock: nothing in the image provides test.Clock"},
		{"contract of another version", []Component{needs(part("mixer"), Requirement{Contract: clock}), with(part("timer"), clock2)}, Given{}, com.ErrVersion,
			"image: mixer -> test.Clock: none fits: timer speaks test.Clock of IID"},
		{"component of another version", []Component{needs(part("mixer"), Requirement{Contract: clock, Versions: From(Version{3, 0, 0})}), with(part("timer"), clock)}, Given{}, com.ErrVersion,
			"none fits: timer has version 1.0.0"},
		{"firmware of another version", []Component{needs(part("mixer"), Requirement{Contract: clock})}, Given{Contracts: []Contract{clock2}}, com.ErrVersion,
			"none fits: the firmware speaks test.Clock of IID"},
		{"named without the contract", []Component{needs(part("a"), Requirement{Name: "timer", Contract: clock}), part("timer")}, Given{}, com.ErrNotFound,
			"image: a -> timer with test.Clock: timer does not provide test.Clock"},
		{"named with another contract", []Component{needs(part("a"), Requirement{Name: "timer", Contract: clock}), with(part("timer"), clock2)}, Given{}, com.ErrVersion,
			"image: a -> timer with test.Clock: timer speaks test.Clock of IID"},
		{"cycle", []Component{part("player", "mixer"), part("mixer", "clock"), part("clock", "mixer")}, Given{}, com.ErrInvalid,
			"image: a component needs itself: mixer -> clock -> mixer"},
		{"self", []Component{part("a", "a")}, Given{}, com.ErrInvalid, "image: a component needs itself: a -> a"},
		{"own contract", []Component{needs(with(part("a"), clock), Requirement{Contract: clock})}, Given{}, com.ErrNotFound,
			"nothing in the image provides test.Clock"},
		{"optional but of another version", []Component{needs(part("mixer"), Requirement{Name: "clock", Versions: From(Version{1, 0, 0}), Optional: true}), v2}, Given{}, com.ErrVersion,
			"clock has version 2.1.0"},
	} {
		plan, err := catalogue(t, c.list...).Check(c.given)
		if plan != nil || !errors.Is(err, c.code) || !strings.Contains(fmt.Sprint(err), c.text) {
			t.Errorf("%s: got %v\nwant %s", c.what, err, c.text)
		}
	}
	_, err := catalogue(t, part("a", "x"), part("b", "y")).Check(Given{})
	if s := fmt.Sprint(err); !strings.Contains(s, "a -> x") || !strings.Contains(s, "b -> y") {
		t.Error("not all failures are told:", s)
	}
}

func TestCheckChooses(t *testing.T) {
	m := part("mixer")
	m.Requires = []Requirement{
		{Contract: clock}, {Name: "log"}, {Contract: mixer, Optional: true}, {Name: "none", Optional: true},
		{Name: "hal"}, {Contract: Contract{"test.Sound", iid(7)}},
	}
	old, good, other := part("old"), part("good"), part("other")
	old.Provides, good.Provides, other.Provides = []Contract{clock2}, []Contract{clock}, []Contract{clock}
	c := catalogue(t, m, old, good, other, part("log"))
	plan, err := c.Check(Given{Names: []string{"hal"}, Contracts: []Contract{{"test.Sound", iid(7)}}})
	if err != nil {
		t.Fatal(err)
	}
	want := "good\nlog\nmixer\n  -> good (test.Clock)\n  -> log (log)\nold\nother\n"
	if plan.String() != want {
		t.Fatalf("got\n%swant\n%s", plan, want)
	}
	if n := len(c.All()); n != 5 {
		t.Fatal(n)
	}
	if f, err := c.Find("old"); err != nil || f.Name != "old" {
		t.Fatal(f, err)
	}
	if _, err := c.Find("older"); !errors.Is(err, com.ErrNotFound) {
		t.Fatal(err)
	}
}

// TestOrder draws images without cycles in shuffled order, and then closes one.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "components")
		list := make([]Component, n)
		for i := range list {
			list[i] = part(fmt.Sprintf("c%d", i))
			for to := range i {
				if rapid.IntRange(0, 3).Draw(t, "needs") == 0 {
					list[i].Requires = append(list[i].Requires, Requirement{Name: fmt.Sprintf("c%d", to)})
				}
			}
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		r.Shuffle(n, func(i, j int) { list[i], list[j] = list[j], list[i] })
		c, err := NewCatalogue(list...)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := c.Check(Given{})
		if err != nil {
			t.Fatal(err)
		}
		if len(plan.Order) != n {
			t.Fatal(plan.Order)
		}
		for _, e := range plan.Edges {
			if slices.Index(plan.Order, e.To) >= slices.Index(plan.Order, e.From) {
				t.Fatalf("%s starts after %s, which needs it", e.To, e.From)
			}
		}
		first, last := plan.Order[0], plan.Order[n-1]
		for i := range list {
			if list[i].Name == first {
				list[i].Requires = append(list[i].Requires, Requirement{Name: last})
			}
			if list[i].Name == last && last != first {
				list[i].Requires = append(list[i].Requires, Requirement{Name: first})
			}
		}
		if c, err = NewCatalogue(list...); err != nil {
			t.Fatal(err)
		}
		if _, err = c.Check(Given{}); !errors.Is(err, com.ErrInvalid) {
			t.Fatalf("cycle was not found: %v", err)
		}
	})
}

func TestConstruct(t *testing.T) {
	broken := errors.New("broken")
	var made *object
	for _, c := range []struct {
		what string
		new  Constructor
		want error
	}{
		{"error", func(*Env) (com.Unknown, error) { return nil, broken }, broken},
		{"nothing", func(*Env) (com.Unknown, error) { return nil, nil }, com.ErrNotFound},
		{"promise not kept", func(*Env) (com.Unknown, error) {
			made = &object{}
			made.Init(made, nil)
			return made, nil
		}, com.ErrNoInterface},
		{"both", func(*Env) (com.Unknown, error) {
			made = &object{}
			made.Init(made, nil)
			return made, broken
		}, broken},
	} {
		p := part("part")
		p.Provides, p.New = []Contract{clock}, c.new
		ended := 0
		env := &Env{Ended: func() { ended++ }}
		if obj, err := p.Construct(env); obj != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), "component part") {
			t.Errorf("%s: %v, %v", c.what, obj, err)
		}
		if made != nil && made.Refs() != 0 {
			t.Errorf("%s: object was left with %d references", c.what, made.Refs())
		}
		if env.End(); ended == 0 {
			t.Errorf("%s: end was not told", c.what)
		}
	}
}

func TestEndOfAComponent(t *testing.T) {
	var order []string
	var port *object
	p := part("synth")
	p.New = func(env *Env) (com.Unknown, error) {
		o := &object{}
		env.Init(&o.Object, o, func() { order = append(order, "synth") })
		port = &object{}
		env.Init(&port.Object, port, nil)
		return o, nil
	}
	env := &Env{Ended: func() { order = append(order, "component") }}
	obj, err := p.Construct(env)
	if err != nil || !env.Tied() {
		t.Fatal(err)
	}
	env.End() // means nothing for a tied one
	obj.Release()
	if len(order) != 1 {
		t.Fatal(order)
	}
	port.Release()
	if len(order) != 2 || order[0] != "synth" || order[1] != "component" {
		t.Fatal(order)
	}

	p.New = func(env *Env) (com.Unknown, error) {
		o := &object{}
		env.Init(&o.Object, o, nil)
		o.Release()
		if len(order) != 2 {
			t.Error("told of the end while the constructor ran")
		}
		panic("constructor")
	}
	func() {
		defer func() { recover() }()
		p.Construct(env)
	}()
	if len(order) != 3 {
		t.Fatal("end after a panic was not told:", order)
	}
}

func TestEnvProperties(t *testing.T) {
	m := &Manifest{Properties: []Property{{"voices", "64"}, {"rate", "44100"}}}
	e := &Env{Component: m, Properties: []Property{{"voices", "32"}}}
	for name, want := range map[string]string{"voices": "32", "rate": "44100", "bank": "none"} {
		if v := e.Property(name, "none"); v != want {
			t.Errorf("%s: %q, want %q", name, v, want)
		}
	}
	if _, err := Bind(t.Context(), e, "/clock", &com.Type[com.Unknown]{}); !errors.Is(err, com.ErrPermission) {
		t.Error(err)
	}
}
