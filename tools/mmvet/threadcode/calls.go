package threadcode

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// primitives are what only threads may call, by receiver and name.
var primitives = set(
	"Sleep", "SleepUntil", "Yield", "Checkpoint", "Await", "AwaitContext", "WaitWord", "Wait", "Now",
	"NewTimer", "BeginConstraint", "EndConstraint", "NextConstraint", "Reserve",
	"Thread.Await", "Thread.Checkpoint", "Thread.Yield", "Thread.SleepUntil", "Thread.Wait", "Thread.WaitWord",
	"Thread.Join", "Thread.OnBlock", "Thread.SetActivity",
	"Mutex.Lock", "Mutex.LockOn", "Mutex.LockUntil", "Mutex.TryLock", "Mutex.Unlock", "Mutex.UnlockOn",
	"Cond.Wait", "Cond.Signal", "Cond.Broadcast", "Event.Wait", "Event.WaitOn", "Timer.Set", "Timer.Stop",
)

// blocking is what waits in the standard library, by package, receiver and name.
var blocking = map[string]map[string]bool{
	"sync": set("Mutex.Lock", "RWMutex.Lock", "RWMutex.RLock", "Locker.Lock", "WaitGroup.Wait", "WaitGroup.Go",
		"Cond.Wait", "Once.Do"),
	"time":                  set("Sleep"),
	"runtime":               set("LockOSThread", "Goexit"),
	"fmt":                   set("Print", "Println", "Printf", "Scan", "Scanln", "Scanf"),
	"syscall":               systemCalls,
	"golang.org/x/sys/unix": systemCalls,
}

var systemCalls = set("Accept", "Accept4", "ClockNanosleep", "Connect", "EpollWait", "Flock", "Fsync", "Nanosleep",
	"Open", "Openat", "Poll", "Ppoll", "Pread", "Pselect", "Pwrite", "Read", "Recvfrom", "Recvmsg", "Select",
	"Sendmsg", "Sendto", "Wait4", "Write")

// wholly are packages all of which waits, but for the names in harmless.
var wholly = set("os", "os/exec", "os/signal", "net", "net/http", "net/rpc", "log", "io/ioutil")

// harmless are what does not wait in them.
var harmless = map[string]map[string]bool{
	"os": set("Environ", "Exit", "Expand", "ExpandEnv", "Getegid", "Getenv", "Geteuid", "Getgid", "Getpagesize",
		"Getpid", "Getppid", "Getuid", "IsExist", "IsNotExist", "IsPathSeparator", "IsPermission", "IsTimeout",
		"LookupEnv", "NewSyscallError", "TempDir", "PathError.Error", "SyscallError.Error", "LinkError.Error",
		"File.Name", "File.Fd", "Root.Name", "FileInfo.Name", "FileInfo.Size", "FileInfo.Mode", "FileInfo.IsDir",
		"FileMode.IsDir", "FileMode.IsRegular", "FileMode.Perm", "FileMode.Type", "FileMode.String"),
	"os/exec": set("Command", "CommandContext", "Cmd.String", "Cmd.Environ"),
	"net": set("CIDRMask", "IPv4", "IPv4Mask", "JoinHostPort", "ParseCIDR", "ParseIP", "ParseMAC", "Pipe",
		"SplitHostPort", "Addr.String", "Addr.Network", "Conn.LocalAddr", "Conn.RemoteAddr", "Listener.Addr",
		"IP.String", "IP.Equal", "IP.To4", "IP.To16", "TCPAddr.String", "UDPAddr.String", "UnixAddr.String"),
	"net/http": set("StatusText", "Header.Add", "Header.Get", "Header.Set", "Header.Del", "NewRequest",
		"NewRequestWithContext"),
}

// elsewhere are functions that call what they are given on another goroutine.
var elsewhere = map[string]map[string]bool{
	"time":     set("AfterFunc"),
	"context":  set("AfterFunc"),
	"runtime":  set("AddCleanup", "SetFinalizer"),
	threadPath: set("Await", "AwaitContext", "Thread.Await"),
}

// spawning are functions that call what they are given on a thread.
var spawning = set("Processor.Spawn", "Processor.Call")

func set(names ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}

// call looks at a call and returns whether its parts are to be walked.
func (w *walker) call(c *ast.CallExpr) bool {
	fn, ok := typeutil.Callee(w.pass.TypesInfo, c).(*types.Func)
	if !ok || fn.Pkg() == nil {
		return true
	}
	fn = fn.Origin()
	path, name := fn.Pkg().Path(), nameOf(fn)
	switch {
	case elsewhere[path][name], w.pass.ImportObjectFact(fn, new(awaits)):
		if path == threadPath {
			w.primitive(name)
		}
		w.walk(c.Fun)
		for _, a := range c.Args {
			w.elsewhere(a)
		}
		return false
	case path == threadPath && spawning[name]:
		w.walk(c.Fun)
		for i, a := range c.Args {
			if i == len(c.Args)-1 {
				w.onThread(a, "it is given to "+name)
			} else {
				w.walk(a)
			}
		}
		return false
	case path == threadPath:
		if primitives[name] {
			w.primitive(name)
		}
	case blocking[path][name], wholly[path] && !harmless[path][name] && !strings.HasSuffix(name, ".Error"):
		w.act(c.Lparen, "call of "+path+"."+name)
	case w.decls[fn] != nil:
		if !w.accepts(c.Lparen) {
			w.node.calls = append(w.node.calls, call{c.Lparen, w.decls[fn]})
		}
	case fn.Pkg() != w.pass.Pkg:
		var b blocks
		if w.pass.ImportObjectFact(fn, &b) {
			w.act(c.Lparen, "call of "+path+"."+name+", which blocks by "+b.Why)
		}
	}
	return true
}

func (w *walker) primitive(name string) {
	if w.node.root == "" {
		w.node.root = "it calls thread." + name
	}
}

// nameOf returns a function's name, with its receiver's type if it has one.
func nameOf(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return fn.Name()
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name() + "." + fn.Name()
	}
	return fn.Name()
}
