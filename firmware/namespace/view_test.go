package namespace

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"pgregory.net/rapid"
)

func view(t testing.TB, base system.Namespace, rules ...Rule) *View {
	t.Helper()
	v, err := NewView(base, rules...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestView(t *testing.T) {
	d := tree(t, "synth", "audio/out", "audio/in", "secret/key", "status/heap")
	for _, c := range []struct {
		what  string
		rules []Rule
		lists map[string]string // path: names
		finds map[string]string // path: the thing's path in the base, or the error
	}{
		{"no rules", nil,
			map[string]string{"": "audio/ secret/ status/ synth", "audio": "in out"},
			map[string]string{"audio/in": "audio/in"}},
		{"deny", []Rule{Deny("secret"), Deny("/audio/in")},
			map[string]string{"": "audio/ status/ synth", "audio": "out"},
			map[string]string{"audio/out": "audio/out", "audio/in": "permission denied", "secret": "permission denied", "secret/key": "permission denied", "synth": "synth"}},
		{"allow", []Rule{Allow("/audio/out"), Allow("status")},
			map[string]string{"": "audio/ status/", "audio": "out", "status": "heap"},
			map[string]string{"audio/out": "audio/out", "audio/in": "permission denied", "synth": "permission denied", "status/heap": "status/heap"}},
		{"allow within deny", []Rule{Deny("audio"), Allow("audio/out"), Allow("")},
			map[string]string{"": "audio/ secret/ status/ synth", "audio": "out"},
			map[string]string{"audio/out": "audio/out", "audio/in": "permission denied", "synth": "synth"}},
		{"deny wins a tie", []Rule{Allow("synth"), Deny("synth")},
			map[string]string{"": ""}, map[string]string{"synth": "permission denied"}},
		{"rename", []Rule{Rename("sound", "audio/out"), Rename("deep/er/s", "synth")},
			map[string]string{"": "audio/ deep/ secret/ sound status/", "audio": "in", "deep": "er/", "deep/er": "s"},
			map[string]string{"sound": "audio/out", "deep/er/s": "synth", "synth": "not found", "audio/out": "not found", "audio/in": "audio/in"}},
		{"rename a namespace, deny in it", []Rule{Rename("a", "audio"), Deny("a/in")},
			map[string]string{"": "a/ secret/ status/ synth", "a": "out"},
			map[string]string{"a/out": "audio/out", "a/in": "permission denied", "audio/out": "not found"}},
		{"exchange", []Rule{Rename("synth", "audio/in"), Rename("audio/in", "synth")},
			map[string]string{"": "audio/ secret/ status/ synth", "audio": "in out"},
			map[string]string{"synth": "audio/in", "audio/in": "synth", "audio/out": "audio/out"}},
		{"rename takes out of a renamed one", []Rule{Rename("a", "audio"), Rename("b", "audio/in")},
			map[string]string{"": "a/ b secret/ status/ synth", "a": "out"},
			map[string]string{"a/in": "not found", "b": "audio/in"}},
		{"allow within a renamed one", []Rule{Rename("a/b", "audio"), Allow("a/b/out")},
			map[string]string{"": "a/", "a": "b/", "a/b": "out"},
			map[string]string{"a/b/out": "audio/out", "a/b/in": "permission denied", "a/c": "permission denied"}},
		{"rename of nothing", []Rule{Rename("x", "nowhere/y")},
			map[string]string{"": "audio/ secret/ status/ synth"}, map[string]string{"x": "not found"}},
	} {
		v := view(t, d, c.rules...)
		for path, want := range c.lists {
			if got := names(t, v, path); got != want {
				t.Errorf("%s: list %q: %q, want %q", c.what, path, got, want)
			}
		}
		for path, want := range c.finds {
			o, err := v.Bind(ctx, path)
			if th, ok := o.(*thing); ok && th.name != want || !ok && !strings.Contains(fmt.Sprint(err), want) {
				t.Errorf("%s: bind %q: %v, %v; want %s", c.what, path, o, err, want)
			}
		}
	}
	if d.Refs() < 2 {
		t.Fatal("views hold no reference to their base")
	}
}

func TestBadViews(t *testing.T) {
	d := tree(t)
	for _, rules := range [][]Rule{
		{Allow("a/../b")}, {Rename("a", "//")}, {Rename("", "a")}, {Rename("a", "/")}, {Rename("a", "b"), Rename("/a/", "c")},
		make([]Rule, MaxRules+1),
	} {
		if _, err := NewView(d, rules...); !errors.Is(err, com.ErrInvalid) {
			t.Errorf("%v: %v", rules[0], err)
		}
	}
	v := view(t, d)
	_, err := v.Bind(ctx, "x/../y")
	wantError(t, err, com.ErrInvalid, "..")
	_, err = v.List(ctx, "x")
	wantError(t, err, com.ErrNotFound, "x")
	if d.Refs() != 2 {
		t.Fatalf("%d references, want 2", d.Refs())
	}
	v.Release()
	d.Release()
	if _, err := NewView(d); !errors.Is(err, com.ErrGone) {
		t.Fatal(err)
	}
}

func TestReadOnlyView(t *testing.T) {
	d := tree(t, "lib/tool", "lib/x")
	s := NewStatus(func(ctxT) (any, error) { return 7, nil })
	register(t, d, "lib/status", s)
	v := view(t, d, ReadOnly("lib"))
	lib := bind(t, v, "lib").(system.Namespace)
	if _, ok := lib.(*Dir); ok {
		t.Fatal("a read-only view hands out what can be registered in")
	}
	o := bind(t, lib, "status")
	if o == com.Unknown(s) {
		t.Fatal("a read-only view hands out the object itself")
	}
	st, err := com.Query(o, system.StatusType)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := st.Text(ctx); text != "7\n" || err != nil {
		t.Fatal(text, err)
	}
	if b, err := st.JSON(ctx); string(b) != "7" || err != nil {
		t.Fatal(b, err)
	}
	if _, err := com.Query(o, system.FileType); !errors.Is(err, com.ErrNoInterface) {
		t.Fatal(err)
	}
	tool := bind(t, v, "lib/tool")
	if _, ok := tool.(*thing); ok {
		t.Fatal("a read-only view hands out the object itself")
	}
	list, err := v.List(ctx, "lib/status")
	if err != nil || len(list) != 1 || !slices.Equal(list[0].Contracts, []string{"system.Status"}) {
		t.Fatalf("%+v, %v", list, err)
	}
	com.Release(st, o, tool)
	if s.Refs() != 2 {
		t.Fatalf("%d references to the status, want 2", s.Refs())
	}
}

// TestNobodyWalksAroundARule draws a tree, rules, and a path, and goes there at
// once and in steps. Both must come to the same object, or to none, and what the
// rules say of the path must hold. What is listed can be bound.
func TestNobodyWalksAroundARule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 4).Draw(t, "path"), "/")
		})
		d := NewDir(0)
		for _, p := range rapid.SliceOfN(path, 1, 12).Draw(t, "objects") {
			o := newThing(p)
			d.Register(p, o)
		}
		var rules []Rule
		for range rapid.IntRange(0, 5).Draw(t, "rules") {
			p := path.Draw(t, "rule")
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				rules = append(rules, Allow(p))
			case 1:
				rules = append(rules, Deny(p))
			case 2:
				rules = append(rules, Rename(p, path.Draw(t, "to")))
			case 3:
				rules = append(rules, ReadOnly(p))
			}
		}
		v, err := NewView(d, rules...)
		if err != nil {
			return // two renames of a path
		}
		first := rapid.IntRange(1, 3).Draw(t, "first step")
		for _, a := range []string{"a", "b", "c"} {
			for _, b := range []string{"", "/a", "/b", "/c"} {
				for _, c := range []string{"", "/a", "/b"} {
					goThere(t, v, a+b+c, first)
				}
			}
		}
		walk(t, v, "", 0)
	})
}

