package namespace

import (
	"context"
	"slices"
	"strings"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
)

// MaxRules is how many rules a View takes.
const MaxRules = 256

// Rule is one line of a view's policy. Paths are those that the view shows, and
// mean an object and all below it.
type Rule struct {
	kind ruleKind
	path string
	to   string
}

type ruleKind uint8

const (
	allow ruleKind = iota
	deny
	rename
	readOnly
)

// Allow shows path. As soon as there is one Allow, what no Allow covers is denied.
func Allow(path string) Rule { return Rule{kind: allow, path: path} }

// Deny hides path. Of Allow and Deny the one with the longer path counts, and
// Deny if they are equal.
func Deny(path string) Rule { return Rule{kind: deny, path: path} }

// Rename shows at path what the base has at to, and hides it at to.
func Rename(path, to string) Rule { return Rule{kind: rename, path: path, to: to} }

// ReadOnly lets what is at path be looked at, but not called: objects answer for
// the contracts Namespace, Status and File alone.
func ReadOnly(path string) Rule { return Rule{kind: readOnly, path: path} }

// View shows part of a namespace, for one client or component. Namespaces bound
// through a view are views too as far as rules reach into them, so nobody walks
// around a rule.
type View struct {
	com.Object
	base   system.Namespace
	rules  []Rule
	closed bool   // there is an Allow
	root   string // where in the tree this view begins, clean
}

var _ system.Namespace = (*View)(nil)

// NewView returns a view of base, to which it adds a reference, with one
// reference, the caller's. The error is com.ErrInvalid for bad paths, two Renames
// of one path, or more than MaxRules rules.
func NewView(base system.Namespace, rules ...Rule) (*View, error) {
	if len(rules) > MaxRules {
		return nil, com.Errorf(com.ErrInvalid, "view of %d rules, at most %d are allowed", len(rules), MaxRules)
	}
	rules = slices.Clone(rules)
	v := &View{base: base, rules: rules}
	for i := range rules {
		r := &rules[i]
		for _, p := range []string{r.path, r.to} {
			if err := checkPath(p); err != nil {
				return nil, err
			}
		}
		r.path, r.to = clean(r.path), clean(r.to)
		v.closed = v.closed || r.kind == allow
		if r.kind != rename {
			continue
		}
		if r.path == "" || r.to == "" {
			return nil, com.Errorf(com.ErrInvalid, "view cannot rename the whole namespace")
		}
		for _, s := range rules[:i] {
			if s.kind == rename && s.path == r.path {
				return nil, com.Errorf(com.ErrInvalid, "view renames two objects to %q", r.path)
			}
		}
	}
	return v.sub("")
}

// sub returns the view of what is at root.
func (v *View) sub(root string) (*View, error) {
	if v.base.AddRef() == 0 {
		return nil, com.ErrGone
	}
	s := &View{base: v.base, rules: v.rules, closed: v.closed, root: root}
	s.Init(s, func() { s.base.Release() }, system.NamespaceType.For(s))
	return s, nil
}

// longest returns the length of the longest path of rules of a kind that cover
// path, or -1 if none does.
func (v *View) longest(kind ruleKind, path string) int {
	n := -1
	for i := range v.rules {
		if r := &v.rules[i]; r.kind == kind {
			if _, ok := below(path, r.path); ok {
				n = max(n, len(r.path))
			}
		}
	}
	return n
}

// allowed reports whether rules let path itself be seen.
func (v *View) allowed(path string) bool {
	a, d := v.longest(allow, path), v.longest(deny, path)
	if a < 0 && d < 0 {
		return !v.closed
	}
	return a > d
}

// reaches reports whether rules make a difference strictly below path: where one
// begins there, or hides the origin of a Rename there.
func (v *View) reaches(path, base string) bool {
	for i := range v.rules {
		r := &v.rules[i]
		if rest, ok := below(r.path, path); ok && rest != "" {
			return true
		}
		if rest, ok := below(r.to, base); ok && rest != "" && r.kind == rename {
			return true
		}
	}
	return false
}

// leads reports whether an Allow shows something below path, though path itself may
// not be seen.
func (v *View) leads(path string) bool {
	for i := range v.rules {
		r := &v.rules[i]
		if rest, ok := below(r.path, path); ok && rest != "" && r.kind == allow && v.allowed(r.path) {
			return true
		}
	}
	return false
}

// made reports whether path is a namespace because Rename puts names below it,
// whatever the base has there. Such a name may be seen itself, or lead to what is.
func (v *View) made(path string) bool {
	for i := range v.rules {
		r := &v.rules[i]
		if rest, ok := below(r.path, path); ok && rest != "" && r.kind == rename && (v.allowed(r.path) || v.leads(r.path)) {
			return true
		}
	}
	return false
}

// origin returns the base's path of what the view shows at path, and false where
// a Rename has taken it elsewhere.
func (v *View) origin(path string) (string, bool) {
	var by Rule
	for _, r := range v.rules {
		if _, ok := below(path, r.path); ok && r.kind == rename && len(r.path) > len(by.path) {
			by = r
		}
	}
	rest, _ := below(path, by.path)
	base := join(by.to, rest)
	for _, r := range v.rules {
		if _, ok := below(base, r.to); ok && r.kind == rename && len(r.to) > len(by.to) {
			return "", false
		}
	}
	return base, true
}

