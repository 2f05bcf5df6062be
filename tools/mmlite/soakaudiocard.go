package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// endWithParent ends this process when its standard input does: the parent holds
// the other end, and is gone when that is closed.
func endWithParent() {
	_, _ = io.Copy(io.Discard, os.Stdin) // whatever ends it
	os.Exit(0)
}

// helper is a process of this program.
type helper struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// startHelper starts this program in another role.
func startHelper(args ...string) (*helper, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	h := &helper{cmd: exec.Command(self, args...)}
	if h.in, err = h.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	h.out = bufio.NewReader(out)
	h.cmd.Stderr = os.Stderr
	ownGroup(h.cmd)
	return h, h.cmd.Start()
}

// stop ends it: kindly, and if that does not help, at once.
func (h *helper) stop() {
	if h == nil || h.cmd.Process == nil {
		return
	}
	_ = h.in.Close() // it may have ended by itself
	_ = h.cmd.Process.Signal(os.Interrupt)
	kill := time.AfterFunc(stopPatience, func() { _ = h.cmd.Process.Kill() })
	// What it says is read elsewhere, until Wait closes that; if nobody reads, it is
	// little enough for a pipe.
	_ = h.cmd.Wait() // interrupted, whatever it says
	kill.Stop()
}

const (
	startPatience = 20 * time.Second
	stopPatience  = 5 * time.Second
)

// line waits for a line that begins with a word.
func (h *helper) line(ctx context.Context, word string) error {
	got := make(chan error, 1)
	go func() {
		s, err := h.out.ReadString('\n')
		if err == nil && !strings.HasPrefix(s, word) {
			err = com.Errorf(com.ErrFailed, "it said %q", strings.TrimSpace(s))
		}
		got <- err
	}()
	t := time.NewTimer(startPatience)
	defer t.Stop()
	var err error
	select {
	case err = <-got:
		if errors.Is(err, io.EOF) {
			err = com.Errorf(com.ErrGone, "it ended at once")
		}
	case <-t.C:
		err = com.Errorf(com.ErrTimeout, "it said nothing for %v", startPatience)
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", strings.Join(h.cmd.Args[1:], " "), err)
	}
	return nil
}

// startCard starts a named card with the command's device and policy.
func (c *soakAudioCmd) startCard(ctx context.Context, policy string) (*helper, string, error) {
	name := fmt.Sprintf("soak-%d-%s", os.Getpid(), policy)
	h, err := startHelper("run", "--attached", "--name", name, "--device", c.Device, "--period", strconv.Itoa(c.Period), "--queue", strconv.Itoa(c.Queue),
		"--policy", "realtime="+policy)
	if err == nil {
		err = h.line(ctx, "card ")
	}
	if err != nil {
		h.stop()
		return nil, "", err
	}
	go func() { _, _ = io.Copy(io.Discard, h.out) }()
	return h, hostedOwn + name, nil
}

// soakStorm calls a card without end, and says once a second how often it has.
type soakStorm struct{}

// stormFill is how many bytes a call of the storm now and then fills.
const stormFill = 4096

// Run implements kong.
func (*soakStorm) Run(ctx context.Context, g *globals) error {
	go endWithParent()
	card, err := hostdriver.Open(ctx, g.Card, hostdriver.Client("mmlite soak"))
	if err != nil {
		return err
	}
	defer card.Close()
	echo, err := hostdriver.Bind(ctx, card, "/echo", system.EchoType)
	if err != nil {
		return err
	}
	defer echo.Release()
	var calls atomic.Uint64
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		tick := time.NewTicker(time.Second / 2)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				fmt.Println(calls.Load())
			case <-stop:
				return
			}
		}
	}()
	buf := make([]byte, stormFill)
	for n := int32(0); ctx.Err() == nil; n++ {
		switch {
		case n%64 == 63:
			_, err = echo.Fill(byte(n), buf)
		case n%4 == 3:
			err = echo.Post(uint64(n))
		default:
			_, err = echo.Add(n, 1)
		}
		if err != nil {
			return err
		}
		if calls.Add(1) == 1 {
			fmt.Println(1)
		}
	}
	return nil
}

// storm is a process that calls.
type storm struct {
	*helper
	calls atomic.Uint64
	done  chan struct{}
}

// startStorm returns when the process has begun to call.
func startStorm(card string) (*storm, error) {
	h, err := startHelper("--card", card, "soak", "storm")
	if err != nil {
		return nil, err
	}
	s := &storm{helper: h, done: make(chan struct{})}
	calling := make(chan struct{})
	go func() {
		defer close(s.done)
		for {
			line, err := s.out.ReadString('\n')
			if n, e := strconv.ParseUint(strings.TrimSpace(line), 10, 64); e == nil && n > 0 {
				if s.calls.Swap(n) == 0 {
					close(calling)
				}
			}
			if err != nil {
				return
			}
		}
	}()
	select {
	case <-calling:
		return s, nil
	case <-s.done:
		_ = h.in.Close()
		_ = h.cmd.Wait() // it has ended, however
		return nil, com.Errorf(com.ErrGone, "a process that was to call has ended before it did")
	}
}
