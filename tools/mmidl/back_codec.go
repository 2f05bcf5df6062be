package main

import (
	"fmt"
	"go/types"
	"strconv"
)

// put writes code that encodes expr. enc is an ipc.Encoder and ptr a pointer to it.
func (w *writer) put(enc, ptr, expr string, t *Type, limit int) {
	ipc := w.ipc()
	switch t.Kind {
	case Bool:
		w.f("%s.Bool(%s)", enc, w.plain(expr, t))
	case Number:
		w.f("%s.%s(%s)", enc, numbers[t.Number].codec, w.plain(expr, t))
	case Duration:
		w.f("%s.Duration(%s)", enc, expr)
	case String:
		w.f("%s.String(%s, %s)", enc, w.plain(expr, t), w.limit(t, limit))
	case Bytes:
		w.f("%s.Bytes(%s, %s)", enc, expr, w.limit(t, limit))
	case Slice:
		if t.Elem.Kind == Number || t.Elem.Kind == Duration {
			w.f("%s.PutNumbers(%s, %s, %s)", ipc, ptr, expr, w.limit(t, limit))
		} else {
			w.f("put%s(%s, %s, %s)", w.helper(t), ptr, expr, w.limit(t, limit))
		}
	case Composite:
		w.f("put%s(%s, &%s)", w.helper(t), ptr, expr)
	case Reference:
		w.f("%s.PutRef(%s, %s, %s)", ipc, ptr, expr, w.contractVar(t, "Stub"))
	case Unknown:
		w.f("%s.PutRef(%s, %s, nil)", ipc, ptr, expr)
	}
}

// get writes code that decodes into dst, which it declares if declare is set.
// alias lets a []byte alias the message.
func (w *writer) get(dec, ptr, dst string, declare bool, t *Type, limit int, alias bool) {
	if t.Kind == Composite {
		if declare {
			w.f("var %s %s", dst, w.goType(t))
		}
		w.f("get%s(%s, &%s)", w.helper(t), ptr, dst)
		return
	}
	ipc := w.ipc()
	v := ""
	switch t.Kind {
	case Bool:
		v = w.named(t, dec+".Bool()")
	case Number:
		v = w.named(t, fmt.Sprintf("%s.%s()", dec, numbers[t.Number].codec))
	case Duration:
		v = dec + ".Duration()"
	case String:
		v = w.named(t, fmt.Sprintf("%s.String(%s)", dec, w.limit(t, limit)))
	case Bytes:
		read := "BytesOwned"
		if alias {
			read = "Bytes"
		}
		v = fmt.Sprintf("%s.%s(%s)", dec, read, w.limit(t, limit))
	case Slice:
		if t.Elem.Kind == Number || t.Elem.Kind == Duration {
			v = fmt.Sprintf("%s.GetNumbers[%s](%s, %s)", ipc, w.goType(t.Elem), ptr, w.limit(t, limit))
		} else {
			v = fmt.Sprintf("get%s(%s, %s)", w.helper(t), ptr, w.limit(t, limit))
		}
	case Reference:
		v = fmt.Sprintf("%s.GetRef(%s, %s)", ipc, ptr, w.contractVar(t, "Type"))
	case Unknown:
		v = fmt.Sprintf("%s.GetUnknown(%s)", ipc, ptr)
	}
	if declare {
		w.f("%s := %s", dst, v)
	} else {
		w.f("%s = %s", dst, v)
	}
}

// release writes the call that gives back the references that expr is or holds.
func (w *writer) release(expr string, t *Type) string {
	switch t.Kind {
	case Composite:
		return fmt.Sprintf("release%s(&%s)", w.helper(t), expr)
	case Slice:
		return fmt.Sprintf("release%s(%s)", w.helper(t), expr)
	}
	return fmt.Sprintf("%s.Release(%s)", w.com(), expr)
}

// releaseAll gives back the references among results.
func (w *writer) releaseAll(results []local) {
	for _, r := range results {
		if r.Type.HasRefs() {
			w.f("%s", w.release(r.id, r.Type))
		}
	}
}

// converted reports whether a value of t has to be converted.
func converted(t *Type) bool {
	_, basic := types.Unalias(t.Go).(*types.Basic)
	return !basic
}

// plain converts expr to the predeclared type under t, which the codec takes.
func (w *writer) plain(expr string, t *Type) string {
	if !converted(t) {
		return expr
	}
	return fmt.Sprintf("%s(%s)", types.Unalias(t.Go).Underlying(), expr)
}

// named converts what the codec returned to t.
func (w *writer) named(t *Type, expr string) string {
	if !converted(t) {
		return expr
	}
	return fmt.Sprintf("%s(%s)", w.goType(t), expr)
}

