package main

import (
	"go/ast"
	"go/types"
)

// typeOf makes the model of a type that stands at expr, or refuses it and
// returns nil.
func (f *front) typeOf(expr ast.Expr, t types.Type) *Type {
	if t == nil || t == types.Typ[types.Invalid] {
		f.pending = append(f.pending, expr)
		return nil
	}
	bare := types.Unalias(t)
	named, _ := bare.(*types.Named)
	switch {
	case isNamed(bare, "time", "Duration"):
		return &Type{Kind: Duration, Go: t}
	case isNamed(bare, "time", "Time"):
		f.refuse(expr.Pos(), "time.Time: clocks of two machines differ, use a time.Duration since something both sides know")
		return nil
	case isContext(bare):
		f.refuse(expr.Pos(), "context.Context stands first in a method and nowhere else")
		return nil
	case isError(bare):
		f.refuse(expr.Pos(), "error stands last in a method and nowhere else")
		return nil
	case f.isUnknown(bare), named != nil && types.IsInterface(named):
		return f.reference(expr, t, named)
	case named != nil && named.TypeArgs().Len() > 0:
		f.refuse(expr.Pos(), "%s is generic: declare a type for it", f.short(t))
		return nil
	case named != nil && !f.home(named):
		f.refuse(expr.Pos(), "%s comes from a package without contracts: a contract names only types of packages of contracts", f.short(t))
		return nil
	}
	switch u := bare.Underlying().(type) {
	case *types.Basic:
		return f.basic(expr, t, u)
	case *types.Slice:
		if b, ok := types.Unalias(u.Elem()).(*types.Basic); ok && b.Kind() == types.Uint8 {
			return &Type{Kind: Bytes, Go: t}
		}
		elem := f.typeOf(elemExpr(expr), u.Elem())
		if elem == nil {
			return nil
		}
		return &Type{Kind: Slice, Go: t, Elem: elem}
	case *types.Struct:
		if named == nil {
			f.refuse(expr.Pos(), "a struct without a name: declare a type for it")
			return nil
		}
		return f.composite(expr, t, named, u)
	}
	f.refuse(expr.Pos(), "%s", f.whyNot(t, bare.Underlying()))
	return nil
}

// elemExpr is the element's expression if the slice is written out here.
func elemExpr(expr ast.Expr) ast.Expr {
	if a, ok := expr.(*ast.ArrayType); ok {
		return a.Elt
	}
	return expr
}

// home reports whether a named type belongs to a package of contracts.
func (f *front) home(n *types.Named) bool {
	p := n.Obj().Pkg()
	return p == f.pkg || f.holders[p] || p != nil && p.Path() == f.module+"/"+comPath
}

func (f *front) basic(expr ast.Expr, t types.Type, b *types.Basic) *Type {
	switch {
	case b.Kind() == types.Bool:
		return &Type{Kind: Bool, Go: t}
	case b.Kind() == types.String:
		return &Type{Kind: String, Go: t}
	case numbers[b.Kind()].codec != "":
		return &Type{Kind: Number, Go: t, Number: b.Kind()}
	}
	f.refuse(expr.Pos(), "%s", f.whyNot(t, b))
	return nil
}

// reference makes the model of an interface: com.Unknown or a contract.
func (f *front) reference(expr ast.Expr, t types.Type, named *types.Named) *Type {
	kind := Unknown
	if !f.isUnknown(named) {
		kind = Reference
		if !hasDirective(f.decls[named.Obj()].doc, "contract") {
			f.refuse(expr.Pos(), "%s is an interface but no contract: mark it //mm:contract or pass data", f.short(t))
			return nil
		}
	}
	ref := &Type{Kind: kind, Go: t}
	if kind == Reference {
		ref.Target = named.Obj().Pkg().Name() + "." + named.Obj().Name()
	}
	return ref
}

// composite makes the model of a struct, once for each package.
func (f *front) composite(expr ast.Expr, t types.Type, named *types.Named, u *types.Struct) *Type {
	obj := named.Obj()
	if s, ok := f.structs[obj]; ok {
		if s == nil {
			f.refuse(expr.Pos(), "struct %s contains itself: its depth would have no bound", obj.Name())
			return nil
		}
		return &Type{Kind: Composite, Go: t, Struct: s}
	}
	f.structs[obj] = nil // being made
	d := f.decls[obj]
	s := &Struct{Path: obj.Pkg().Path(), Name: obj.Name(), Doc: docText(d.doc), Go: named}
	if u.NumFields() == 0 {
		f.refuse(expr.Pos(), "struct %s has no fields", obj.Name())
	}
	exprs := fieldExprs(d.spec)
	for i := range u.NumFields() {
		v := u.Field(i)
		at := ast.Expr(&ast.Ident{NamePos: v.Pos(), Name: v.Name()})
		doc := ""
		if i < len(exprs) {
			at = exprs[i].Type
			if doc = docText(exprs[i].Doc); doc == "" {
				doc = docText(exprs[i].Comment)
			}
		}
		switch {
		case v.Embedded():
			f.refuse(v.Pos(), "struct %s embeds %s: name the field", s.Name, v.Name())
		case !v.Exported():
			f.refuse(v.Pos(), "field %s of %s is not exported: it could not travel", v.Name(), s.Name)
		default:
			ft := f.typeOf(at, v.Type())
			s.Fields = append(s.Fields, &Field{Name: v.Name(), Doc: doc, Type: ft})
		}
	}
	f.structDirectives(s, d.doc)
	f.structs[obj] = s
	*f.carried = append(*f.carried, s)
	return &Type{Kind: Composite, Go: t, Struct: s}
}

// fieldExprs returns the syntax of each field, one for each name.
func fieldExprs(spec *ast.TypeSpec) []*ast.Field {
	if spec == nil {
		return nil
	}
	st, ok := spec.Type.(*ast.StructType)
	if !ok {
		return nil
	}
	var fs []*ast.Field
	for _, f := range st.Fields.List {
		for range max(1, len(f.Names)) {
			fs = append(fs, f)
		}
	}
	return fs
}

// whyNot says why a type cannot be carried and what to write instead.
func (f *front) whyNot(t, under types.Type) string {
	name := f.short(t)
	switch u := under.(type) {
	case *types.Basic:
		switch u.Kind() {
		case types.Int:
			return name + " has different sizes on different machines: use int32 or int64"
		case types.Uint:
			return name + " has different sizes on different machines: use uint32 or uint64"
		case types.Uintptr, types.UnsafePointer:
			return name + " is an address, which means nothing on the other side: pass an object or an offset"
		case types.Complex64, types.Complex128:
			return name + ": use a struct of two floats"
		}
	case *types.Map:
		return name + " is a map, which has no order: use a slice of structs"
	case *types.Chan:
		return name + " is a channel, which does not cross domains: pass an object with a one-way method"
	case *types.Signature:
		return name + " is a function: declare a contract with that method and pass an object"
	case *types.Pointer:
		return name + " is a pointer, which means nothing on the other side: pass the value"
	case *types.Array:
		return name + " is an array: use a slice with a //mm:limit, or a struct"
	case *types.Interface:
		if u.Empty() {
			return name + " could hold anything: use a contract, com.Unknown or a concrete type"
		}
		return name + " is an interface without a name: declare a contract"
	}
	return name + " cannot be carried"
}

// short writes a type with package names, not paths.
func (f *front) short(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == f.pkg {
			return ""
		}
		return p.Name()
	})
}
