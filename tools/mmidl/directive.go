package main

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// directivePrefix starts every directive.
const directivePrefix = "//mm:"

// spaced finds comments that were meant to be directives.
var spaced = regexp.MustCompile(`^//\s+mm:(contract|oneway|out|limit|shared)\b`)

// A directive is one //mm: line.
type directive struct {
	pos  token.Pos
	word string
	args []string
}

// directivesIn returns the directives of a doc comment.
func directivesIn(doc *ast.CommentGroup) []directive {
	if doc == nil {
		return nil
	}
	var ds []directive
	for _, c := range doc.List {
		if rest, ok := strings.CutPrefix(c.Text, directivePrefix); ok {
			f := strings.Fields(rest)
			if len(f) == 0 {
				f = []string{""}
			}
			ds = append(ds, directive{c.Pos(), f[0], f[1:]})
		}
	}
	return ds
}

// hasDirective reports whether doc holds the directive word.
func hasDirective(doc *ast.CommentGroup, word string) bool {
	for _, d := range directivesIn(doc) {
		if d.word == word {
			return true
		}
	}
	return false
}

// forAnalyzer are the directives that mmvet reads, in any code.
var forAnalyzer = map[string]bool{"//mm:thread": true, "//mm:blocking": true, "//mm:await": true, "//mm:mechanism": true}

// sweep refuses the directives of s that no contract, method or struct of the
// contracts has taken up: in a wrong place they would silently mean nothing.
func (f *front) sweep(s *source) {
	for _, file := range s.files {
		for _, group := range file.Comments {
			for _, c := range group.List {
				switch {
				case spaced.MatchString(c.Text):
					f.refuse(c.Pos(), "a directive is written without a space: %s%s", "//", strings.TrimSpace(c.Text[2:]))
				case strings.HasPrefix(c.Text, directivePrefix) && !f.taken[c.Pos()] && !forAnalyzer[firstWord(c.Text)]:
					f.refuse(c.Pos(), "%s stands in the comment of no contract, method of a contract, or struct that one carries", firstWord(c.Text))
				}
			}
		}
	}
}

func firstWord(s string) string {
	w, _, _ := strings.Cut(s, " ")
	return w
}

// contractDirectives reads what stands above an interface.
func (f *front) contractDirectives(c *Contract, doc *ast.CommentGroup) {
	seen := false
	for _, d := range directivesIn(doc) {
		f.taken[d.pos] = true
		switch {
		case d.word != "contract":
			f.refuse(d.pos, "unknown directive %s%s on a contract: there is only //mm:contract [pinned]", directivePrefix, d.word)
		case seen:
			f.refuse(d.pos, "//mm:contract stands here twice")
		case len(d.args) == 0:
		case len(d.args) == 1 && d.args[0] == "pinned":
			c.Pinned = true
		default:
			f.refuse(d.pos, "//mm:contract takes nothing or pinned, not %q", strings.Join(d.args, " "))
		}
		seen = true
	}
}

// methodDirectives reads what stands above a method whose parameters and
// results are in m already.
func (f *front) methodDirectives(m *Method, doc *ast.CommentGroup) {
	ds := directivesIn(doc)
	for _, d := range ds {
		f.taken[d.pos] = true
		switch d.word {
		case "oneway":
			if len(d.args) != 0 {
				f.refuse(d.pos, "//mm:oneway takes no name")
			}
			if m.OneWay {
				f.refuse(d.pos, "//mm:oneway stands here twice")
			}
			m.OneWay = true
		case "out", "shared":
			p := f.namedParam(d, m, 1)
			if p == nil {
				break
			}
			flag := &p.Out
			if d.word == "shared" {
				flag = &p.Shared
			}
			if elems := d.word == "out" && p.Type != nil && p.Type.Kind == Slice && p.Type.Elem.Kind == Composite && p.Type.Elem.Plain(); p.Type != nil && p.Type.Kind != Bytes && !elems {
				f.refuse(d.pos, "//mm:%s is for []byte%s, %s is %s", d.word, map[string]string{"out": " and slices of structs of numbers"}[d.word], p.Name, f.short(p.Type.Go))
			} else if *flag {
				f.refuse(d.pos, "//mm:%s %s stands here twice", d.word, p.Name)
			}
			*flag = true
		case "limit":
			if p := f.namedParam(d, m, 2); p != nil {
				f.limit(d, p.Name, p.Type, &p.Limit)
			}
		case "contract":
			f.refuse(d.pos, "//mm:contract stands above an interface, not above a method")
		default:
			f.refuse(d.pos, "unknown directive %s%s: there are oneway, out NAME, limit NAME N and shared NAME", directivePrefix, d.word)
		}
	}
	f.checkOneWay(m, ds)
	f.checkOuts(m, ds)
}

