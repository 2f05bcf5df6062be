package main

import (
	"go/ast"
	"go/types"
)

// reservedMethods would meet the fields of generated proxies and cells.
var reservedMethods = map[string]string{
	"Proxy":   "generated proxies have a field of that name",
	"Object":  "generated cells have a field of that name",
	"Binding": "generated cells have a field of that name",
}

// method makes the model of one method.
func (f *front) method(s *source, c *Contract, field *ast.Field) *Method {
	name := field.Names[0]
	m := &Method{Name: name.Name, Doc: docText(field.Doc)}
	if !name.IsExported() {
		f.refuse(name.Pos(), "method %s is not exported: no other package could implement %s", m.Name, c.Name)
	} else if m.Doc == "" {
		f.refuse(name.Pos(), "method %s.%s has no doc comment: it has to say what it does, in which units, who owns what, and how it fails", c.Name, m.Name)
	}
	if why := reservedMethods[m.Name]; why != "" {
		f.refuse(name.Pos(), "method %s: %s", m.Name, why)
	}
	sig, ok := field.Type.(*ast.FuncType)
	if !ok {
		return m
	}
	f.params(s, m, sig)
	f.results(s, m, sig)
	f.methodDirectives(m, field.Doc)
	if outs := m.Outs(); len(outs) == 1 && len(m.Results) > 0 {
		r := m.Results[0]
		m.Counted = r.Name == "n" && r.Type != nil && types.Identical(types.Unalias(r.Type.Go), types.Typ[types.Uint32])
	}
	return m
}

func (f *front) params(s *source, m *Method, sig *ast.FuncType) {
	for i, p := range sig.Params.List {
		t := s.info.Types[p.Type].Type
		if e, ok := p.Type.(*ast.Ellipsis); ok {
			f.refuse(e.Pos(), "%s is variadic: take a slice", m.Name)
			continue
		}
		if isContext(t) {
			if i == 0 && len(p.Names) <= 1 {
				m.Context = true
			} else {
				f.refuse(p.Pos(), "context.Context stands first and once")
			}
			continue
		}
		if isError(t) {
			f.refuse(p.Type.Pos(), "error is no parameter: take a com.Code and a string")
			continue
		}
		if len(p.Names) == 0 {
			f.refuse(p.Pos(), "parameter of %s has no name: directives, tools and readers need one", m.Name)
		}
		mt := f.typeOf(p.Type, t)
		for _, n := range p.Names {
			if n.Name == "_" {
				f.refuse(n.Pos(), "parameter of %s has no name: directives, tools and readers need one", m.Name)
			}
			m.Params = append(m.Params, &Param{Name: n.Name, Type: mt})
		}
	}
}

func (f *front) results(s *source, m *Method, sig *ast.FuncType) {
	var list []*ast.Field
	if sig.Results != nil {
		list = sig.Results.List
	}
	if n := len(list); n == 0 || !isError(s.info.Types[list[n-1].Type].Type) {
		f.refuse(sig.Pos(), "%s does not return an error last: any link can fail", m.Name)
	} else {
		if len(list[n-1].Names) > 1 {
			f.refuse(list[n-1].Pos(), "error is the last result and no other")
		}
		list = list[:n-1]
	}
	for _, r := range list {
		t := s.info.Types[r.Type].Type
		if isError(t) {
			f.refuse(r.Pos(), "error is the last result and no other")
			continue
		}
		mt := f.typeOf(r.Type, t)
		if len(r.Names) == 0 {
			m.Results = append(m.Results, &Param{Type: mt})
		}
		for _, n := range r.Names {
			name := n.Name
			if name == "_" {
				name = ""
			}
			m.Results = append(m.Results, &Param{Name: name, Type: mt})
		}
	}
}

func isContext(t types.Type) bool { return isNamed(t, "context", "Context") }

func isError(t types.Type) bool {
	return t != nil && types.Identical(types.Unalias(t), types.Universe.Lookup("error").Type())
}

func isNamed(t types.Type, path, name string) bool {
	if t == nil {
		return false
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == path
}

func (f *front) isUnknown(t types.Type) bool {
	return isNamed(t, f.module+"/"+comPath, "Unknown")
}
