package ipctest_test

import (
	"testing"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/ipc"
	"github.com/mmlite/mmlite/firmware/ipc/ipctest"
)

// An object that a call returns is not queried, so that it has another form of its
// contract than the caller knows is found when it arrives, and said.
func TestReferenceOfAnotherForm(t *testing.T) {
	o := ipctest.New(nil)
	defer o.Release()
	older := *ipctest.NodeStub
	desc := *older.Type
	desc.IID[8] ^= 1
	older.Type = &desc
	host, card := pumps(t, o, &ipc.Stub{Type: ipctest.RefsStub.Type, Serve: func(in *ipc.Incoming, obj com.Unknown) error {
		name := in.Args.String(ipc.DefaultMaxText)
		if err := in.Args.End(); err != nil {
			return err
		}
		n, err := obj.(ipctest.Refs).Make(name)
		if err != nil {
			return err
		}
		stub := ipctest.NodeStub
		if name == "older" {
			stub = &older
		}
		ipc.PutRef(&in.Results, n, stub)
		n.Release()
		return nil
	}})
	r, _ := ipctest.RefsType.Proxy(host.conn.Import(ipctest.RefsType.IID))
	n, err := r.Make("today's")
	if err != nil {
		t.Fatal(err)
	}
	n.Release()
	if n, err := r.Make("older"); com.CodeOf(err) != com.ErrVersion {
		t.Fatalf("%v, %v", n, err)
	}
	card.conn.Fail(com.ErrGone, nil)
	if n, _ := o.Alive(); n != 0 {
		t.Errorf("%d nodes are alive", n)
	}
}
