// Package mmlite_test holds the house to its rules: which package may see which,
// and what may be used where.
package mmlite_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/mmlite/mmlite/"

// floors are the storeys of the house, lowest first. A package may import what
// stands on a lower floor or in its own tree.
var floors = map[string]int{
	"firmware":   0,
	"contracts":  1,
	"synth":      2,
	"mixer":      2,
	"graphics":   2,
	"mmd":        2,
	"hostdriver": 2,
	"boards":     3,
	"tools":      4,
	// Host programs that show how the driver is used.
	"hostdriver/examples": 4,
	// What the tests of the whole house are in.
	".": 5,
}

// neighbours are the trees on a package's own floor that it may import all the
// same: the synthesizer plays into the mixer, and mmlite demo shows examples.
var neighbours = map[string][]string{"synth": {"mixer"}, "tools": {"hostdriver/examples"}}

// portable are the trees that see hardware and system only through
// firmware/machine.
var portable = []string{"firmware", "contracts", "mmd", "synth", "mixer", "graphics"}

// atTheSystem are packages in those trees that stand between the system and the
// rest.
var atTheSystem = map[string]string{
	"firmware/machine/host": "it is the machine that a process has",
	"firmware/fs":           "it shows files of the host, through os.Root",
}

// libraries says who may import what other modules offer. The main module stays
// light: a newcomer downloads what tools/mmlite needs. Peers and generators live
// in modules of their own.
var libraries = map[string][]string{
	"github.com/alecthomas/kong":     {"tools/mmlite"},
	"github.com/coder/websocket":     {"tools"},
	"github.com/ebitengine/oto/v3":   {"boards/hosted/sound"},
	"github.com/go-audio/audio":      {"_test"},
	"github.com/go-audio/wav":        {"_test"},
	"github.com/google/gousb":        {"hostdriver/usb"},
	"github.com/jfreymuth/pulse":     {"boards/hosted/sound"},
	"github.com/godbus/dbus/v5":      {"firmware/machine/host"},
	"github.com/schollz/progressbar": {"tools"},
	"github.com/usbarmory/tamago":    {"boards/metal", "boards/qemupc", "boards/usbarmory", "boards/raspberrypi", "boards/driver"},
	"gitlab.com/gomidi/midi/v2":      {"tools", "synth", "hostdriver/dmusic", "boards/metal"},
	"golang.org/x/image":             {"tools", "boards/screen"},
	"golang.org/x/sys/cpu":           portable,
	"golang.org/x/sys":               {"_test", "firmware/machine/host", "hostdriver", "boards", "tools"},
	"golang.org/x/term":              {"tools"},
	"golang.org/x/tools":             {"tools/mmidl", "tools/mmvet"},
	"go.uber.org/goleak":             {"_test"},
	"pgregory.net/rapid":             {"_test"},
	"github.com/google/go-cmp":       {"_test"},
}

// source is one file of the main module.
type source struct {
	path    string // with slashes, from the root
	pkg     string // its folder
	test    bool
	imports []string
	ast     *ast.File
	set     *token.FileSet
}

// under reports whether pkg is tree or lies in it.
func under(pkg, tree string) bool { return pkg == tree || strings.HasPrefix(pkg, tree+"/") }

// treeOf is the longest key of floors that pkg lies in.
func treeOf(pkg string) string {
	for p := pkg; ; p = path.Dir(p) {
		if _, ok := floors[p]; ok || p == "." {
			return p
		}
	}
}

// sources parses every file of the main module, whatever system it is for.
func sources(t *testing.T) (all []source) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); base == "testdata" || base == "vendor" || len(base) > 1 && base[0] == '.' {
				return fs.SkipDir
			}
			if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil && name != "." {
				return fs.SkipDir // a module of its own
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return err
		}
		s := source{path: filepath.ToSlash(name), test: strings.HasSuffix(name, "_test.go"), ast: f, set: set}
		s.pkg = path.Dir(s.path)
		for _, i := range f.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, p)
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("only %d files were found", len(all))
	}
	return all
}

// mayImport says whether a file may import a package of this module, and if not,
// why.
func mayImport(s *source, target string) (why string) {
	from, to := treeOf(s.pkg), treeOf(target)
	switch {
	case from == to:
		return ""
	case to == ".":
		return "stands in no tree of the house"
	case floors[to] > floors[from]:
		return "stands on a higher floor"
	case floors[to] < floors[from]:
		return ""
	case s.test:
		return "" // a test may put neighbours together
	case slices.Contains(neighbours[from], to):
		return ""
	case from == "hostdriver":
		return "is an implementation, and the host driver calls it over the link only"
	}
	return "stands on the same floor"
}

// Rule 1: arrows point down.
func TestArrowsPointDown(t *testing.T) {
	for _, s := range sources(t) {
		if treeOf(s.pkg) == "." && s.pkg != "." {
			t.Errorf("%s: the folder stands on no floor of the house", s.path)
			continue
		}
		for _, i := range s.imports {
			if target, ours := strings.CutPrefix(i, module); ours {
				if why := mayImport(&s, target); why != "" {
					t.Errorf("%s imports %s, which %s", s.path, target, why)
				}
			}
		}
	}
}

