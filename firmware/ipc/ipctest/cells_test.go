package ipctest_test

import (
	"errors"
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/ipc/ipctest"
)

// identity returns the object behind o as com.Unknown, borrowed.
func identity(t *testing.T, o com.Unknown) com.Unknown {
	t.Helper()
	u, err := o.Query(com.IIDUnknown)
	if err != nil {
		t.Fatal(err)
	}
	u.Release()
	return u
}

// TestCellIsTheObject replaces what is inside a cell, by another object and by
// a proxy of one, and looks whether callers notice.
func TestCellIsTheObject(t *testing.T) {
	a, b, far := ipctest.New(nil), ipctest.New(nil), ipctest.New(nil)
	cell, err := ipctest.NewRefsCell(open(t, a).Refs)
	if err != nil {
		t.Fatal(err)
	}
	me := identity(t, cell)
	if _, err := com.Query(cell, ipctest.ValuesType); !errors.Is(err, com.ErrNoInterface) {
		t.Fatalf("a cell of Refs answers for Values: %v", err)
	}
	proxy, _ := ipctest.RefsType.Proxy(pumped(t, far, ipctest.RefsStub).Import(ipctest.RefsType.IID))
	for _, next := range []ipctest.Refs{open(t, b).Refs, proxy} {
		n, err := cell.Make("before")
		if err != nil {
			t.Fatal(err)
		}
		old, err := cell.Binding.Swap(next)
		if err != nil {
			t.Fatal(err)
		}
		old.Release()
		if name, err := n.Name(); name != "before" || err != nil {
			t.Fatal(name, err)
		}
		n.Release()
		if identity(t, cell) != me {
			t.Fatal("another object after the swap")
		}
		same, err := com.Query(cell, ipctest.RefsType)
		if err != nil || same != ipctest.Refs(cell) {
			t.Fatal(same, err)
		}
		if alive, err := same.Alive(); alive != 0 || err != nil {
			t.Fatalf("%d nodes in a new implementation, %v", alive, err)
		}
		same.Release()
	}
	if n := cell.Release(); n != 0 {
		t.Fatalf("%d references left", n)
	}
	if _, err := cell.Make("late"); !errors.Is(err, com.ErrGone) {
		t.Fatalf("call after the last release: %v", err)
	}
	if _, err := proxy.Alive(); !errors.Is(err, com.ErrGone) {
		t.Fatalf("the cell has not released what was inside: %v", err)
	}
	if _, err := ipctest.NewRefsCell(nil); !errors.Is(err, com.ErrInvalid) {
		t.Fatalf("a cell around nothing: %v", err)
	}
}

// TestRelay hands an object of one client to another through the card between
// them: as a contract, and as com.Unknown that is asked for it afterwards.
func TestRelay(t *testing.T) {
	card := ipctest.New(nil)
	var clients [2]ipctest.Refs
	var conns [2]*ipc.Conn
	for i := range clients {
		conns[i] = pumped(t, card, ipctest.RefsStub)
		clients[i], _ = ipctest.RefsType.Proxy(conns[i].Import(ipctest.RefsType.IID))
	}
	mine := ipctest.New(nil) // of client 0
	n, err := mine.Make("mine")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(clients[0].Keep(n), clients[0].KeepAny(n)); err != nil {
		t.Fatal(err)
	}
	relayed, err := clients[1].Kept()
	if err != nil {
		t.Fatal(err)
	}
	any, err := clients[1].KeptAny()
	if err != nil {
		t.Fatal(err)
	}
	asked, err := com.Query(any, ipctest.NodeType)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []ipctest.Node{relayed, asked} {
		child, err := r.Child("child")
		if err != nil {
			t.Fatal(err)
		}
		parent, err := child.Parent()
		if err != nil {
			t.Fatal(err)
		}
		if name, err := parent.Name(); name != "mine" || err != nil {
			t.Fatal(name, err)
		}
		com.Release(child, parent)
	}
	com.Release(relayed, any, asked)
	if err := errors.Join(clients[0].Keep(nil), clients[0].KeepAny(nil)); err != nil {
		t.Fatal(err)
	}
	n.Release()
	// The releases are on their way: from client 1 to the card, then to client 0.
	for _, c := range []ipctest.Refs{clients[1], clients[0], clients[0]} {
		if _, err := c.Alive(); err != nil {
			t.Fatal(err)
		}
	}
	if alive, _ := mine.Alive(); alive != 0 {
		t.Fatalf("%d nodes left", alive)
	}
	com.Release(clients[0], clients[1], card, mine)
}
