package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// canonical spells a contract out: what two programs have to agree on to call
// each other, and nothing else.
func canonical(c *Contract) string {
	var b strings.Builder
	fmt.Fprintf(&b, "contract %s\n", c.FullName())
	for _, m := range c.Methods {
		if m.OneWay {
			b.WriteString("oneway ")
		}
		fmt.Fprintf(&b, "%s(", m.Name)
		if m.Context {
			b.WriteString("context;")
		}
		for _, p := range m.Params {
			if p.Out {
				b.WriteString("out ")
			}
			if p.Shared {
				b.WriteString("shared ")
			}
			b.WriteString(canonicalType(p.Type, p.Limit))
			b.WriteByte(';')
		}
		b.WriteString(")(")
		if m.Counted {
			b.WriteString("filled ")
		}
		for _, p := range m.Results {
			b.WriteString(canonicalType(p.Type, p.Limit))
			b.WriteByte(';')
		}
		b.WriteString(")\n")
	}
	return b.String()
}

func canonicalType(t *Type, limit int) string {
	text := ""
	switch t.Kind {
	case Bool:
		text = "bool"
	case Number:
		text = numbers[t.Number].name
	case Duration:
		text = "duration"
	case String:
		text = "string"
	case Bytes:
		text = "bytes"
	case Slice:
		text = "[]" + canonicalType(t.Elem, 0)
	case Unknown:
		text = "unknown"
	case Reference:
		text = "ref " + t.Target
	case Composite:
		var b strings.Builder
		b.WriteByte('{')
		for _, f := range t.Struct.Fields {
			fmt.Fprintf(&b, "%s %s;", f.Name, canonicalType(f.Type, f.Limit))
		}
		b.WriteByte('}')
		text = b.String()
	}
	if limit != 0 {
		text += fmt.Sprintf("<=%d", limit)
	}
	return text
}

// iid is the IID of a contract as com.IID prints it.
func iid(c *Contract) string {
	name := sha256.Sum256([]byte("contract " + c.FullName()))
	form := sha256.Sum256([]byte(canonical(c)))
	return hex.EncodeToString(name[:8]) + "-" + hex.EncodeToString(form[:8])
}
