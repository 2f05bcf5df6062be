package main

import "strings"

// cell writes a binding of the contract whose implementation can be replaced
// while it is called, at the price of an atomic load.
func (w *writer) cell(c *Contract) {
	w.cellType(c, "Cell", "Cell["+c.Name+"]", "",
		"is a "+c.Name+" whose implementation can be replaced under its callers\n"+
			"// by Binding.Swap. It is the object's identity whatever is inside.")
	w.f("\nfunc (c *%sCell) end() {\nif impl, err := c.Binding.Close(); err == nil {\nimpl.Release()\n}\n}", c.Name)
	for _, m := range c.Methods {
		params, results := w.locals(m)
		w.f("\nfunc (c *%sCell) %s {", c.Name, w.signature(m, params))
		w.f("impl, err := c.Binding.Load()\nif err != nil {\n%s\n}", w.failure(results))
		w.f("return impl.%s(%s)\n}", m.Name, arguments(m, params, "ctx"))
	}
}

// draining writes a binding that also knows who is inside, so that a mutator
// can wait for them.
func (w *writer) draining(c *Contract) {
	w.cellType(c, "Draining", "Draining["+c.Name+"]", ", o "+w.mutate()+".Options",
		"is a "+c.Name+" whose implementation can be replaced when no call\n"+
			"// is inside, by Binding.Replace. It is the object's identity whatever is inside.")
	ctx := w.use("context", "context")
	w.f("\nfunc (c *%sDraining) end() {\nif b, err := c.Binding.Close(%s.Background()); err == nil {\nb.Impl().Release()\n}\n}", c.Name, ctx)
	for _, m := range c.Methods {
		params, results := w.locals(m)
		w.f("\nfunc (c *%sDraining) %s {", c.Name, w.signature(m, params))
		enter := "Enter()"
		if m.Context {
			enter = "EnterContext(ctx)"
		}
		w.f("in, err := c.Binding.%s\nif err != nil {\n%s\n}\ndefer in.Exit()", enter, w.failure(results))
		w.f("return in.Impl().%s(%s)\n}", m.Name, arguments(m, params, "ctx"))
	}
}

func (w *writer) cellType(c *Contract, kind, binding, more, doc string) {
	name := c.Name + kind
	w.f("\n// %s %s", name, doc)
	w.f("type %s struct {\n%s.Object\nBinding %s.%s\n}", name, w.com(), w.mutate(), binding)
	w.f("\n// New%s makes a cell with one reference, the caller's. It takes over the", name)
	w.f("// reference to impl and releases what is inside when the cell ends.")
	w.f("func New%s(impl %s%s) (*%s, error) {\nc := &%s{}", name, c.Name, more, name, name)
	arg := ""
	if more != "" {
		arg = ", o"
	}
	w.f("if err := c.Binding.Init(impl%s); err != nil {\nreturn nil, err\n}", arg)
	w.f("c.Object.Init(c, c.end, %sType.For(c))\nreturn c, nil\n}", c.Name)
}

// failure writes the return of zero values and err.
func (w *writer) failure(results []local) string {
	s := "return "
	for _, r := range results {
		s += w.zero(r.Type) + ", "
	}
	return s + "err"
}

// arguments writes what is passed on to an implementation.
func arguments(m *Method, params []local, ctx string) string {
	if m.Context {
		return strings.TrimSuffix(ctx+", "+ids(params), ", ")
	}
	return ids(params)
}
