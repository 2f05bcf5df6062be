package namespace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var ctx = context.Background()

// thing is an object that speaks no contract.
type thing struct {
	com.Object
	name string
}

func newThing(name string) *thing {
	o := &thing{name: name}
	o.Init(o, nil)
	return o
}

func (o *thing) Note() string { return "thing " + o.name }

func bind(t testing.TB, n system.Namespace, path string) com.Unknown {
	t.Helper()
	obj, err := n.Bind(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	return obj
}

func register(t testing.TB, d *Dir, path string, obj com.Unknown) {
	t.Helper()
	if err := d.Register(path, obj); err != nil {
		t.Fatal(err)
	}
}

// tree makes a Dir of things, each registered under its own path.
func tree(t testing.TB, paths ...string) *Dir {
	t.Helper()
	d := NewDir(0)
	for _, p := range paths {
		o := newThing(p)
		register(t, d, p, o)
		o.Release()
	}
	return d
}

func names(t testing.TB, n system.Namespace, path string) string {
	t.Helper()
	list, err := n.List(ctx, path)
	if err != nil {
		t.Fatalf("list %q: %v", path, err)
	}
	var s []string
	for _, e := range list {
		if e.Directory {
			e.Name += "/"
		}
		s = append(s, e.Name)
	}
	return strings.Join(s, " ")
}

// wantError wants an error with a code that names an element.
func wantError(t testing.TB, err error, code com.Code, element string) {
	t.Helper()
	var p *PathError
	if !errors.Is(err, code) {
		t.Fatalf("got %v, want %v", err, code)
	}
	if element != "" && (!errors.As(err, &p) || p.Element != element) {
		t.Fatalf("%v does not name element %q", err, element)
	}
}

func TestDir(t *testing.T) {
	d := NewDir(0)
	beep := newThing("beep")
	register(t, d, "/drivers/sound/beep", beep)
	register(t, d, "alone", beep)
	if beep.Refs() != 3 {
		t.Fatalf("%d references, want 3", beep.Refs())
	}
	got := bind(t, d, "drivers/sound/beep")
	if got != beep || beep.Refs() != 4 {
		t.Fatal(got, beep.Refs())
	}
	got.Release()
	sound := bind(t, d, "/drivers/sound/")
	if bind(t, sound.(system.Namespace), "beep") != beep {
		t.Fatal("a namespace bound by name finds another object")
	}
	beep.Release()
	if self := bind(t, d, "/"); self != d {
		t.Fatal(self)
	} else {
		self.Release()
	}
	if s := names(t, d, "") + "; " + names(t, d, "drivers") + "; " + names(t, d, "/drivers/sound"); s != "alone drivers/; sound/; beep" {
		t.Fatal(s)
	}
	list, err := d.List(ctx, "drivers/sound/beep")
	if err != nil || len(list) != 1 || list[0].Name != "beep" || list[0].Refs != 3 || list[0].Note != "thing beep" || list[0].Directory {
		t.Fatalf("%+v, %v", list, err)
	}
	list, _ = d.List(ctx, "")
	if !slices.Equal(list[1].Contracts, []string{"system.Namespace"}) {
		t.Fatalf("%+v", list[1])
	}

	other := newThing("other")
	if err := d.Put("drivers/sound/beep", other); err != nil || beep.Refs() != 2 {
		t.Fatal(err, beep.Refs())
	}
	if err := d.Remove("drivers/sound/beep"); err != nil || other.Refs() != 1 {
		t.Fatal(err, other.Refs())
	}
	sound.Release()
	if d.Release() != 0 || beep.Refs() != 1 {
		t.Fatalf("%d references to beep after the end, want 1", beep.Refs())
	}
	_, err = d.Bind(ctx, "alone")
	wantError(t, err, com.ErrGone, "alone")
	_, err = d.Bind(ctx, "")
	wantError(t, err, com.ErrGone, "")
	_, err = d.List(ctx, "")
	wantError(t, err, com.ErrGone, "")
	wantError(t, d.Register("x", beep), com.ErrGone, "")
}

func TestDirErrorsNameTheElement(t *testing.T) {
	d := tree(t, "a/b/c", "leaf")
	mounted := tree(t, "inner/deep")
	register(t, d, "mnt", mounted)
	over, err := NewOverlay(mounted, 0)
	if err != nil {
		t.Fatal(err)
	}
	register(t, d, "other", over)
	for _, c := range []struct {
		path, element string
		code          com.Code
	}{
		{"x", "x", com.ErrNotFound}, {"a/x/c", "x", com.ErrNotFound}, {"a/b/c/d", "c", com.ErrNotFound},
		{"mnt/inner/x/y", "x", com.ErrNotFound}, {"leaf/x", "leaf", com.ErrNotFound}, {"a//b", "", com.ErrInvalid},
		{"a/../leaf", "..", com.ErrInvalid}, {"other/inner/z", "z", com.ErrNotFound},
	} {
		_, err := d.Bind(ctx, c.path)
		wantError(t, err, c.code, c.element)
		_, err = d.List(ctx, c.path)
		wantError(t, err, c.code, c.element)
		var p *PathError
		if errors.As(err, &p); p.Path != c.path {
			t.Errorf("%v does not tell the whole path %q", err, c.path)
		}
	}
	obj := newThing("new")
	wantError(t, d.Register("leaf", obj), com.ErrExists, "leaf")
	wantError(t, d.Register("leaf/x", obj), com.ErrNotFound, "leaf")
	wantError(t, d.Register("other/x", obj), com.ErrNotSupported, "other")
	wantError(t, d.Register("", obj), com.ErrInvalid, "")
	wantError(t, d.Register("x/..", obj), com.ErrInvalid, "..")
	wantError(t, d.Register("x", nil), com.ErrInvalid, "")
	wantError(t, d.Remove("a/x"), com.ErrNotFound, "x")
	wantError(t, d.Remove("a/../x"), com.ErrInvalid, "..")
	wantError(t, d.Remove("nowhere/x"), com.ErrNotFound, "nowhere")
	dead := newThing("dead")
	dead.Release()
	wantError(t, d.Register("dead", dead), com.ErrGone, "dead")
	if obj.Refs() != 1 {
		t.Fatalf("failed registrations kept %d references", obj.Refs()-1)
	}
	small := NewDir(2)
	register(t, small, "1", obj)
	register(t, small, "2", obj)
	wantError(t, small.Register("3", obj), com.ErrQuota, "3")
	if err := small.Put("2", obj); err != nil {
		t.Fatal(err)
	}
}

func TestMount(t *testing.T) {
	d, m := NewDir(0), tree(t, "a/b")
	register(t, d, "x/y", m)
	if o := bind(t, d, "x/y/a/b").(*thing); o.name != "a/b" {
		t.Fatal(o.name)
	}
	// What a mounted Dir gets is seen through the mount, both ways.
	register(t, d, "x/y/c", newThing("c"))
	if bind(t, m, "c") != bind(t, d, "x/y/c") {
		t.Fatal("two objects")
	}
	if err := d.Remove("x/y"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Bind(ctx, "x/y/c"); !errors.Is(err, com.ErrNotFound) {
		t.Fatal(err)
	}
	if m.Refs() != 1 {
		t.Fatalf("%d references to what was mounted", m.Refs())
	}
}

func TestARingOfMountsEnds(t *testing.T) {
	d := NewDir(0)
	register(t, d, "me", d)
	if bind(t, d, strings.Repeat("/me", MaxDepth)) != d {
		t.Fatal("not itself")
	}
	_, err := d.Bind(ctx, strings.Repeat("/me", MaxDepth+1))
	wantError(t, err, com.ErrInvalid, "me")
}

// TestDirModel compares a Dir with a map of paths.
func TestDirModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, model := NewDir(0), map[string]*thing{}
		path := rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 3).Draw(t, "path"), "/")
		})
		dirs := map[string]bool{"": true}
		above := func(p string) (leaf bool) {
			for q, _ := split(p); q != ""; q, _ = split(q) {
				leaf = leaf || model[q] != nil
			}
			return leaf
		}
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			p := path.Draw(t, "at")
			switch rapid.IntRange(0, 2).Draw(t, "op") {
			case 0:
				o := newThing(p)
				err := d.Register(p, o)
				taken := model[p] != nil || dirs[p]
				if (err != nil) != (taken || above(p)) {
					t.Fatalf("register %s: %v", p, err)
				}
				if err == nil {
					model[p] = o
					for q, _ := split(p); q != ""; q, _ = split(q) {
						dirs[q] = true
					}
				}
				o.Release()
			case 1:
				err := d.Remove(p)
				if (err == nil) != (model[p] != nil || dirs[p]) {
					t.Fatalf("remove %s: %v", p, err)
				}
				if err == nil {
					for q, o := range model {
						if _, ok := below(q, p); ok {
							if o.Refs() != 0 {
								t.Fatalf("%s has %d references", q, o.Refs())
							}
							delete(model, q)
						}
					}
					for q := range dirs {
						if _, ok := below(q, p); ok && q != "" {
							delete(dirs, q)
						}
					}
				}
			case 2:
				o, err := d.Bind(ctx, p)
				if (err == nil) != (model[p] != nil || dirs[p]) || model[p] != nil && o != com.Unknown(model[p]) {
					t.Fatalf("bind %s: %v, %v", p, o, err)
				}
				if err == nil {
					o.Release()
				}
			}
			for dir := range dirs {
				want := map[string]bool{}
				for q := range model {
					if rest, ok := below(q, dir); ok && rest != "" {
						elem, more := next(rest)
						want[elem] = want[elem] || more != ""
					}
				}
				for q := range dirs {
					if rest, ok := below(q, dir); ok && rest != "" {
						elem, _ := next(rest)
						want[elem] = true
					}
				}
				list, err := d.List(ctx, dir)
				if err != nil || len(list) != len(want) {
					t.Fatalf("list %q: %v, %v, want %v", dir, list, err, want)
				}
				for i, e := range list {
					if isDir, ok := want[e.Name]; !ok || isDir != e.Directory || i > 0 && list[i-1].Name >= e.Name {
						t.Fatalf("list %q: %v, want %v", dir, list, want)
					}
				}
			}
		}
	})
}