// goThere binds to at once, and with a first step of some elements and further
// ones of one element each.
func goThere(t *rapid.T, v *View, to string, first int) {
	whole, err := v.Bind(ctx, to)
	if obj, found := whole.(*thing); found {
		if !v.allowed(to) || v.longest(readOnly, to) >= 0 {
			t.Fatalf("%s must not be handed out", to)
		}
		if base, ok := v.origin(to); !ok || base != obj.name {
			t.Fatalf("%s is %s, want %s", to, obj.name, base)
		}
	}
	var at system.Namespace = v
	for elems := strings.Split(to, "/"); ; first = 1 {
		n := min(first, len(elems))
		obj, stepErr := at.Bind(ctx, strings.Join(elems[:n], "/"))
		if elems = elems[n:]; len(elems) == 0 {
			if com.CodeOf(stepErr) != com.CodeOf(err) {
				t.Fatalf("%s: at once %v, in steps %v", to, err, stepErr)
			}
			if th, ok := whole.(*thing); ok && obj != com.Unknown(th) {
				t.Fatalf("%s: at once %v, in steps %v", to, whole, obj)
			}
			return
		}
		if stepErr == nil {
			at, stepErr = com.Query(obj, system.NamespaceType)
		}
		if stepErr != nil {
			if err == nil {
				t.Fatalf("%s: at once %v, but %v", to, whole, stepErr)
			}
			return
		}
	}
}

