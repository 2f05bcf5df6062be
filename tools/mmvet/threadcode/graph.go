package threadcode

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"

	"golang.org/x/tools/go/analysis"
)

// graph is what the functions of one package do and whom they call.
type graph struct {
	pass      *analysis.Pass
	nodes     []*node // in the order of the source
	decls     map[*types.Func]*node
	lits      map[*ast.FuncLit]*node
	mechanism bool
	accepted  map[string]map[int]bool // file, line
}

// node is a function or a function literal.
type node struct {
	name      string
	fn        *types.Func
	decl      *ast.FuncDecl
	generated bool
	root      string // why it runs on threads, "" if that is not known
	acts      []act
	calls     []call
}

// act is something that blocks.
type act struct {
	pos  token.Pos
	what string
}

// call is one of another function of the package, or the containment of a literal.
type call struct {
	pos    token.Pos
	callee *node
}

func (g *graph) declare(f *ast.File, d *ast.FuncDecl) {
	fn, ok := g.pass.TypesInfo.Defs[d.Name].(*types.Func)
	if !ok {
		return
	}
	n := &node{name: fn.Name(), fn: fn, decl: d, generated: ast.IsGenerated(f)}
	if marked(d.Doc, "//mm:await") {
		g.pass.ExportObjectFact(fn, new(awaits))
	}
	if marked(d.Doc, "//mm:thread") {
		n.root = "it is marked //mm:thread"
	}
	g.decls[fn] = n
	g.nodes = append(g.nodes, n)
}

// literal returns the node of a literal, which it makes and walks the first time.
func (g *graph) literal(lit *ast.FuncLit, in string) *node {
	n := g.lits[lit]
	if n == nil {
		n = &node{name: "function literal in " + in}
		g.lits[lit] = n
		g.nodes = append(g.nodes, n)
		(&walker{graph: g, node: n}).walk(lit.Body)
	}
	return n
}

// export gives every function that blocks its fact, those that call one included.
func (g *graph) export() {
	why := map[*node]string{}
	for changed := true; changed; {
		changed = false
		for _, n := range g.nodes {
			if why[n] != "" {
				continue
			}
			if len(n.acts) > 0 {
				why[n] = n.acts[0].what + g.at(n.acts[0].pos)
			}
			for _, c := range n.calls {
				if w := why[c.callee]; w != "" && why[n] == "" {
					why[n] = w
				}
			}
			changed = changed || why[n] != ""
		}
	}
	for _, n := range g.nodes {
		if n.fn != nil && why[n] != "" {
			g.pass.ExportObjectFact(n.fn, &blocks{Why: why[n]})
		}
	}
}

// at names a position, unless what is there names one already.
func (g *graph) at(pos token.Pos) string {
	p := g.pass.Fset.Position(pos)
	return fmt.Sprintf(" (%s:%d)", filepath.Base(p.Filename), p.Line)
}

// report tells of all that blocks in what is reachable from the roots.
func (g *graph) report() {
	reason := map[*node]string{}
	var queue []*node
	for _, n := range g.nodes {
		if n.root != "" {
			reason[n] = n.root
			queue = append(queue, n)
		}
	}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		for _, a := range n.acts {
			g.pass.Reportf(a.pos, "%s in thread code: %s runs on a thread, as %s", a.what, n.name, reason[n])
		}
		for _, c := range n.calls {
			if reason[c.callee] == "" {
				reason[c.callee] = "it is called by " + n.name
				queue = append(queue, c.callee)
			}
		}
	}
}
