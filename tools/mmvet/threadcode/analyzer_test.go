package threadcode

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
)

// loader runs the analyzer over packages of testdata/src, dependencies first, and
// carries the facts. It is what analysistest does, without go/packages and the
// modules that needs.
type loader struct {
	t     *testing.T
	fset  *token.FileSet
	std   types.Importer
	pkgs  map[string]*types.Package
	facts map[factKey]analysis.Fact
	found map[string][]string // by file:line
	want  map[string][]string
}

type factKey struct {
	object types.Object
	kind   reflect.Type
}

func (l *loader) Import(path string) (*types.Package, error) {
	if p := l.pkgs[path]; p != nil {
		return p, nil
	}
	dir := filepath.Join("testdata", "src", filepath.FromSlash(path))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return l.std.Import(path)
	}
	var files []*ast.File
	for _, e := range entries {
		f, err := parser.ParseFile(l.fset, filepath.Join(dir, e.Name()), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
		l.expect(f)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{},
		Implicits: map[ast.Node]types.Object{}, Scopes: map[ast.Node]*types.Scope{},
	}
	cfg := types.Config{Importer: l}
	pkg, err := cfg.Check(path, l.fset, files, info)
	if err != nil {
		return nil, err
	}
	l.pkgs[path] = pkg
	_, err = Analyzer.Run(&analysis.Pass{
		Analyzer: Analyzer, Fset: l.fset, Files: files, Pkg: pkg, TypesInfo: info,
		Report: func(d analysis.Diagnostic) { l.note(d.Pos, d.Message) },
		ImportObjectFact: func(o types.Object, f analysis.Fact) bool {
			known, ok := l.facts[factKey{o, reflect.TypeOf(f)}]
			if ok {
				reflect.ValueOf(f).Elem().Set(reflect.ValueOf(known).Elem())
			}
			return ok
		},
		ExportObjectFact: func(o types.Object, f analysis.Fact) {
			l.facts[factKey{o, reflect.TypeOf(f)}] = f
			l.note(o.Pos(), o.Name()+":"+fmt.Sprint(f))
		},
	})
	return pkg, err
}

func (l *loader) line(pos token.Pos) string {
	p := l.fset.Position(pos)
	return fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line)
}

func (l *loader) note(pos token.Pos, s string) {
	l.found[l.line(pos)] = append(l.found[l.line(pos)], s)
}

var expectation = regexp.MustCompile("(\\w+:)?(\"[^\"]*\"|`[^`]*`)")

// expect reads comments of the form: want "message" name:"fact".
func (l *loader) expect(f *ast.File) {
	for _, g := range f.Comments {
		for _, c := range g.List {
			text := strings.TrimLeft(c.Text, "/* ")
			if !strings.HasPrefix(text, "want ") {
				continue
			}
			for _, m := range expectation.FindAllStringSubmatch(text, -1) {
				pattern, err := strconv.Unquote(m[2])
				if err != nil {
					l.t.Fatal(err)
				}
				l.want[l.line(c.Pos())] = append(l.want[l.line(c.Pos())], m[1]+pattern)
			}
		}
	}
}

func (l *loader) check() {
	for line, patterns := range l.want {
		for _, p := range patterns {
			re := regexp.MustCompile(p)
			hit := -1
			for i, s := range l.found[line] {
				if re.MatchString(s) {
					hit = i
					break
				}
			}
			if hit < 0 {
				l.t.Errorf("%s: nothing matches %q; found %q", line, p, l.found[line])
				continue
			}
			l.found[line] = append(l.found[line][:hit], l.found[line][hit+1:]...)
		}
	}
	for line, rest := range l.found {
		for _, s := range rest {
			l.t.Errorf("%s: unexpected: %s", line, s)
		}
	}
}

func TestAnalyzer(t *testing.T) {
	if err := Analyzer.Flags.Set("under", "example.test"); err != nil {
		t.Fatal(err)
	}
	defer Analyzer.Flags.Set("under", "github.com/mmlite/mmlite")
	if err := analysis.Validate([]*analysis.Analyzer{Analyzer}); err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	l := &loader{
		t: t, fset: fset, std: importer.ForCompiler(fset, "gc", nil),
		pkgs: map[string]*types.Package{}, facts: map[factKey]analysis.Fact{},
		found: map[string][]string{}, want: map[string][]string{},
	}
	for _, path := range []string{"example.test/a", "example.test/synth/voices"} {
		if _, err := l.Import(path); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.want) < 30 {
		t.Fatalf("%d lines with expectations only", len(l.want))
	}
	l.check()
}