// walk wants everything listed to be there, and of the kind that is listed.
func walk(t *rapid.T, n system.Namespace, path string, depth int) {
	list, err := n.List(ctx, path)
	if err != nil {
		t.Fatalf("list %q: %v", path, err)
	}
	for i, e := range list {
		if i > 0 && list[i-1].Name >= e.Name {
			t.Fatalf("list %q: %v", path, list)
		}
		p := join(path, e.Name)
		obj, err := n.Bind(ctx, p)
		if err != nil {
			t.Fatalf("%s is listed, but %v", p, err)
		}
		_, err = com.Query(obj, system.NamespaceType)
		if (err == nil) != e.Directory {
			t.Fatalf("%s is listed as %+v, but query says %v", p, e, err)
		}
		if e.Directory && depth < 5 {
			walk(t, n, p, depth+1)
		}
	}
}

func TestOverlay(t *testing.T) {
	base := tree(t, "synth", "host/impostor", "status/heap")
	v := view(t, base, Deny("status"))
	one, err := NewOverlay(v, 0)
	if err != nil {
		t.Fatal(err)
	}
	two, err := NewOverlay(v, 0)
	if err != nil {
		t.Fatal(err)
	}
	files := tree(t, "song.mid")
	if err := one.Own().Put("host", files); err != nil {
		t.Fatal(err)
	}
	if s := names(t, one, "") + "; " + names(t, one, "host"); s != "host/ synth; song.mid" {
		t.Fatal(s)
	}
	if s := names(t, two, "host"); s != "impostor" {
		t.Fatal("another client sees the export:", s)
	}
	if o := bind(t, one, "host/song.mid").(*thing); o.name != "song.mid" {
		t.Fatal(o.name)
	}
	if o := bind(t, one, "/synth").(*thing); o.name != "synth" {
		t.Fatal(o.name)
	}
	_, err = one.Bind(ctx, "status/heap")
	wantError(t, err, com.ErrPermission, "heap")
	_, err = one.Bind(ctx, "host/impostor")
	wantError(t, err, com.ErrNotFound, "impostor")
	_, err = one.List(ctx, "a/..")
	wantError(t, err, com.ErrInvalid, "..")
	other := tree(t, "other.mid")
	if err := one.Own().Put("host", other); err != nil || files.Refs() != 1 {
		t.Fatal(err, files.Refs())
	}
	if self := bind(t, one, "/"); self != one {
		t.Fatal(self)
	} else {
		self.Release()
	}
	if one.Release() != 0 || other.Refs() != 1 || v.Refs() != 2 {
		t.Fatal(other.Refs(), v.Refs())
	}
	v.Release()
	two.Release()
	if base.Refs() != 1 {
		t.Fatal(base.Refs())
	}
	base.Release()
	if _, err := NewOverlay(base, 0); !errors.Is(err, com.ErrGone) {
		t.Fatal(err)
	}
}
