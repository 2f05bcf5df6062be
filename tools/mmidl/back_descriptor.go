package main

import (
	"fmt"
	"go/doc"
	"strings"
)

// descriptor writes the com.Type of a contract: what tools and Query need.
func (w *writer) descriptor(c *Contract) {
	com, ipc := w.com(), w.ipc()
	w.f("\n// %sType describes the contract %s.", c.Name, c.Name)
	w.f("var %sType = &%s.Type[%s]{", c.Name, com, c.Name)
	w.f("Descriptor: %s.Descriptor{", com)
	w.f("Name: %q,\nIID: %s.MustIID(%q),\nDoc: %q,", c.FullName(), com, c.IID, synopsis(c.Doc))
	w.f("Methods: []%s.Method{", com)
	for _, m := range c.Methods {
		flags := ""
		if m.OneWay {
			flags += ", OneWay: true"
		}
		if m.Context {
			flags += ", Context: true"
		}
		w.f("{Name: %q, Doc: %q%s%s%s},", m.Name, synopsis(m.Doc), flags,
			w.descriptorParams("Params", m.Params), w.descriptorParams("Results", m.Results))
	}
	w.f("},\n},")
	w.f("Proxy: func(u %s.Unknown) (%s, bool) {", com, c.Name)
	w.f("if p, ok := u.(*%s.Proxy); ok {\nreturn %s{p}, true\n}\nreturn nil, false\n},\n}", ipc, proxyName(c))
}

func (w *writer) descriptorParams(field string, ps []*Param) string {
	if len(ps) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, ", %s: []%s.Param{", field, w.com())
	for i, p := range ps {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('{')
		if p.Name != "" {
			fmt.Fprintf(&b, "Name: %q, ", p.Name)
		}
		fmt.Fprintf(&b, "Type: %q", shown(w.Package, p.Type))
		if p.Out {
			b.WriteString(", Out: true")
		}
		b.WriteByte('}')
	}
	b.WriteByte('}')
	return b.String()
}

// synopsis is the first sentence of a comment, on one line.
func synopsis(text string) string { return new(doc.Package).Synopsis(text) }