// limit writes the limit that holds for t.
func (w *writer) limit(t *Type, limit int) string {
	if limit != 0 {
		return strconv.Itoa(limit)
	}
	switch t.Kind {
	case String:
		return w.ipc() + ".DefaultMaxText"
	case Bytes:
		return w.ipc() + ".DefaultMaxBytes"
	}
	return w.ipc() + ".DefaultMaxSlice"
}

// contractVar names the variable of another contract that ends in suffix.
func (w *writer) contractVar(t *Type, suffix string) string {
	obj := types.Unalias(t.Go).(*types.Named).Obj()
	if obj.Pkg() == w.types {
		return obj.Name() + suffix
	}
	return w.use(obj.Pkg().Path(), obj.Pkg().Name()) + "." + obj.Name() + suffix
}

// helper returns what follows put and get in the names of the functions that
// carry a struct or slice, and sees to it that they will be written.
func (w *writer) helper(t *Type) string {
	key := w.goType(t)
	if t.Kind == Slice {
		key = "[]" + w.goType(t.Elem) // the same for a named slice type
	}
	if name, ok := w.helpers[key]; ok {
		return name
	}
	want := w.mangle(t)
	name := want
	for i := 2; w.clashes(name); i++ {
		name = want + strconv.Itoa(i)
	}
	w.helpers[key] = name
	w.queue = append(w.queue, t)
	return name
}

func (w *writer) clashes(name string) bool {
	for _, n := range w.helpers {
		if n == name {
			return true
		}
	}
	return w.taken["put"+name] || w.taken["get"+name] || w.taken["release"+name]
}

// mangle makes an identifier of a type.
func (w *writer) mangle(t *Type) string {
	if t.Kind == Slice {
		return w.mangle(t.Elem) + "Slice"
	}
	switch g := types.Unalias(t.Go).(type) {
	case *types.Named:
		if g.Obj().Pkg() == w.types {
			return title(g.Obj().Name())
		}
		return title(g.Obj().Pkg().Name()) + g.Obj().Name()
	case *types.Basic:
		return title(g.Name())
	}
	return "Bytes"
}

func title(s string) string {
	if s[0] >= 'a' && s[0] <= 'z' {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

// codecs writes the helpers asked for, and those that they ask for.
func (w *writer) codecs() {
	for len(w.queue) > 0 {
		t := w.queue[0]
		w.queue = w.queue[1:]
		name := w.helper(t)
		if t.Kind == Composite {
			w.structCodec(name, t)
		} else {
			w.sliceCodec(name, t)
		}
	}
}

func (w *writer) structCodec(name string, t *Type) {
	goType := w.goType(t)
	w.f("\nfunc put%s(e *%s.Encoder, v *%s) {", name, w.ipc(), goType)
	for _, f := range t.Struct.Fields {
		w.put("e", "e", "v."+f.Name, f.Type, f.Limit)
	}
	w.f("}\n\nfunc get%s(d *%s.Decoder, v *%s) {", name, w.ipc(), goType)
	for _, f := range t.Struct.Fields {
		w.get("d", "d", "v."+f.Name, false, f.Type, f.Limit, false)
	}
	w.f("}")
	if !t.HasRefs() {
		return
	}
	w.f("\nfunc release%s(v *%s) {", name, goType)
	for _, f := range t.Struct.Fields {
		if f.Type.HasRefs() {
			w.f("%s", w.release("v."+f.Name, f.Type))
		}
	}
	w.f("}")
}

// makeSlice writes the slice that is decoded into.
func (w *writer) makeSlice(t *Type) string {
	if t.Elem.Plain() {
		return fmt.Sprintf("%s.Slice[%s](d, n)", w.ipc(), w.goType(t.Elem))
	}
	return fmt.Sprintf("make([]%s, n)", w.goType(t.Elem))
}

func (w *writer) sliceCodec(name string, t *Type) {
	elem := w.goType(t.Elem)
	w.f("\nfunc put%s(e *%s.Encoder, v []%s, max int) {", name, w.ipc(), elem)
	w.f("e.Len(len(v), max)\nif e.Err() != nil {\nreturn\n}\nfor i := range v {")
	w.put("e", "e", "v[i]", t.Elem, 0)
	w.f("}\n}\n\nfunc get%s(d *%s.Decoder, max int) []%s {", name, w.ipc(), elem)
	w.f("n := d.Len(max, %d)\nif n == 0 {\nreturn nil\n}\nv := %s\nfor i := range v {", t.Elem.MinSize(), w.makeSlice(t))
	w.get("d", "d", "v[i]", false, t.Elem, 0, false)
	w.f("}\nreturn v\n}")
	if t.HasRefs() {
		w.f("\nfunc release%s(v []%s) {\nfor i := range v {\n%s\n}\n}", name, elem, w.release("v[i]", t.Elem))
	}
}
