package namespace

import (
	"errors"
	"strings"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
)

func elements(path string) []string {
	var list []string
	for elem, rest := next(path); elem != ""; elem, rest = next(rest) {
		list = append(list, elem)
	}
	return list
}

func TestPaths(t *testing.T) {
	for path, want := range map[string]string{
		"": "", "/": "", "a": "a", "/a": "a", "a/": "a", "/a/b": "a b", "a/b/": "a b", "/...": "...", "/é/1": "é 1",
		strings.Repeat("/x", MaxDepth): strings.TrimSpace(strings.Repeat("x ", MaxDepth)),
	} {
		if err := checkPath(path); err != nil {
			t.Errorf("%q: %v", path, err)
		} else if got := strings.Join(elements(path), " "); got != want || clean(path) != strings.ReplaceAll(want, " ", "/") {
			t.Errorf("%q: %q, %q", path, got, clean(path))
		}
	}
	for path, elem := range map[string]string{
		"//": "", "//a": "", "a//b": "", "a/b//": "", "a/../b": `".."`, ".": `"."`, "/a/./b": `"."`, "a\x00": `\x00`,
		"a/\xff/b": `\xff`, "a\n/b": `\n`, strings.Repeat("/x", MaxDepth+1): `"x"`, strings.Repeat("x", MaxPath+1): "1025 bytes",
	} {
		err := checkPath(path)
		if !errors.Is(err, com.ErrInvalid) || !strings.Contains(err.Error(), elem) {
			t.Errorf("%q: %v", path, err)
		}
	}
}

func FuzzPath(f *testing.F) {
	f.Add("/a/b/c")
	f.Add("a//..\x00/")
	f.Fuzz(func(t *testing.T, path string) {
		if checkPath(path) != nil {
			return
		}
		list := elements(path)
		if strings.Join(list, "/") != clean(path) || len(list) > MaxDepth {
			t.Fatalf("%q is %q", path, list)
		}
		for _, e := range list {
			if e == ".." || strings.Contains(e, "/") {
				t.Fatalf("%q has element %q", path, e)
			}
		}
		parent, last := split(clean(path))
		if join(parent, last) != clean(path) {
			t.Fatalf("%q splits into %q, %q", path, parent, last)
		}
		if rest, ok := below(clean(path), parent); !ok || rest != last {
			t.Fatalf("%q below %q: %q, %v", path, parent, rest, ok)
		}
	})
}
