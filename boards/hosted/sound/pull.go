package sound

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/mixer/format"
)

// pull is the half of a device that its system reads from: a queue of periods, filled by Write, emptied by Read on a goroutine
// of the system's library. When it is empty, Read gives silence, since such libraries take an end of data for the end.
type pull struct {
	name        string
	rate        int
	cfg         Config
	periodBytes int
	frameBytes  int
	queue       *ring
	encoder     *format.Encoder
	buffer      []byte
	timer       *time.Timer
	wake        chan struct{}
	done        chan struct{}

	playing   atomic.Bool // from a full queue, or a drain, until the queue is empty
	draining  atomic.Bool
	underruns atomic.Uint64
	silence   atomic.Uint64 // bytes of silence read since the queue was last empty
}

func newPull(name string, rate int, cfg Config) (*pull, error) {
	p := &pull{name: name, rate: rate, cfg: cfg, wake: make(chan struct{}, 1), done: make(chan struct{})}
	p.frameBytes = cfg.Channels * format.F32.Bytes()
	p.periodBytes = cfg.Period * p.frameBytes
	p.queue = newRing(cfg.Queue * p.periodBytes)
	p.buffer = make([]byte, p.periodBytes)
	p.timer = time.NewTimer(stallTime)
	p.timer.Stop()
	var err error
	p.encoder, err = format.NewEncoder(format.F32, false, 0)
	return p, err
}

func (p *pull) Name() string          { return p.name }
func (p *pull) Rate() int             { return p.rate }
func (p *pull) Channels() int         { return p.cfg.Channels }
func (p *pull) Period() int           { return p.cfg.Period }
func (p *pull) Queue() int            { return p.cfg.Queue }
func (p *pull) Offline() bool         { return false }
func (p *pull) Wake() <-chan struct{} { return p.wake }
func (p *pull) Underruns() uint64     { return p.underruns.Load() }
func (p *pull) Free() int             { return p.queue.free() / p.periodBytes }

// Read is called by the system's library. It never blocks and always gives whole frames, at least one if b holds one.
func (p *pull) Read(b []byte) (int, error) {
	b = b[:len(b)/p.frameBytes*p.frameBytes]
	n := 0
	if p.playing.Load() {
		if n = p.queue.get(b); n == 0 {
			p.playing.Store(false)
			p.silence.Store(0)
			if !p.draining.Load() {
				p.underruns.Add(1)
			}
		}
		signal(p.wake)
	}
	if n == 0 {
		// No more than a period at once, so that sound that comes meanwhile need not wait.
		n = min(len(b), p.periodBytes)
		clear(b[:n])
		p.silence.Add(uint64(n))
		signal(p.wake)
	}
	return n, nil
}

// put waits for room for a period and puts it in the queue.
func (p *pull) put(period []float32, failed func() error) error {
	if len(period) != p.cfg.Period*p.cfg.Channels {
		return fmt.Errorf("sound: %s takes periods of %d frames of %d channels, got %d samples", p.name, p.cfg.Period, p.cfg.Channels, len(period))
	}
	p.draining.Store(false)
	p.encoder.Encode(p.buffer, period)
	return p.wait(failed, func() bool { return p.queue.put(p.buffer) })
}

// wait blocks until ready, and gives up when nothing at all was read for stallTime.
func (p *pull) wait(failed func() error, ready func() bool) error {
	for {
		if err := failed(); err != nil {
			return err
		}
		if ready() {
			if p.queue.free() < p.periodBytes {
				p.playing.Store(true)
			}
			return nil
		}
		p.timer.Reset(stallTime)
		select {
		case <-p.wake:
			p.timer.Stop()
		case <-p.done:
			p.timer.Stop()
		case <-p.timer.C:
			return ErrStalled
		}
	}
}

// Pause lets what is queued be played.
func (p *pull) Pause() {
	p.draining.Store(true)
	if p.queue.queued() > 0 {
		p.playing.Store(true)
	}
}

// drain plays what is queued, and then waits until the system has read behind frames of silence: what its own buffers hold.
func (p *pull) drain(failed func() error, behind func() uint64) error {
	p.Pause()
	if err := p.wait(failed, func() bool { return !p.playing.Load() }); err != nil {
		return err
	}
	return p.wait(failed, func() bool { return p.silence.Load() >= behind()*uint64(p.frameBytes) })
}

// taken is how many frames of sound have been read.
func (p *pull) taken() uint64 { return p.queue.read.Load() / uint64(p.frameBytes) }