// checkOuts refuses what a slice that the callee fills cannot stand beside.
func (f *front) checkOuts(m *Method, ds []directive) {
	outs := m.Outs()
	for _, p := range outs {
		if p.IsOutSlice() && (len(outs) > 1 || hasRefs(m.Results)) {
			f.refuse(ds[0].pos, "%s fills %s, which is more than bytes: it has no other //mm:out parameter, and no reference among its results", m.Name, p.Name)
		}
	}
}

// checkOneWay refuses what a call without reply cannot have.
func (f *front) checkOneWay(m *Method, ds []directive) {
	if !m.OneWay {
		return
	}
	at := ds[0].pos
	for _, d := range ds {
		if d.word == "oneway" {
			at = d.pos
		}
	}
	if len(m.Results) > 0 {
		f.refuse(at, "one-way method %s has a result besides error: nothing travels back", m.Name)
	}
	if len(m.Outs()) > 0 {
		f.refuse(at, "one-way method %s has an //mm:out parameter: nothing travels back", m.Name)
	}
	for _, p := range m.Params {
		if p.Type.HasRefs() {
			f.refuse(at, "one-way method %s takes a reference, %s: nobody would know whether it arrived, and so who holds it", m.Name, p.Name)
		}
	}
	if m.Context {
		f.refuse(at, "one-way method %s has a context: the caller does not wait, so there is nothing to cancel", m.Name)
	}
}

// namedParam finds the parameter, or for limits also the result, that a
// directive with n arguments names first.
func (f *front) namedParam(d directive, m *Method, n int) *Param {
	if len(d.args) != n {
		if n == 1 {
			f.refuse(d.pos, "//mm:%s takes the name of a parameter", d.word)
		} else {
			f.refuse(d.pos, "//mm:%s takes a name and a number", d.word)
		}
		return nil
	}
	for _, p := range m.Params {
		if p.Name == d.args[0] {
			return p
		}
	}
	for _, p := range m.Results {
		if p.Name != "" && p.Name == d.args[0] {
			if d.word == "limit" {
				return p
			}
			f.refuse(d.pos, "//mm:%s is for parameters, %s is a result", d.word, p.Name)
			return nil
		}
	}
	f.refuse(d.pos, "//mm:%s: %s has no parameter or result called %s", d.word, m.Name, d.args[0])
	return nil
}

// structDirectives reads the limits above a struct.
func (f *front) structDirectives(s *Struct, doc *ast.CommentGroup) {
next:
	for _, d := range directivesIn(doc) {
		f.taken[d.pos] = true
		if d.word != "limit" {
			f.refuse(d.pos, "unknown directive %s%s on a struct: there is only //mm:limit FIELD N", directivePrefix, d.word)
			continue
		}
		if len(d.args) != 2 {
			f.refuse(d.pos, "//mm:limit takes a name and a number")
			continue
		}
		for _, field := range s.Fields {
			if field.Name == d.args[0] {
				f.limit(d, field.Name, field.Type, &field.Limit)
				continue next
			}
		}
		f.refuse(d.pos, "//mm:limit: %s has no field called %s", s.Name, d.args[0])
	}
}

// limit sets the limit of something called name. A message bounds it.
func (f *front) limit(d directive, name string, t *Type, limit *int) {
	n, err := strconv.ParseUint(d.args[1], 10, 31)
	if err != nil || n == 0 {
		f.refuse(d.pos, "//mm:limit %s: %q is no positive number", name, d.args[1])
		return
	}
	if t == nil {
		return // refused already
	}
	if !t.HasLength() {
		f.refuse(d.pos, "//mm:limit is for []byte, strings and slices, %s is %s", name, f.short(t.Go))
		return
	}
	size := 1
	if t.Kind == Slice {
		size = t.Elem.MinSize()
	}
	if int64(n)*int64(size) > maxMessage {
		f.refuse(d.pos, "//mm:limit %s %d: more than a message of %d bytes can carry", name, n, maxMessage)
		return
	}
	if *limit != 0 {
		f.refuse(d.pos, "//mm:limit %s stands here twice", name)
	}
	*limit = int(n)
}
