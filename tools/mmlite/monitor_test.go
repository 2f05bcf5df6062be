package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// startLines starts a command and returns the lines that it prints.
func startLines(t *testing.T, cmd *exec.Cmd) *bufio.Scanner {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return bufio.NewScanner(out)
}

// end interrupts a command, which then ends well.
func end(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %v", cmd.Args[1:], err)
	}
}

// fetch gets a page.
func fetch(t *testing.T, url string) int {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	return r.StatusCode
}

func TestMonitorOfARunningCard(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("ends the monitor by a signal that this system has not")
	}
	dir := shortFolder(t)
	runCard(t, dir, "--name", "den")
	cmd := command(t, dir, "--json", "monitor")
	lines := startLines(t, cmd)
	if !lines.Scan() {
		t.Fatal("the monitor says nothing")
	}
	var m monitored
	if err := json.Unmarshal(lines.Bytes(), &m); err != nil || m.Card != "hosted:den" {
		t.Fatalf("%s: %v", lines.Text(), err)
	}
	if got := fetch(t, m.URL); got != http.StatusOK {
		t.Errorf("%s: status %d", m.URL, got)
	}
	root, _, _ := strings.Cut(strings.TrimPrefix(m.URL, "http://"), "/")
	if got := fetch(t, "http://"+root+"/"); got != http.StatusForbidden {
		t.Errorf("without the token: status %d", got)
	}
	if out, errs, err := mmlite(t, dir, "status"); err != nil || !strings.Contains(out, "mmlite monitor#") {
		t.Errorf("the card's list of programs: %v\n%s%s", err, out, errs)
	}
	end(t, cmd)
}

// mmlite run --web starts a monitor as a process of its own, which ends with it.
func TestCardWithAMonitor(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("ends the card by a signal that this system has not")
	}
	dir := shortFolder(t)
	card := command(t, dir, "run", "--device", "null", "--web", ":0")
	lines := startLines(t, card)
	url := ""
	for url == "" && lines.Scan() {
		_, url, _ = strings.Cut(lines.Text(), "in a browser: ")
	}
	if got := fetch(t, url); got != http.StatusOK {
		t.Errorf("%s: status %d", url, got)
	}
	end(t, card)
	if _, err := http.Get(url); err == nil {
		t.Error("the monitor has outlived its card")
	}
}

func TestMonitorAtABadAddress(t *testing.T) {
	dir := shortFolder(t)
	runCard(t, dir)
	for _, c := range []struct{ address, want string }{{"nowhere", "[HOST]:PORT"}, {"127.0.0.1:99999999", "cannot listen"}} {
		_, errs, err := mmlite(t, dir, "monitor", "--listen", c.address)
		if err == nil || !strings.Contains(errs, c.want) {
			t.Errorf("%s: %v\n%s", c.address, err, errs)
		}
	}
}
