//go:build (darwin && !ios) || windows || oto

package sound

import (
	"fmt"
	"sync"
	"time"

	"github.com/ebitengine/oto/v3"
)

// otoDevice plays through oto: Core Audio on macOS, WASAPI on Windows, ALSA on Linux.
type otoDevice struct {
	*pull
	context *oto.Context
	player  *oto.Player
	inside  time.Duration // what oto holds between its player and the ear

	mu     sync.Mutex
	closed bool
	heard  uint64
}

// oto allows one context in a process's life, whose rate and channels are then fixed.
var shared struct {
	sync.Mutex
	context        *oto.Context
	rate, channels int
	user           *otoDevice
}

// otoBuffer is what is asked of oto for its own buffer; below it Windows and macOS stutter under load.
const otoBuffer = 20 * time.Millisecond

func otoReason() error { return nil }

func openOto(cfg Config) (Device, error) {
	if cfg.Channels > 2 {
		return nil, fmt.Errorf("sound: oto plays one or two channels, not %d", cfg.Channels)
	}
	rate := cfg.rateOr(0)
	shared.Lock()
	defer shared.Unlock()
	if shared.user != nil {
		return nil, fmt.Errorf("sound: oto plays one stream at a time in this process; close the other device first")
	}
	if shared.context == nil {
		context, ready, err := oto.NewContext(&oto.NewContextOptions{
			SampleRate: rate, ChannelCount: cfg.Channels, Format: oto.FormatFloat32LE, BufferSize: otoBuffer,
		})
		if err != nil {
			return nil, fmt.Errorf("sound: oto: %w", err)
		}
		<-ready
		shared.context, shared.rate, shared.channels = context, rate, cfg.Channels
	}
	if shared.rate != rate || shared.channels != cfg.Channels {
		return nil, fmt.Errorf("sound: oto was opened with %d Hz and %d channels and cannot change that in this process; ask for the same", shared.rate, shared.channels)
	}
	if err := shared.context.Err(); err != nil {
		return nil, fmt.Errorf("sound: oto: %w", err)
	}
	p, err := newPull("oto", rate, cfg)
	if err != nil {
		return nil, err
	}
	d := &otoDevice{pull: p, context: shared.context, inside: otoBuffer}
	d.player = d.context.NewPlayer(p)
	d.player.SetBufferSize(p.periodBytes) // its default is half a second
	if err := d.context.Resume(); err != nil {
		return nil, fmt.Errorf("sound: oto: %w", err)
	}
	d.player.Play()
	shared.user = d
	return d, nil
}

// Err is also how Write and Drain find out.
func (d *otoDevice) Err() error {
	d.mu.Lock()
	closed := d.closed
	d.mu.Unlock()
	if closed {
		return ErrClosed
	}
	if err := d.context.Err(); err != nil {
		return fmt.Errorf("sound: oto: %w", err)
	}
	if err := d.player.Err(); err != nil {
		return fmt.Errorf("sound: oto: %w", err)
	}
	return nil
}

func (d *otoDevice) Write(period []float32) error { return d.put(period, d.Err) }

func (d *otoDevice) Drain() error { return d.drain(d.Err, d.behind) }

// behind is how many frames are between Read and the ear.
func (d *otoDevice) behind() uint64 {
	return uint64(d.player.BufferedSize()/d.frameBytes) + frames(d.inside, d.rate)
}

// Position assumes that silence has pushed out sound since the queue ran empty.
func (d *otoDevice) Position() (uint64, time.Time) {
	now := time.Now()
	behind := d.behind()
	if quiet := d.silence.Load() / uint64(d.frameBytes); !d.playing.Load() {
		behind -= min(behind, quiet)
	}
	taken := d.taken()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.heard = max(d.heard, taken-min(taken, behind))
	return d.heard, now
}

func (d *otoDevice) Latency() time.Duration {
	return span(uint64(d.queue.queued()/d.frameBytes)+d.behind(), d.rate)
}

func (d *otoDevice) Close() error {
	d.mu.Lock()
	was := d.closed
	d.closed = true
	d.mu.Unlock()
	if was {
		return nil
	}
	d.player.Pause()
	close(d.done)
	shared.Lock()
	defer shared.Unlock()
	shared.user = nil
	return d.context.Suspend()
}
