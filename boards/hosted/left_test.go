package hosted

import (
	"context"
	"os"
	"slices"
	"testing"

	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/hostdriver/hosted"
)

// What a card leaves behind that was killed is no card, and in nobody's way.
func TestKilledCardIsGone(t *testing.T) {
	name := named(t)
	dead := start(t, "ready", "run", "--name", name, "--device", "null")
	names := func() []string {
		t.Helper()
		list, err := hosted.Names()
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if got := names(); !slices.Equal(got, []string{name}) {
		t.Fatalf("these cards run: %v", got)
	}
	kill := func() {
		t.Helper()
		if err := dead.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if _, err := dead.Process.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	kill()
	path, err := hosted.Socket(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal("it left nothing behind: ", err)
	}
	if got := names(); len(got) != 0 {
		t.Errorf("these cards run: %v", got)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("what it left behind is still there")
	}
	// Nor is it in the way of the next one of its name.
	dead = start(t, "ready", "run", "--name", name, "--device", "null")
	kill()
	start(t, "ready", "run", "--name", name, "--device", "null")
	card, err := hostdriver.Open(context.Background(), "hosted:"+name)
	if err != nil {
		t.Fatal(err)
	}
	if err := card.Close(); err != nil {
		t.Error(err)
	}
}
