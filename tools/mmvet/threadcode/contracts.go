package threadcode

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// contract is the fact that an interface is called across domains.
type contract struct{}

func (*contract) AFact() {}

func (*contract) String() string { return "contract" }

// card are the folders whose objects live on a card.
var card = "firmware,mmd,synth,mixer,graphics"

// onCard reports whether a package is in one of them.
func onCard(path string) bool {
	rest := strings.TrimPrefix(path, under+"/")
	first, _, _ := strings.Cut(rest, "/")
	for _, c := range strings.Split(card, ",") {
		if first == c {
			return true
		}
	}
	return false
}

// contracts exports the fact of the package's own contracts.
func (g *graph) contracts() {
	for _, f := range g.pass.Files {
		for _, d := range f.Decls {
			gen, ok := d.(*ast.GenDecl)
			if !ok || gen.Tok != token.TYPE {
				continue
			}
			for _, s := range gen.Specs {
				ts := s.(*ast.TypeSpec)
				if !marked(gen.Doc, "//mm:contract") && !marked(ts.Doc, "//mm:contract") {
					continue
				}
				if name, ok := g.pass.TypesInfo.Defs[ts.Name].(*types.TypeName); ok && types.IsInterface(name.Type()) {
					g.pass.ExportObjectFact(name, new(contract))
				}
			}
		}
	}
}

// implementers makes the methods of a card's objects run on threads: those by
// which the package's types implement contracts that it or its imports have. Those
// in generated files are proxies, which serve hosts too.
func (g *graph) implementers() {
	if !onCard(g.pass.Pkg.Path()) {
		return
	}
	var known []*types.TypeName
	for _, p := range append([]*types.Package{g.pass.Pkg}, g.pass.Pkg.Imports()...) {
		for _, name := range p.Scope().Names() {
			if tn, ok := p.Scope().Lookup(name).(*types.TypeName); ok && g.pass.ImportObjectFact(tn, new(contract)) {
				known = append(known, tn)
			}
		}
	}
	for _, name := range g.pass.Pkg.Scope().Names() {
		tn, ok := g.pass.Pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() || types.IsInterface(tn.Type()) || tn.Type().(*types.Named).TypeParams().Len() > 0 {
			continue
		}
		for _, c := range known {
			iface := c.Type().Underlying().(*types.Interface)
			if iface.NumMethods() == 0 || !types.Implements(types.NewPointer(tn.Type()), iface) {
				continue
			}
			for m := range iface.Methods() {
				o, _, _ := types.LookupFieldOrMethod(types.NewPointer(tn.Type()), false, g.pass.Pkg, m.Name())
				if fn, ok := o.(*types.Func); ok {
					if n := g.decls[fn]; n != nil && n.root == "" && !n.generated {
						n.root = "it implements contract " + c.Pkg().Name() + "." + c.Name()
					}
				}
			}
		}
	}
}
