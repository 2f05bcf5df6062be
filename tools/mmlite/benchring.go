package main

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
	"github.com/mmlite/mmlite/firmware/machine"
	"github.com/mmlite/mmlite/firmware/machine/host"
	"github.com/mmlite/mmlite/hostdriver/hosted"
)

// rawRing is a link to a process that sends every packet back and does nothing
// else, both sides looking without end.
type rawRing struct {
	window *hosted.Window
	end    *link.End
	child  *exec.Cmd
	packet []byte
	buf    []byte
}

const (
	ringStart = 10 * time.Second // for the other process to start
	ringRest  = 2 * time.Millisecond
)

// openRing starts the other process; why says why there is no raw ring here.
func openRing(ctx context.Context) (r *rawRing, why string, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	dir, err := os.MkdirTemp("", "mmlite")
	if err != nil {
		return nil, "", err
	}
	defer os.RemoveAll(dir)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "ring"), Net: "unix"})
	if err != nil {
		return nil, "", err
	}
	defer l.Close()
	r = &rawRing{child: exec.CommandContext(ctx, self, "bench", "ring", l.Addr().String()), buf: make([]byte, link.MaxPacket)}
	r.child.Stderr = os.Stderr
	if err := r.child.Start(); err != nil {
		return nil, "", err
	}
	if err := l.SetDeadline(time.Now().Add(ringStart)); err != nil {
		return nil, "", err
	}
	c, err := l.AcceptUnix()
	if err == nil {
		r.window, err = hosted.Greet(c, "mmlite bench")
	}
	if err != nil {
		r.close()
		return nil, "", com.Errorf(com.ErrGone, "the other process of the raw ring: %v", err)
	}
	if !r.window.Shared {
		r.close()
		return nil, "this system shares no memory between processes", nil
	}
	r.end = r.window.Channel.HostEnd(host.New().Ring)
	r.packet = make([]byte, 60) // with its sequence number one slot
	r.packet[0] = 60
	return r, "", nil
}

// close ends the other process, which sees its socket end.
func (r *rawRing) close() {
	if r.window != nil {
		r.window.Conn.Close()
	} else {
		_ = r.child.Process.Kill() // it may have ended by itself
	}
	_ = r.child.Wait() // measuring is over, however it ended
	if r.window != nil {
		_ = r.window.Close()
	}
}

// trip sends one packet there and back.
func (r *rawRing) trip() error {
	if !r.end.Put(r.packet) {
		return com.Errorf(com.ErrFailed, "the raw ring is full with one packet in it")
	}
	r.end.Publish()
	for tries := 1; ; tries++ {
		n, err := r.end.Get(r.buf)
		if n > 0 || err != nil {
			return err
		}
		if tries%(1<<20) == 0 && r.end.PeerClosed() != com.OK {
			return com.Errorf(com.ErrGone, "the other process of the raw ring has ended")
		}
	}
}

// rate is in round trips a second.
func (r *rawRing) rate(d time.Duration) (float64, error) {
	n, began := 0, time.Now()
	for {
		for range callsATime {
			if err := r.trip(); err != nil {
				return 0, err
			}
		}
		n += callsATime
		if t := time.Since(began); t >= d {
			return float64(n) / t.Seconds(), nil
		}
	}
}

// ringChild is the other process.
type ringChild struct {
	Socket string `arg:""`
}

// Run implements kong.
func (r *ringChild) Run() error {
	c, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: r.Socket, Net: "unix"})
	if err != nil {
		return err
	}
	w, _, err := hosted.Answer(c, link.Default, 1, nil)
	if err != nil {
		return err
	}
	if !w.Shared {
		return w.Close()
	}
	m := host.New()
	idler := m.NewIdler(machine.Spare)
	gone := w.Gone()
	go func() { <-gone; idler.Wake() }()
	end := w.Channel.CardEnd(m.Ring)
	buf := make([]byte, link.MaxPacket)
	last := m.Now()
	for tries := 1; ; tries++ {
		n, err := end.Get(buf)
		if err != nil {
			return err
		}
		if n > 0 {
			if !end.Put(buf[:n]) {
				return com.Errorf(com.ErrFailed, "the raw ring is full")
			}
			end.Publish()
			tries = 0
			continue
		}
		switch {
		case tries == 1:
			last = 0
		case tries%1024 != 0:
		case last == 0:
			last = m.Now()
		case m.Now().Sub(last) > machine.FromStd(ringRest):
			// Between rounds nothing comes: leave the processor to the card.
			select {
			case <-gone:
				return w.Close()
			default:
			}
			if bell, old := end.Arm(); !end.Ready() {
				idler.Idle([]machine.Word{{Addr: bell, Old: old}}, machine.Forever)
			}
			tries = 0
		}
	}
}
