// Package threadcode is an analyzer that finds Go's own blocking in functions
// that run on threads of package firmware/thread: channel operations, select
// without default, the waiting calls of sync, time.Sleep, os, net, go statements,
// runtime.LockOSThread and runtime.Goexit. A thread is a coroutine of its virtual
// processor, so there such an operation stops every other thread too, or the
// runtime ends the program.
//
// # What runs on threads
//
// A function or function literal runs on threads if
//   - it is marked with a line //mm:thread in its doc comment,
//   - it is given to Processor.Spawn or Processor.Call, or as Exit to their
//     Attributes,
//   - it is a method by which an object of a card (a type of the packages that run
//     there) implements a contract, an interface marked //mm:contract (proxies, which are
//     generated, serve hosts too and are left out),
//   - it calls a primitive that only threads may call, such as Mutex.Lock or
//     Sleep, or
//   - one that runs on threads in the same package calls it or contains it.
//
// Calls into other packages are judged by what those do in the end, which is
// carried between packages as facts. Calls of interface methods and function
// values are not followed.
//
// # What does not
//
// A literal given to Await or AwaitContext, or to a function marked //mm:await,
// which does the like, to time.AfterFunc or context.AfterFunc, to a go statement,
// or kept as a deferred clean-up of the runtime, runs elsewhere. So does the branch in which a *thread.Thread is nil:
// code that serves both threads and goroutines asks thread.Current.
//
// A line //mm:blocking REASON, above or at the end of a line, accepts what that
// line does, such as a sync.Mutex held for a few instructions. A package whose
// doc comment has a line //mm:mechanism REASON is not looked at: it is what threads
// are made of. A reason is required. Tests are not looked at either.
package threadcode

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Analyzer finds Go's own blocking in thread code.
var Analyzer = &analysis.Analyzer{
	Name:      "threadcode",
	Doc:       "find Go's own blocking in code that runs on threads",
	Run:       run,
	FactTypes: []analysis.Fact{new(blocks), new(contract), new(awaits)},
}

var under = "github.com/mmlite/mmlite"

func init() {
	Analyzer.Flags.StringVar(&under, "under", under, "look at packages below this import `path` only")
	Analyzer.Flags.StringVar(&card, "card", card, "the `folders` below it whose objects live on a card")
}

// threadPath is the package of the primitives.
const threadPath = "github.com/mmlite/mmlite/firmware/thread"

// blocks is the fact that a function blocks in Go's own way.
type blocks struct {
	Why string // what it does in the end, with where
}

func (*blocks) AFact() {}

func (b *blocks) String() string { return "blocks: " + b.Why }

// awaits is the fact that a function has what it is given run where it may block.
type awaits struct{}

func (*awaits) AFact() {}

func (*awaits) String() string { return "awaits" }

func run(pass *analysis.Pass) (any, error) {
	path := pass.Pkg.Path()
	if path != under && !strings.HasPrefix(path, under+"/") {
		return nil, nil
	}
	g := &graph{pass: pass, decls: map[*types.Func]*node{}, lits: map[*ast.FuncLit]*node{}}
	g.directives()
	if g.mechanism {
		return nil, nil
	}
	for _, f := range pass.Files {
		if strings.HasSuffix(pass.Fset.Position(f.FileStart).Filename, "_test.go") {
			continue
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				g.declare(f, fn)
			}
		}
	}
	for _, n := range g.nodes {
		if n.decl != nil {
			(&walker{graph: g, node: n}).walk(n.decl.Body)
		}
	}
	g.contracts()
	g.implementers()
	g.export()
	g.report()
	return nil, nil
}

// directives reads the comments that are meant for this analyzer.
func (g *graph) directives() {
	g.accepted = map[string]map[int]bool{}
	for _, f := range g.pass.Files {
		for _, group := range f.Comments {
			for _, c := range group.List {
				verb, reason, _ := strings.Cut(strings.TrimPrefix(c.Text, "//"), " ")
				switch verb {
				case "mm:mechanism":
					g.reasoned(c, reason)
					g.mechanism = g.mechanism || group == f.Doc
				case "mm:blocking":
					g.reasoned(c, reason)
					at := g.pass.Fset.Position(c.Slash)
					if g.accepted[at.Filename] == nil {
						g.accepted[at.Filename] = map[int]bool{}
					}
					g.accepted[at.Filename][at.Line] = true
				}
			}
		}
	}
}

func (g *graph) reasoned(c *ast.Comment, reason string) {
	if strings.TrimSpace(reason) == "" {
		g.pass.Reportf(c.Slash, "a reason is missing")
	}
}

// accepts reports whether a directive on the line, or alone on the one above,
// accepts what is at pos.
func (g *graph) accepts(pos token.Pos) bool {
	at := g.pass.Fset.Position(pos)
	lines := g.accepted[at.Filename]
	return lines[at.Line] || lines[at.Line-1]
}

// marked reports whether a doc comment has a directive.
func marked(doc *ast.CommentGroup, directive string) bool {
	if doc == nil {
		return false
	}
	for _, c := range doc.List {
		if c.Text == directive || strings.HasPrefix(c.Text, directive+" ") {
			return true
		}
	}
	return false
}
