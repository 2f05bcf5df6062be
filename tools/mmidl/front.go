package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"sort"
	"strings"
)

const (
	comPath    = "firmware/com" // below the module
	ipcPath    = "firmware/ipc"
	mutatePath = "firmware/mutate"

	maxMethods = 1023     // ten bits on the wire, one number kept back
	maxMessage = 16 << 20 // ipc.MaxMessage
)

// A problem is a reason why a contract cannot be carried.
type problem struct {
	pos  token.Position
	text string
}

func (p problem) String() string {
	if !p.pos.IsValid() {
		return p.text
	}
	return fmt.Sprintf("%s: %s", p.pos, p.text)
}

// front turns type-checked source into the model. It collects all problems
// instead of stopping at the first.
type front struct {
	*loader
	problems []problem
	taken    map[token.Pos]bool // directives that mean something
	structs  map[*types.TypeName]*Struct
	decls    map[types.Object]decl
	holders  map[*types.Package]bool // packages with contracts
	carried  *[]*Struct              // where new structs are entered
	pkg      *types.Package
	pending  []ast.Expr // types that did not check
}

// decl is where a type is declared.
type decl struct {
	spec *ast.TypeSpec
	doc  *ast.CommentGroup
}

func newFront(l *loader) *front {
	return &front{
		loader:  l,
		taken:   map[token.Pos]bool{},
		structs: map[*types.TypeName]*Struct{},
		decls:   map[types.Object]decl{},
		holders: map[*types.Package]bool{},
	}
}

func (f *front) refuse(pos token.Pos, format string, args ...any) {
	f.problems = append(f.problems, problem{f.fset.Position(pos), fmt.Sprintf(format, args...)})
}

// unknowns refuses the types that did not check, unless the type checker's own
// complaint about the line says it better.
func (f *front) unknowns() {
	for _, expr := range f.pending {
		at, said := f.fset.Position(expr.Pos()), false
		for _, p := range f.problems {
			said = said || p.pos.Filename == at.Filename && p.pos.Line == at.Line
		}
		if !said {
			f.refuse(expr.Pos(), "%s is not a known type", types.ExprString(expr))
		}
	}
	f.pending = nil
}

// sorted returns the problems in the order of the source, each once.
func (f *front) sorted() []problem {
	sort.SliceStable(f.problems, func(i, j int) bool {
		a, b := f.problems[i].pos, f.problems[j].pos
		if a.Filename != b.Filename {
			return a.Filename < b.Filename
		}
		return a.Offset < b.Offset
	})
	var out []problem
	for i, p := range f.problems {
		if i == 0 || p != f.problems[i-1] {
			out = append(out, p)
		}
	}
	return out
}

// analyse makes the model of the packages in dirs. The model is of use only if
// there are no problems.
func analyse(l *loader, dirs []string) ([]*Package, []problem, error) {
	sources, err := l.load(dirs)
	if err != nil {
		return nil, nil, err
	}
	f := newFront(l)
	for _, s := range l.sources {
		f.index(s)
	}
	var pkgs []*Package
	for _, s := range sources {
		pkgs = append(pkgs, f.pack(s))
	}
	return pkgs, f.sorted(), nil
}

// index notes the type declarations of a package and whether it has contracts.
func (f *front) index(s *source) {
	if s.pkg == nil {
		return
	}
	for _, file := range s.files {
		for _, d := range file.Decls {
			gen, ok := d.(*ast.GenDecl)
			if !ok || gen.Tok != token.TYPE {
				continue
			}
			for _, sp := range gen.Specs {
				spec := sp.(*ast.TypeSpec)
				doc := spec.Doc
				if doc == nil && !gen.Lparen.IsValid() {
					doc = gen.Doc
				}
				if hasDirective(doc, "contract") {
					f.holders[s.pkg] = true
				}
				if obj := s.info.Defs[spec.Name]; obj != nil {
					f.decls[obj] = decl{spec, doc}
				}
			}
		}
	}
}

