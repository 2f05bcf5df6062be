package ipctest_test

import (
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/ipc/ipctest"
	"github.com/mmlite/mmlite/firmware/mutate"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t testing.TB, obj com.Unknown) ipctest.Subject {
	t.Helper()
	s, err := ipctest.Open(obj)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLocal(t *testing.T) {
	o := ipctest.New(nil)
	s := open(t, o)
	ipctest.Conformance(t, s)
	s.Release()
	if n := o.Release(); n != 0 {
		t.Fatalf("%d references left", n)
	}
}

// cells puts a cell of the given kind around each contract of o.
func cells(t testing.TB, o *ipctest.Object, draining bool) ipctest.Subject {
	t.Helper()
	in := open(t, o)
	var out ipctest.Subject
	var err [4]error
	if draining {
		opt := mutate.Options{}
		out.Values, err[0] = ipctest.NewValuesDraining(in.Values, opt)
		out.Buffers, err[1] = ipctest.NewBuffersDraining(in.Buffers, opt)
		out.Calls, err[2] = ipctest.NewCallsDraining(in.Calls, opt)
		out.Refs, err[3] = ipctest.NewRefsDraining(in.Refs, opt)
	} else {
		out.Values, err[0] = ipctest.NewValuesCell(in.Values)
		out.Buffers, err[1] = ipctest.NewBuffersCell(in.Buffers)
		out.Calls, err[2] = ipctest.NewCallsCell(in.Calls)
		out.Refs, err[3] = ipctest.NewRefsCell(in.Refs)
	}
	for _, e := range err {
		if e != nil {
			t.Fatal(e)
		}
	}
	return out
}

func TestCells(t *testing.T) {
	for _, draining := range []bool{false, true} {
		o := ipctest.New(nil)
		s := cells(t, o, draining)
		ipctest.Conformance(t, s)
		s.Release() // the cells hold the references of the object's contracts
		if n := o.Release(); n != 0 {
			t.Fatalf("draining %v: %d references left", draining, n)
		}
	}
}

// TestLink runs both ends on goroutines of their own, TestPump both on one.
func TestLink(t *testing.T) { overLink(t, loopback, false) }
func TestPump(t *testing.T) { overLink(t, pumped, true) }

func overLink(t *testing.T, connect func(testing.TB, com.Unknown, *ipc.Stub) *ipc.Conn, alone bool) {
	o := ipctest.New(nil)
	conn := connect(t, o, ipctest.ValuesStub)
	p, _ := ipctest.ValuesType.Proxy(conn.Import(ipctest.ValuesType.IID))
	s := open(t, p)
	s.Remote, s.Alone = true, alone
	ipctest.Conformance(t, s)
	s.Release()
	com.Release(p, o)
	if now := conn.Stats(); now.Imports != 0 || now.Exports != 0 {
		t.Fatalf("left over: %+v", now)
	}
}