// locate checks a path that a caller gave, and returns it and its origin.
func (v *View) locate(given string) (path, base string, err error) {
	if err := checkPath(given); err != nil {
		return "", "", err
	}
	path = join(v.root, clean(given))
	if err := checkPath(path); err != nil {
		return "", "", err
	}
	if path == v.root {
		base, _ := v.origin(path)
		return path, base, nil
	}
	_, last := split(path)
	base, ok := v.origin(path)
	switch {
	case v.made(path):
	case !ok:
		return "", "", failed(given, last, com.ErrNotFound)
	case !v.allowed(path) && !v.leads(path):
		return "", "", failed(given, last, com.ErrPermission)
	}
	return path, base, nil
}

// Bind implements system.Namespace. The error is com.ErrPermission for what the
// rules hide.
func (v *View) Bind(ctx context.Context, given string) (com.Unknown, error) {
	path, base, err := v.locate(given)
	if err != nil {
		return nil, err
	}
	_, last := split(path)
	if path == v.root {
		return self(v)
	}
	if v.made(path) {
		return v.sub(path)
	}
	whole := v.allowed(path) && !v.reaches(path, base)
	guarded := v.longest(readOnly, path) >= 0
	obj, err := v.base.Bind(ctx, base)
	if err != nil {
		return nil, failed(given, last, err)
	}
	if whole && !guarded {
		return obj, nil
	}
	defer obj.Release()
	dir, err := com.Query(obj, system.NamespaceType)
	switch {
	case err == nil:
		dir.Release()
		return v.sub(path)
	case com.CodeOf(err) != com.ErrNoInterface:
		return nil, failed(given, last, err)
	case !v.allowed(path):
		return nil, failed(given, last, com.ErrPermission)
	case guarded:
		return newReader(obj)
	}
	obj.AddRef()
	return obj, nil
}

// List implements system.Namespace. Names that the rules hide are left out.
func (v *View) List(ctx context.Context, given string) ([]system.Entry, error) {
	path, base, err := v.locate(given)
	if err != nil {
		return nil, err
	}
	_, last := split(path)
	list, err := v.base.List(ctx, base)
	if err != nil && !(com.CodeOf(err) == com.ErrNotFound && v.made(path)) {
		return nil, failed(given, last, err)
	}
	if err == nil {
		alone, err := v.alone(ctx, base, list)
		switch {
		case err != nil:
			return nil, failed(given, last, err)
		case alone && v.made(path):
			list = nil
		case alone && !v.allowed(path):
			return nil, failed(given, last, com.ErrPermission)
		case alone:
			return []system.Entry{v.entry(path, list[0])}, nil
		}
	}
	var shown []system.Entry
	for _, e := range list {
		child := join(path, e.Name)
		from, ok := v.origin(child)
		if ok && from == join(base, e.Name) && (v.allowed(child) || e.Directory && v.leads(child)) && !v.made(child) {
			shown = append(shown, v.entry(child, e))
		}
	}
	for i := range v.rules {
		if shown, err = v.addRenamed(ctx, shown, path, &v.rules[i]); err != nil {
			return nil, failed(given, last, err)
		}
	}
	slices.SortFunc(shown, func(a, b system.Entry) int { return strings.Compare(a.Name, b.Name) })
	return shown, nil
}

// alone reports whether a listing of base is of one object and not of a namespace
// that has one name in it. It binds nothing, which might load it.
func (v *View) alone(ctx context.Context, base string, list []system.Entry) (bool, error) {
	parent, last := split(base)
	if base == "" || len(list) != 1 || list[0].Name != last || list[0].Directory {
		return false, nil
	}
	around, err := v.base.List(ctx, parent)
	if err != nil {
		return false, err
	}
	for _, e := range around {
		if e.Name == last {
			return !e.Directory, nil
		}
	}
	return false, com.ErrNotFound
}

// entry is e as the view shows it.
func (v *View) entry(path string, e system.Entry) system.Entry {
	_, e.Name = split(path)
	if v.longest(readOnly, path) >= 0 {
		e.Contracts = readable(e.Contracts)
	}
	return e
}

// addRenamed adds the name in path that rule r makes, if it does.
func (v *View) addRenamed(ctx context.Context, list []system.Entry, path string, r *Rule) ([]system.Entry, error) {
	rest, ok := below(r.path, path)
	if r.kind != rename || !ok || rest == "" {
		return list, nil
	}
	elem, more := next(rest)
	child := join(path, elem)
	if slices.ContainsFunc(list, func(e system.Entry) bool { return e.Name == elem }) {
		return list, nil
	}
	if v.made(child) {
		return append(list, system.Entry{Name: elem, Directory: true, Contracts: []string{system.NamespaceType.Name}}), nil
	}
	if more != "" || !v.allowed(child) && !v.leads(child) {
		return list, nil
	}
	parent, last := split(r.to)
	origin, err := v.base.List(ctx, parent)
	if err != nil {
		if com.CodeOf(err) == com.ErrNotFound {
			return list, nil
		}
		return nil, err
	}
	if alone, err := v.alone(ctx, parent, origin); alone || err != nil {
		return list, err
	}
	for _, e := range origin {
		if e.Name == last && (v.allowed(child) || e.Directory) {
			list = append(list, v.entry(child, e))
		}
	}
	return list, nil
}
