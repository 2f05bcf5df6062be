package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// generatedSuffix ends the names of generated Go files. The loader leaves them
// out, so a stale or broken one never keeps the compiler from replacing it.
const generatedSuffix = "_mm.go"

// A source is one type-checked package of the main module.
type source struct {
	path    string // import path
	dir     string
	files   []*ast.File
	pkg     *types.Package
	info    *types.Info
	errs    []types.Error
	imports []string
}

// A loader type-checks packages of one module from source, function bodies
// left out, and takes everything else from the go command's build cache. Only
// the packages that contracts name are read, so a load takes a fraction of a
// second and no network.
type loader struct {
	fset    *token.FileSet
	root    string // folder of go.mod
	module  string // its module path
	sources map[string]*source
	exports map[string]string // import path of a package elsewhere: its export data
	gc      types.Importer
}

func newLoader(dir string) (*loader, error) {
	root, module, err := findModule(dir)
	if err != nil {
		return nil, err
	}
	l := &loader{
		fset: token.NewFileSet(), root: root, module: module,
		sources: map[string]*source{}, exports: map[string]string{},
	}
	l.gc = importer.ForCompiler(l.fset, "gc", func(path string) (io.ReadCloser, error) {
		if file := l.exports[path]; file != "" {
			return os.Open(file)
		}
		return nil, fmt.Errorf("no export data for package %s", path)
	})
	return l, nil
}

// findModule looks for go.mod in dir and above.
func findModule(dir string) (root, module string, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	for root = dir; ; root = filepath.Dir(root) {
		text, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if err == nil {
			for line := range strings.Lines(string(text)) {
				if f := strings.Fields(line); len(f) >= 2 && f[0] == "module" {
					return root, strings.Trim(f[1], `"`), nil
				}
			}
			return "", "", fmt.Errorf("%s: no module line", filepath.Join(root, "go.mod"))
		}
		if root == filepath.Dir(root) {
			return "", "", fmt.Errorf("no go.mod in %s or above", dir)
		}
	}
}

// load returns the packages in dirs, in that order.
func (l *loader) load(dirs []string) ([]*source, error) {
	var paths []string
	for _, dir := range dirs {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return nil, err
		}
		rel, err := filepath.Rel(l.root, abs)
		if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return nil, fmt.Errorf("%s is outside the module in %s", dir, l.root)
		}
		p := path.Join(l.module, filepath.ToSlash(rel))
		if err := l.parse(p); err != nil {
			return nil, err
		}
		paths = append(paths, p)
	}
	if err := l.listExports(); err != nil {
		return nil, err
	}
	var out []*source
	for _, p := range paths {
		if _, err := l.Import(p); err != nil {
			return nil, err
		}
		out = append(out, l.sources[p])
	}
	return out, nil
}

// ours reports whether the import path is of the main module.
func (l *loader) ours(p string) bool {
	return p == l.module || strings.HasPrefix(p, l.module+"/")
}

// parse reads the package and, first come first served, those of the main
// module it imports.
func (l *loader) parse(p string) error {
	if l.sources[p] != nil {
		return nil
	}
	dir := filepath.Join(l.root, filepath.FromSlash(strings.TrimPrefix(strings.TrimPrefix(p, l.module), "/")))
	names, err := goFiles(dir)
	if err != nil {
		return err
	}
	s := &source{path: p, dir: dir}
	l.sources[p] = s
	for _, name := range names {
		f, err := parser.ParseFile(l.fset, filepath.Join(dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if len(s.files) > 0 && f.Name.Name != s.files[0].Name.Name {
			return fmt.Errorf("%s: packages %s and %s in one folder", dir, s.files[0].Name.Name, f.Name.Name)
		}
		s.files = append(s.files, f)
		for _, spec := range f.Imports {
			s.imports = append(s.imports, strings.Trim(spec.Path.Value, "\"`"))
		}
	}
	slices.Sort(s.imports)
	s.imports = slices.Compact(s.imports)
	for _, imp := range s.imports {
		if l.ours(imp) {
			if err := l.parse(imp); err != nil {
				return err
			}
		}
	}
	return nil
}

// goFiles names the Go files in dir that this system builds, without tests and
// generated files.
func goFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !strings.HasSuffix(name, ".go") ||
			strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, generatedSuffix) {
			continue
		}
		if ok, err := build.Default.MatchFile(dir, name); err != nil {
			return nil, err
		} else if ok {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no Go files", dir)
	}
	return names, nil
}

// listExports asks the go command where the export data of all packages
// outside the main module is, in one call.
func (l *loader) listExports() error {
	var want []string
	for _, s := range l.sources {
		for _, p := range s.imports {
			if !l.ours(p) && p != "unsafe" && p != "C" && l.exports[p] == "" {
				want = append(want, p)
			}
		}
	}
	if len(want) == 0 {
		return nil
	}
	sort.Strings(want)
	want = slices.Compact(want)
	cmd := exec.Command("go", append([]string{"list", "-export", "-f", "{{.ImportPath}}\t{{.Export}}", "--"}, want...)...)
	cmd.Dir = l.root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list: %v\n%s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	for line := range strings.Lines(string(out)) {
		if p, file, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			l.exports[p] = file
		}
	}
	return nil
}

// Import implements types.Importer.
func (l *loader) Import(p string) (*types.Package, error) {
	if p == "unsafe" {
		return types.Unsafe, nil
	}
	s := l.sources[p]
	if s == nil {
		return l.gc.Import(p)
	}
	if s.pkg != nil {
		if !s.pkg.Complete() {
			return nil, fmt.Errorf("import cycle through %s", p)
		}
		return s.pkg, nil
	}
	s.info = &types.Info{Defs: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{
		Importer:         l,
		IgnoreFuncBodies: true,
		// An import may be used in generated code or bodies alone.
		DisableUnusedImportCheck: true,
		Error: func(err error) {
			if e, ok := err.(types.Error); ok && !e.Soft {
				s.errs = append(s.errs, e)
			}
		},
	}
	s.pkg = types.NewPackage(p, s.files[0].Name.Name)
	_ = types.NewChecker(&conf, l.fset, s.pkg, s.info).Files(s.files) // the errors are in s.errs
	s.pkg.MarkComplete()
	return s.pkg, nil
}