// pack makes the model of one package.
func (f *front) pack(s *source) *Package {
	p := &Package{Path: s.path, Name: s.pkg.Name(), Dir: s.dir, types: s.pkg}
	f.pkg, f.carried = s.pkg, &p.Structs
	f.structs = map[*types.TypeName]*Struct{}
	before := len(f.problems)
	for _, file := range s.files {
		for _, d := range file.Decls {
			gen, ok := d.(*ast.GenDecl)
			if !ok || gen.Tok != token.TYPE {
				continue
			}
			for _, sp := range gen.Specs {
				spec := sp.(*ast.TypeSpec)
				obj := s.info.Defs[spec.Name]
				if obj != nil && hasDirective(f.decls[obj].doc, "contract") {
					if c := f.contract(s, obj, f.decls[obj]); c != nil {
						p.Contracts = append(p.Contracts, c)
					}
				}
			}
		}
	}
	f.sweep(s)
	f.names(s, p)
	for _, e := range s.errs {
		if !generatedName(p, e.Msg) {
			f.refuse(e.Pos, "%s", strings.TrimSpace(e.Msg))
		}
	}
	f.unknowns()
	if len(f.problems) == before {
		for _, c := range p.Contracts {
			c.IID = iid(c)
		}
	}
	return p
}

// names refuses declarations that the generated ones would meet.
func (f *front) names(s *source, p *Package) {
	for name, what := range topLevelNames(p) {
		if obj := s.pkg.Scope().Lookup(name); obj != nil {
			f.refuse(obj.Pos(), "%s is the name of the generated %s", name, what)
		}
	}
}

// generatedName reports whether a type error is about a name that is missing
// only because the loader leaves generated files out.
func generatedName(p *Package, msg string) bool {
	name, ok := strings.CutPrefix(msg, "undefined: ")
	return ok && topLevelNames(p)[name] != ""
}

// contract makes the model of one interface.
func (f *front) contract(s *source, obj types.Object, d decl) *Contract {
	c := &Contract{Package: s.pkg.Name(), Name: d.spec.Name.Name, Doc: docText(d.doc), Pos: f.fset.Position(d.spec.Pos())}
	f.contractDirectives(c, d.doc)
	at := d.spec.Name.Pos()
	switch {
	case d.spec.Assign.IsValid():
		f.refuse(at, "contract %s is an alias: declare an interface", c.Name)
		return nil
	case d.spec.TypeParams != nil:
		f.refuse(at, "contract %s is generic: its IID could not name one set of parameters", c.Name)
		return nil
	case !d.spec.Name.IsExported():
		f.refuse(at, "contract %s is not exported: no other domain could name it", c.Name)
	case c.Doc == "":
		f.refuse(at, "contract %s has no doc comment: it has to say what it is, in which units, who owns what, and how it fails", c.Name)
	}
	it, ok := d.spec.Type.(*ast.InterfaceType)
	if !ok {
		f.refuse(at, "contract %s is no interface", c.Name)
		return nil
	}
	base := false
	for i, m := range it.Methods.List {
		switch {
		case len(m.Names) == 0 && f.isUnknown(s.info.Types[m.Type].Type):
			base = true
			if i != 0 {
				f.refuse(m.Pos(), "com.Unknown stands first in a contract")
			}
		case len(m.Names) == 0:
			f.refuse(m.Pos(), "contract %s embeds %s: it may embed only com.Unknown, an object that speaks both answers Query for each", c.Name, types.ExprString(m.Type))
		default:
			c.Methods = append(c.Methods, f.method(s, c, m))
		}
	}
	if !base {
		f.refuse(at, "contract %s does not embed com.Unknown: every object can be queried and counted", c.Name)
	}
	if len(c.Methods) == 0 {
		f.refuse(at, "contract %s has no methods", c.Name)
	}
	if len(c.Methods) > maxMethods {
		f.refuse(at, "contract %s has %d methods, the most that can be numbered is %d", c.Name, len(c.Methods), maxMethods)
	}
	for i, m := range c.Methods {
		m.Number = i
	}
	return c
}

// docText is a comment without its directives.
func docText(doc *ast.CommentGroup) string {
	if doc == nil {
		return ""
	}
	return strings.TrimSpace(doc.Text())
}