// The rule itself is tested, too: a rule that allows everything holds nothing.
func TestArrowsThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		file, target string
		allowed      bool
	}{
		{"firmware/thread/x.go", "firmware/sched", true},
		{"firmware/thread/x.go", "contracts/audio", false},
		{"firmware/thread/x_test.go", "hostdriver", false},
		{"contracts/audio/x.go", "firmware/com", true},
		{"contracts/audio/x.go", "synth", false},
		{"synth/x.go", "mixer/output", true},
		{"mixer/x.go", "synth", false},
		{"hostdriver/x.go", "mmd", false},
		{"hostdriver/x_test.go", "mmd", true},
		{"hostdriver/x.go", "boards/hosted", false},
		{"hostdriver/examples/y/x.go", "hostdriver", true},
		{"hostdriver/x.go", "hostdriver/examples/y", false},
		{"boards/hosted/x.go", "synth", true},
		{"boards/hosted/x_test.go", "tools/mmlite", false},
		{"tools/mmlite/x.go", "boards/hosted", true},
		{"tools/mmlite/x.go", "elsewhere", false},
	} {
		s := source{path: c.file, pkg: path.Dir(c.file), test: strings.HasSuffix(c.file, "_test.go")}
		if why := mayImport(&s, c.target); (why == "") != c.allowed {
			t.Errorf("%s imports %s: %q", c.file, c.target, why)
		}
	}
}

// Rule 2: what runs on cards sees the system only through firmware/machine.
func TestPortableTreesSeeNoSystem(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || !slices.Contains(portable, strings.Split(s.pkg, "/")[0]) || atTheSystem[s.pkg] != "" {
			continue
		}
		for _, i := range s.imports {
			for _, no := range []string{"os", "net", "syscall", "plugin", "C", "runtime/cgo", "golang.org/x/sys"} {
				// x/sys/cpu asks the processor, not the system.
				if under(i, no) && i != "golang.org/x/sys/cpu" {
					t.Errorf("%s imports %s", s.path, i)
				}
			}
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Sleep", "NewTicker", "Tick"}, sel.Sel.Name) {
				t.Errorf("%s: time.%s: the clock is firmware/machine's", s.set.Position(sel.Pos()), sel.Sel.Name)
			}
			return true
		})
	}
}

// Nothing anywhere needs a C compiler.
func TestNoCgo(t *testing.T) {
	for _, s := range sources(t) {
		if slices.Contains(s.imports, "C") {
			t.Errorf("%s imports C", s.path)
		}
	}
}

// Rule 6: nothing registers itself when a program starts. Generated code may
// close a circle between its own variables.
func TestNoInitOnCards(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || ast.IsGenerated(s.ast) || under(s.pkg, "tools") {
			continue
		}
		for _, d := range s.ast.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: init", s.set.Position(f.Pos()))
			}
		}
	}
}

// Rule 9: the main module stays light, and each library has its place.
func TestLibrariesHaveTheirPlace(t *testing.T) {
	for _, s := range sources(t) {
		for _, i := range s.imports {
			if !strings.Contains(strings.Split(i, "/")[0], ".") || strings.HasPrefix(i, module) {
				continue
			}
			allowed := false
			known := ""
			for lib, users := range libraries {
				if !under(i, lib) {
					continue
				}
				known = lib
				for _, u := range users {
					allowed = allowed || under(s.pkg, u) || u == "_test" && s.test
				}
			}
			if known == "" {
				t.Errorf("%s imports %s, which is not among the libraries of this module", s.path, i)
			} else if !allowed {
				t.Errorf("%s imports %s, whose place is %v", s.path, i, libraries[known])
			}
		}
	}
}

// Every package says what it is.
func TestPackagesAreDocumented(t *testing.T) {
	doc := map[string]bool{}
	for _, s := range sources(t) {
		if !s.test {
			doc[s.pkg] = doc[s.pkg] || s.ast.Doc != nil
		}
	}
	for pkg, ok := range doc {
		if !ok {
			t.Errorf("package %s has no doc comment", pkg)
		}
	}
}

var mapLine = regexp.MustCompile("(?m)^(  )?([a-z][a-z0-9/]*)/ ")

// The map of folders in the README leads somewhere.
func TestMapOfFolders(t *testing.T) {
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(b), "## The folders")
	if !ok {
		t.Fatal("README.md has no map of folders")
	}
	_, rest, _ = strings.Cut(rest, "```\n")
	folders, _, _ := strings.Cut(rest, "```")
	parent, seen := "", map[string]bool{}
	for _, m := range mapLine.FindAllStringSubmatch(folders, -1) {
		name := m[2]
		if m[1] == "" {
			parent = name
		} else {
			name = parent + "/" + name
		}
		seen[name] = true
		if info, err := os.Stat(name); err != nil || !info.IsDir() {
			t.Errorf("README.md shows a folder %s, which is not there", name)
		}
	}
	for tree := range floors {
		if tree != "." && !seen[tree] {
			if _, err := os.Stat(tree); err == nil {
				t.Errorf("README.md does not show %s", tree)
			}
		}
	}
}
