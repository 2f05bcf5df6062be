package hostdriver

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

// ChildArg is what a card of one's own is started with: it serves the socket it
// inherits, or the path it is given, and ends when that is closed.
const ChildArg = "--child"

// findCommand returns the mmlite command: the one given, this program if it is
// mmlite itself, one beside this program, one in PATH.
func (o *options) findCommand() (string, error) {
	if o.command != "" {
		return o.command, nil
	}
	const name = "mmlite"
	if self, err := os.Executable(); err == nil {
		if base := strings.TrimSuffix(filepath.Base(self), ".exe"); base == name {
			return self, nil
		}
		if beside, err := exec.LookPath(filepath.Join(filepath.Dir(self), name)); err == nil {
			return beside, nil
		}
	}
	path, err := exec.LookPath(name)
	if err == nil || errors.Is(err, exec.ErrDot) {
		return path, nil
	}
	return "", com.Errorf(com.ErrNotFound, "a hosted card needs the mmlite command; \"go install ./tools/mmlite\" in its source makes it. Neither beside this program nor in PATH is one")
}

// spawn starts a card of one's own.
func (o *options) spawn(ctx context.Context) (Transport, error) {
	command, err := o.findCommand()
	if err != nil {
		return Transport{}, err
	}
	p, err := newSocketPair()
	if err != nil {
		return Transport{}, err
	}
	cmd := exec.Command(command, append([]string{"run", ChildArg, p.arg}, o.args...)...)
	cmd.Stderr = o.stderr
	cmd.ExtraFiles = p.files
	prepare(cmd)
	if err := cmd.Start(); err != nil {
		p.close()
		return Transport{}, com.Errorf(com.ErrNotFound, "starting a card with %s: %v", command, err)
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	c, err := p.connect(ctx, exited)
	if err != nil {
		_ = cmd.Process.Kill() // it may have ended by itself
		return Transport{}, com.Errorf(com.ErrGone, "the card ended before it answered: %v", err)
	}
	// The card has seen the end of its socket and finishes what it writes.
	ended := func() error {
		select {
		case err := <-exited:
			if err != nil {
				return com.Errorf(com.ErrFailed, "the card ended badly: %v", err)
			}
			return nil
		case <-time.After(20 * time.Second):
			_ = cmd.Process.Kill() // it may end at this very moment
			return com.Errorf(com.ErrTimeout, "the card did not end within 20 s and was killed")
		}
	}
	t, err := o.greet(c)
	if err != nil {
		if com.CodeOf(err) == com.ErrGone && ended() != nil {
			err = com.Errorf(com.ErrGone, "the card could not start; what it said stands above")
		}
		return t, err
	}
	closeLink, abandonLink := t.Close, t.Abandon
	t.Close = func() error { return errors.Join(closeLink(), ended()) }
	t.Abandon = func() (func() error, error) {
		unmap, err := abandonLink()
		return unmap, errors.Join(err, ended())
	}
	return t, nil
}
