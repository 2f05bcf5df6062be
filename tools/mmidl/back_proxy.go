package main

import (
	"fmt"
	"strings"
)

// proxy writes the caller's end: a method encodes its parameters, waits for the
// reply and decodes the results. The proxy is one pointer, so it fits an
// interface without being allocated, and two of one object compare equal.
func (w *writer) proxy(c *Contract) {
	w.f("\n// %s calls a %s in another domain.", proxyName(c), c.Name)
	w.f("type %s struct{ *%s.Proxy }", proxyName(c), w.ipc())
	for _, m := range c.Methods {
		params, results := w.locals(m)
		w.f("\nfunc (p %s) %s {", proxyName(c), w.signature(m, params))
		if m.OneWay {
			w.proxyOneWay(m, params)
		} else {
			w.proxyCall(c, m, params, results)
		}
		w.f("}")
		if hasRefs(m.Results) && !m.OneWay {
			w.discard(c, m, results)
		}
	}
}

// discard writes what becomes of results that arrive when the caller has given
// up: the references among them are released.
func (w *writer) discard(c *Contract, m *Method, results []local) {
	w.f("\nfunc %s(d *%s.Decoder) {", discardName(c, m), w.ipc())
	last := len(results)
	for !results[last-1].Type.HasRefs() {
		last--
	}
	if m.Counted {
		w.f("d.Bytes(%s)", w.limit(m.Outs()[0].Type, m.Outs()[0].Limit))
		results, last = results[1:], last-1
	} else if outs := m.Outs(); len(outs) > 0 {
		w.f("d.Bytes(%s)", w.sumOfLimits(outs))
	}
	for _, r := range results[:last] {
		if !r.Type.HasRefs() && r.Type.Kind != Composite {
			r.id = "_"
		}
		w.get("d", "d", r.id, r.id != "_", r.Type, r.Limit, true)
	}
	w.releaseAll(results)
	w.f("}")
}

func discardName(c *Contract, m *Method) string { return "discard" + c.Name + m.Name }

func hasRefs(ps []*Param) bool {
	for _, p := range ps {
		if p.Type.HasRefs() {
			return true
		}
	}
	return false
}

// signature writes name, parameters and results of a method.
func (w *writer) signature(m *Method, params []local) string {
	var b strings.Builder
	b.WriteString(m.Name + "(")
	if m.Context {
		b.WriteString("ctx " + w.use("context", "context") + ".Context")
		if len(params) > 0 {
			b.WriteString(", ")
		}
	}
	b.WriteString(join(params, func(l local) string { return l.id + " " + w.goType(l.Type) }))
	b.WriteString(") ")
	if len(m.Results) == 0 {
		return b.String() + "error"
	}
	b.WriteByte('(')
	for _, r := range m.Results {
		b.WriteString(w.goType(r.Type) + ", ")
	}
	return b.String() + "error)"
}

func (w *writer) proxyOneWay(m *Method, params []local) {
	w.f("o, err := p.Proxy.BeginOneWay(%d)\nif err != nil {\nreturn err\n}", m.Number)
	for _, p := range params {
		w.put("o.Args", "&o.Args", p.id, p.Type, p.Limit)
	}
	w.f("return o.Post()")
}

func (w *writer) proxyCall(c *Contract, m *Method, params, results []local) {
	fail := w.failure(results)
	ctx := "nil"
	if m.Context {
		ctx = "ctx"
	}
	w.f("c, err := p.Proxy.Begin(%s, %d)\nif err != nil {\n%s\n}", ctx, m.Number, fail)
	if hasRefs(m.Results) {
		w.f("c.Discard = %s", discardName(c, m))
	}
	for _, p := range params {
		if p.Out {
			w.f("c.Args.Len(len(%s), %s)", p.id, w.limit(p.Type, p.Limit))
		} else {
			w.put("c.Args", "&c.Args", p.id, p.Type, p.Limit)
		}
	}
	w.f("if err = c.Invoke(); err != nil {\n%s\n}", fail)
	rest := results
	switch out := outs(params); {
	case len(out) > 0 && out[0].IsOutSlice():
		t := out[0].Type
		into := fmt.Sprintf("%s.GetInto(&c.Results, %s, %d, %v, get%s)", w.ipc(), out[0].id, t.Elem.MinSize(), !m.Counted, w.helper(t.Elem))
		if m.Counted {
			into = results[0].id + " := " + into
			rest = results[1:]
		}
		w.f("%s", into)
	case m.Counted:
		w.f("%s := uint32(c.Results.BytesInto(%s))", results[0].id, out[0].id)
		rest = results[1:]
	case len(out) > 0:
		w.f("c.Results.BytesIntoEach(%s)", ids(out))
	}
	for _, r := range rest {
		w.get("c.Results", "&c.Results", r.id, true, r.Type, r.Limit, false)
	}
	if len(results) == 0 {
		w.f("return c.End()")
		return
	}
	w.f("if err = c.End(); err != nil {")
	w.releaseAll(results)
	w.f("%s\n}\nreturn %s, nil", fail, ids(results))
}

// zero writes the zero value of a type.
func (w *writer) zero(t *Type) string {
	switch t.Kind {
	case Bool:
		return "false"
	case Number, Duration:
		return "0"
	case String:
		return `""`
	case Composite:
		return w.goType(t) + "{}"
	}
	return "nil"
}
