package main

import "strings"

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
			w.proxyCall(m, params, results)
		}
		w.f("}")
	}
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

func (w *writer) proxyCall(m *Method, params, results []local) {
	fail := w.failure(results)
	ctx := "nil"
	if m.Context {
		ctx = "ctx"
	}
	w.f("c, err := p.Proxy.Begin(%s, %d)\nif err != nil {\n%s\n}", ctx, m.Number, fail)
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
