package main

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"
)

// A compiler may contract x*y + z into one rounding where the product feeds the sum directly, and
// some do. No such sum may stand in the generator, or its bytes depend on the processor; nor may
// functions of package math that round differently from machine to machine.
func TestNoFusableArithmetic(t *testing.T) {
	dirs, err := filepath.Glob("internal/*")
	if err != nil || len(dirs) < 5 {
		t.Fatalf("found %q, %v", dirs, err)
	}
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "source", nil)
	for _, dir := range append(dirs, ".") {
		info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
		files := parse(t, fset, dir)
		config := types.Config{Importer: imports}
		if _, err := config.Check(dir, fset, files, info); err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			inspect(t, fset, info, file)
		}
	}
}

// parse reads the Go files of a folder, tests left out.
func parse(t *testing.T, fset *token.FileSet, dir string) (files []*ast.File) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

func inspect(t *testing.T, fset *token.FileSet, info *types.Info, file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		for _, operand := range summands(n) {
			if fusable(info, operand) {
				t.Errorf("%s: a product feeds a sum: wrap it in float64()", fset.Position(operand.Pos()))
			}
		}
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "math" && !sameEverywhere[s.Sel.Name] {
				t.Errorf("%s: math.%s may round differently from machine to machine", fset.Position(s.Pos()), s.Sel.Name)
			}
		}
		return true
	})
}

// sameEverywhere are the parts of package math that are exact or exactly rounded.
var sameEverywhere = map[string]bool{
	"Abs": true, "Floor": true, "Sqrt": true, "Max": true, "Min": true, "Frexp": true,
	"Float64frombits": true, "Pi": true, "MinInt32": true, "MaxInt32": true, "MaxUint32": true,
}

// summands returns what a node adds or subtracts.
func summands(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if n.Op == token.ADD || n.Op == token.SUB {
			return []ast.Expr{n.X, n.Y}
		}
	case *ast.AssignStmt:
		if n.Tok == token.ADD_ASSIGN || n.Tok == token.SUB_ASSIGN {
			return n.Rhs
		}
	}
	return nil
}

// fusable reports whether an expression is a product of floating-point variables, whatever its
// parentheses and sign.
func fusable(info *types.Info, e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.ParenExpr:
		return fusable(info, x.X)
	case *ast.UnaryExpr:
		return fusable(info, x.X)
	case *ast.BinaryExpr:
		v := info.Types[x]
		basic, ok := v.Type.Underlying().(*types.Basic)
		return x.Op == token.MUL && v.Value == nil && ok && basic.Info()&(types.IsFloat|types.IsComplex) != 0
	}
	return false
}
