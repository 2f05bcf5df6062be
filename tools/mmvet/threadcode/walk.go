package threadcode

import (
	"go/ast"
	"go/token"
	"go/types"
)

// walker collects what one function does. Literals in it have walkers of their
// own.
type walker struct {
	*graph
	node *node
}

func (w *walker) act(pos token.Pos, what string) {
	if !w.accepts(pos) {
		w.node.acts = append(w.node.acts, act{pos, what})
	}
}

func (w *walker) walk(n ast.Node) {
	if n != nil {
		ast.Inspect(n, w.visit)
	}
}

func (w *walker) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.FuncLit:
		lit := w.literal(n, w.node.name)
		if !w.accepts(n.Pos()) {
			w.node.calls = append(w.node.calls, call{n.Pos(), lit})
		}
		return false
	case *ast.GoStmt:
		w.act(n.Pos(), "go statement")
		w.elsewhere(n.Call.Fun)
		for _, a := range n.Call.Args {
			w.walk(a)
		}
		return false
	case *ast.SendStmt:
		w.act(n.Arrow, "channel send")
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			w.act(n.OpPos, "channel receive")
		}
	case *ast.RangeStmt:
		if _, ok := w.under(n.X).(*types.Chan); ok {
			w.act(n.For, "range over a channel")
		}
	case *ast.SelectStmt:
		w.choose(n)
		return false
	case *ast.BlockStmt:
		w.list(n.List)
		return false
	case *ast.CaseClause:
		for _, e := range n.List {
			w.walk(e)
		}
		w.list(n.Body)
		return false
	case *ast.IfStmt:
		w.branch(n)
		return false
	case *ast.CompositeLit:
		w.attributes(n)
	case *ast.CallExpr:
		return w.call(n)
	}
	return true
}

func (w *walker) under(e ast.Expr) types.Type {
	if t := w.pass.TypesInfo.TypeOf(e); t != nil {
		return t.Underlying()
	}
	return nil
}

// elsewhere looks at an expression whose function runs on another goroutine.
func (w *walker) elsewhere(e ast.Expr) {
	if lit, ok := ast.Unparen(e).(*ast.FuncLit); ok {
		w.literal(lit, w.node.name)
		return
	}
	w.walk(e)
}

// onThread looks at an expression whose function runs on a thread.
func (w *walker) onThread(e ast.Expr, why string) {
	e = ast.Unparen(e)
	var n *node
	switch e := e.(type) {
	case *ast.FuncLit:
		n = w.literal(e, w.node.name)
	case *ast.Ident:
		n = w.declared(w.pass.TypesInfo.Uses[e])
	case *ast.SelectorExpr:
		n = w.declared(w.pass.TypesInfo.Uses[e.Sel])
		w.walk(e.X)
	default:
		w.walk(e)
	}
	if n != nil && n.root == "" {
		n.root = why
	}
}

func (w *walker) declared(o types.Object) *node {
	fn, ok := o.(*types.Func)
	if !ok {
		return nil
	}
	return w.decls[fn.Origin()]
}

// attributes looks for the Exit function of a thread.
func (w *walker) attributes(n *ast.CompositeLit) {
	if !isThreadType(w.pass.TypesInfo.TypeOf(n), "Attributes") {
		return
	}
	for _, e := range n.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if k, ok := kv.Key.(*ast.Ident); ok && k.Name == "Exit" {
			w.onThread(kv.Value, "it is the Exit of a thread")
		}
	}
}

// choose looks at a select statement. With a default it does not wait.
func (w *walker) choose(n *ast.SelectStmt) {
	waits := true
	for _, c := range n.Body.List {
		if c.(*ast.CommClause).Comm == nil {
			waits = false
		}
	}
	if waits {
		w.act(n.Select, "select without default")
	}
	for _, c := range n.Body.List {
		cc := c.(*ast.CommClause)
		// The operation itself is judged with the select; its operands are not.
		switch comm := cc.Comm.(type) {
		case *ast.SendStmt:
			w.walk(comm.Chan)
			w.walk(comm.Value)
		case *ast.ExprStmt:
			w.operand(comm.X)
		case *ast.AssignStmt:
			for _, e := range comm.Rhs {
				w.operand(e)
			}
		}
		w.list(cc.Body)
	}
}

func (w *walker) operand(e ast.Expr) {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		e = u.X
	}
	w.walk(e)
}

// list walks statements until one after which the rest runs off threads.
func (w *walker) list(stmts []ast.Stmt) {
	for _, s := range stmts {
		w.walk(s)
		if i, ok := s.(*ast.IfStmt); ok && i.Else == nil && w.asks(i.Cond) == token.NEQ && leaves(i.Body) {
			return
		}
	}
}

// branch walks an if statement without the part that runs off threads.
func (w *walker) branch(n *ast.IfStmt) {
	w.walk(n.Init)
	w.walk(n.Cond)
	op := w.asks(n.Cond)
	if op != token.EQL {
		w.walk(n.Body)
	}
	if op != token.NEQ {
		w.walk(n.Else)
	}
}

// asks returns the operator of a condition that compares a *thread.Thread with
// nil, or token.ILLEGAL.
func (w *walker) asks(e ast.Expr) token.Token {
	b, ok := ast.Unparen(e).(*ast.BinaryExpr)
	if !ok || b.Op != token.EQL && b.Op != token.NEQ {
		return token.ILLEGAL
	}
	x, y := b.X, b.Y
	if w.pass.TypesInfo.Types[x].IsNil() {
		x, y = y, x
	}
	p, ok := w.pass.TypesInfo.TypeOf(x).(*types.Pointer)
	if !ok || !w.pass.TypesInfo.Types[y].IsNil() || !isThreadType(p.Elem(), "Thread") {
		return token.ILLEGAL
	}
	return b.Op
}

// leaves reports whether a block ends by leaving the list it stands in.
func leaves(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	switch s := b.List[len(b.List)-1].(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	case *ast.ExprStmt:
		c, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		id, ok := c.Fun.(*ast.Ident)
		return ok && id.Name == "panic"
	}
	return false
}

func isThreadType(t types.Type, name string) bool {
	n, ok := t.(*types.Named)
	return ok && n.Obj().Name() == name && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == threadPath
}
