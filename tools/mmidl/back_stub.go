package main

import (
	"fmt"
	"strings"
)

// stub writes the callee's end: decode the parameters, call the object, encode
// the results. Everything is decoded and checked before the object sees any of
// it. A reference received is released when the method returns, also if it
// panics.
func (w *writer) stub(c *Contract) {
	com, ipc := w.com(), w.ipc()
	w.f("\n// %sStub serves calls of %s from other domains.", c.Name, c.Name)
	if w.circular(c) {
		w.f("var %sStub = &%s.Stub{Type: &%sType.Descriptor}", c.Name, ipc, c.Name)
		w.f("\n// Results of %s lead back to its stub, which an initializer could not name.", c.Name)
		w.f("func init() { %sStub.Serve = serve%s }", c.Name, c.Name)
	} else {
		w.f("var %sStub = &%s.Stub{Type: &%sType.Descriptor, Serve: serve%s}", c.Name, ipc, c.Name, c.Name)
	}
	w.f("\nfunc serve%s(in *%s.Incoming, obj %s.Unknown) error {", c.Name, ipc, com)
	w.f("impl, ok := obj.(%s)\nif !ok {", c.Name)
	w.f("if impl, ok = %sType.Proxy(obj); !ok {\nreturn %s.ErrNoInterface\n}\n}", c.Name, com)
	w.f("switch in.Method {")
	for _, m := range c.Methods {
		w.f("case %d:\nreturn serve%s%s(in, impl)", m.Number, c.Name, m.Name)
	}
	w.f("}\nreturn %s.NoMethod(in)\n}", ipc)
	for _, m := range c.Methods {
		w.serve(c, m)
	}
}

func (w *writer) serve(c *Contract, m *Method) {
	params, results := w.locals(m)
	w.f("\nfunc serve%s%s(in *%s.Incoming, impl %s) error {", c.Name, m.Name, w.ipc(), c.Name)
	for _, p := range params {
		if p.Out {
			w.f("%s := in.Args.ReserveLen(%s)", p.size, w.limit(p.Type, p.Limit))
			continue
		}
		w.get("in.Args", "&in.Args", p.id, true, p.Type, p.Limit, true)
		if p.Type.HasRefs() {
			w.f("defer %s", w.release(p.id, p.Type))
		}
	}
	w.f("if err := in.Args.End(); err != nil {\nreturn err\n}")
	out := outs(params)
	w.reserve(out)
	args := arguments(m, params, "in.Context()")
	filled := len(out) > 0 && out[0].IsOutSlice()
	switch {
	case len(results) > 0:
		w.f("%s, err := impl.%s(%s)\nif err != nil {\nreturn err\n}", ids(results), m.Name, args)
	case filled:
		w.f("if err := impl.%s(%s); err != nil {\nreturn err\n}", m.Name, args)
	default:
		w.f("return impl.%s(%s)\n}", m.Name, args)
		return
	}
	rest := results
	if filled {
		part := out[0].id
		if m.Counted {
			part = fmt.Sprintf("%s.Filled(&in.Results, %s, %s)", w.ipc(), part, results[0].id)
			rest = results[1:]
		}
		w.put("in.Results", "&in.Results", part, out[0].Type, out[0].Limit)
	} else if m.Counted {
		w.f("in.Results.Trim(%s, int(%s))", out[0].id, results[0].id)
		rest = results[1:]
	}
	for _, r := range rest {
		w.put("in.Results", "&in.Results", r.id, r.Type, r.Limit)
	}
	w.releaseAll(results)
	w.f("return nil\n}")
}

// reserve makes the //mm:out buffers in the reply: one block, cut in pieces, as
// a second block could move the first. What is more than bytes has memory of the call.
func (w *writer) reserve(out []local) {
	if len(out) == 0 {
		return
	}
	if out[0].IsOutSlice() {
		w.f("%s := %s.OutSlice[%s](&in.Args, %s)", out[0].id, w.ipc(), w.goType(out[0].Type.Elem), out[0].size)
		return
	}
	sum := strings.ReplaceAll(join(out, func(l local) string { return l.size }), ", ", " + ")
	ps := make([]*Param, len(out))
	for i, l := range out {
		ps[i] = l.Param
	}
	max := w.sumOfLimits(ps)
	if len(out) == 1 {
		w.f("%s := in.Results.Reserve(%s, %s)", out[0].id, sum, max)
		return
	}
	w.f("room := in.Results.Reserve(%s, %s)", sum, max)
	for i, l := range out {
		if i == len(out)-1 {
			w.f("%s := room", l.id)
			break
		}
		w.f("%s := room[:%s:%s]\nroom = room[%s:]", l.id, l.size, l.size, l.size)
	}
}

// sumOfLimits writes how long the //mm:out buffers may be together.
func (w *writer) sumOfLimits(outs []*Param) string {
	s := make([]string, len(outs))
	for i, p := range outs {
		s[i] = w.limit(p.Type, p.Limit)
	}
	return strings.Join(s, " + ")
}

// circular reports whether the results of c lead back to c through contracts
// of this package.
func (w *writer) circular(c *Contract) bool {
	seen := map[string]bool{}
	var visit func(*Contract) bool
	visit = func(at *Contract) bool {
		for _, m := range at.Methods {
			for _, r := range m.Results {
				if r.Type.Kind != Reference || seen[r.Type.Target] {
					continue
				}
				seen[r.Type.Target] = true
				for _, next := range w.Contracts {
					if next.FullName() == r.Type.Target && (next == c || visit(next)) {
						return true
					}
				}
			}
		}
		return false
	}
	return visit(c)
}

// stubs writes the list of all stubs, for an image to name.
func (w *writer) stubs() {
	w.f("\n// Stubs lists the stubs of this package, for an image to name.")
	w.f("var Stubs = []*%s.Stub{", w.ipc())
	for _, c := range w.Contracts {
		w.f("%sStub,", c.Name)
	}
	w.f("}")
}