// TestDirUnderLoad registers, removes and binds the same names at once. At the
// end no reference may be left.
func TestDirUnderLoad(t *testing.T) {
	d := NewDir(0)
	var things []*thing
	for i := range 8 {
		things = append(things, newThing(fmt.Sprint(i)))
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 2000 {
				o := things[(i*7+w)%len(things)]
				path := fmt.Sprintf("dir%d/%s", i%2, o.name)
				switch (i + w) % 4 {
				case 0:
					if err := d.Register(path, o); err != nil && !errors.Is(err, com.ErrExists) {
						t.Error(err)
					}
				case 1:
					if err := d.Put(path, o); err != nil {
						t.Error(err)
					}
				case 2:
					if err := d.Remove(path); err != nil && !errors.Is(err, com.ErrNotFound) {
						t.Error(err)
					}
				default:
					if got, err := d.Bind(ctx, path); err == nil {
						got.Release()
					} else if !errors.Is(err, com.ErrNotFound) && !errors.Is(err, com.ErrGone) {
						t.Error(err)
					}
					if _, err := d.List(ctx, ""); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	d.Release()
	for _, o := range things {
		if o.Refs() != 1 {
			t.Errorf("%s has %d references, want 1", o.name, o.Refs())
		}
	}
}

func BenchmarkBind(b *testing.B) {
	d := tree(b, "a/b/c", "top")
	for i := range 100 {
		register(b, d, fmt.Sprintf("a/n%d", i), newThing("n"))
	}
	for _, path := range []string{"/top", "/a/b/c"} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				o, err := d.Bind(ctx, path)
				if err != nil {
					b.Fatal(err)
				}
				o.Release()
			}
		})
	}
}

func TestBindAllocatesNothing(t *testing.T) {
	d := tree(t, "a/b/c")
	if n := testing.AllocsPerRun(100, func() { bind(t, d, "/a/b/c").Release() }); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}
