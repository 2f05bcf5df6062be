package main

import (
	"strconv"
	"strings"
)

// A local is a parameter or result under the name it has in generated code.
type local struct {
	*Param
	id   string
	size string // of an //mm:out parameter: name for its length
}

// locals names the parameters and results of m so that none hides something
// the generated code uses.
func (w *writer) locals(m *Method) (params, results []local) {
	used := map[string]bool{}
	name := func(want string) string {
		if looksLikeHelper(want) {
			want += "_"
		}
		for w.taken[want] || used[want] {
			want += "_"
		}
		used[want] = true
		return want
	}
	for _, p := range m.Params {
		l := local{Param: p, id: name(p.Name)}
		if p.Out {
			l.size = name(p.Name + "Len")
		}
		params = append(params, l)
	}
	for i, p := range m.Results {
		want := p.Name
		if want == "" {
			want = "r" + strconv.Itoa(i)
		}
		results = append(results, local{Param: p, id: name(want)})
	}
	return params, results
}

// looksLikeHelper reports whether a name could be that of a helper.
func looksLikeHelper(s string) bool {
	return len(s) > 3 && (strings.HasPrefix(s, "put") || strings.HasPrefix(s, "get") || strings.HasPrefix(s, "release")) && strings.ToLower(s) != s
}

func outs(ls []local) []local {
	var o []local
	for _, l := range ls {
		if l.Out {
			o = append(o, l)
		}
	}
	return o
}

// join joins what each makes of the locals with commas.
func join(ls []local, each func(local) string) string {
	s := make([]string, len(ls))
	for i, l := range ls {
		s[i] = each(l)
	}
	return strings.Join(s, ", ")
}

func ids(ls []local) string { return join(ls, func(l local) string { return l.id }) }
