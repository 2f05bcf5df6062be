package sound

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jfreymuth/pulse/proto"

	"github.com/mmlite/mmlite/mixer/format"
)

// pulse plays through a PulseAudio server, or PipeWire, which speaks the same protocol. The queue is the server's: it asks for
// as many bytes as it has room for, those are the credit, and Write spends them at once. No period waits on this side.
type pulse struct {
	cfg         Config
	name        string
	rate        int
	periodBytes int
	server      *pulseServer
	stream      uint32
	encoder     *format.Encoder
	buffer      []byte
	timer       *time.Timer
	wake        chan struct{}
	pause       chan struct{}
	done        chan struct{} // closed when the device is

	credit    atomic.Int64 // bytes the server has room for
	target    atomic.Int64 // bytes of the server's queue
	underruns atomic.Uint64
	draining  atomic.Bool
	closing   sync.Once

	mu      sync.Mutex
	written uint64 // frames
	heard   uint64 // frames, at time at
	at      time.Time
	latency time.Duration
	failure error
}

// pollTime is how often the server is asked what is heard.
const pollTime = 100 * time.Millisecond

func openPulse(sink string, cfg Config) (Device, error) {
	d := &pulse{cfg: cfg, name: "pulse", wake: make(chan struct{}, 1), pause: make(chan struct{}, 1), done: make(chan struct{}), at: time.Now()}
	if sink != "" {
		d.name += ":" + sink
	}
	server, err := dialPulse(cfg.Client, d.event)
	if err != nil {
		return nil, err
	}
	d.server = server
	if err := d.open(sink); err != nil {
		server.Close()
		return nil, err
	}
	go d.poll()
	return d, nil
}

func (d *pulse) open(sink string) error {
	info, err := d.server.sink(sink)
	if err != nil {
		return err
	}
	d.rate = d.cfg.rateOr(int(info.Rate))
	d.periodBytes = d.cfg.Period * d.cfg.Channels * format.F32.Bytes()
	d.buffer = make([]byte, d.periodBytes)
	// A drain is answered when the queue has been heard.
	d.server.SetTimeout(pulseTimeout + span(uint64(2*d.cfg.Queue*d.cfg.Period), d.rate))
	if d.encoder, err = format.NewEncoder(format.F32, false, 0); err != nil {
		return err
	}
	d.timer = time.NewTimer(stallTime)
	d.timer.Stop()
	volumes := make(proto.ChannelVolumes, d.cfg.Channels)
	for i := range volumes {
		volumes[i] = uint32(proto.VolumeNorm)
	}
	queue := uint32(d.cfg.Queue * d.periodBytes)
	var reply proto.CreatePlaybackStreamReply
	err = d.server.Request(&proto.CreatePlaybackStream{
		SampleSpec:            proto.SampleSpec{Format: proto.FormatFloat32LE, Channels: byte(d.cfg.Channels), Rate: uint32(d.rate)},
		ChannelMap:            pulseSpeakers[d.cfg.Channels],
		SinkIndex:             info.SinkIndex,
		BufferMaxLength:       2 * queue,
		BufferTargetLength:    queue,
		BufferPrebufferLength: proto.Undefined,
		BufferMinimumRequest:  uint32(d.periodBytes),
		ChannelVolumes:        volumes,
		AdjustLatency:         true, // the queue asked for includes what the server keeps for its hardware
		Properties:            proto.PropList{"media.name": proto.PropListString(d.cfg.Client), "media.role": proto.PropListString("music")},
	}, &reply)
	if err != nil {
		return fmt.Errorf("sound: the PulseAudio server gives no stream to %q: %w", info.SinkName, err)
	}
	d.target.Store(int64(reply.BufferTargetLength))
	d.credit.Add(int64(reply.Missing))
	// Events of the stream may have come before this; event keeps those of any stream, there being only one.
	d.stream = reply.StreamIndex
	return nil
}

// pulseSpeakers are the channel maps for 1 to 8 channels, in the order package format gives them.
var pulseSpeakers = [...]proto.ChannelMap{
	1: {proto.ChannelMono},
	2: {proto.ChannelFrontLeft, proto.ChannelFrontRight},
	3: {proto.ChannelFrontLeft, proto.ChannelFrontRight, proto.ChannelFrontCenter},
	4: {proto.ChannelFrontLeft, proto.ChannelFrontRight, proto.ChannelRearLeft, proto.ChannelRearRight},
	5: {proto.ChannelFrontLeft, proto.ChannelFrontRight, proto.ChannelFrontCenter, proto.ChannelRearLeft, proto.ChannelRearRight},
	6: {proto.ChannelFrontLeft, proto.ChannelFrontRight, proto.ChannelFrontCenter, proto.ChannelLFE, proto.ChannelRearLeft, proto.ChannelRearRight},
	7: {proto.ChannelFrontLeft, proto.ChannelFrontRight, proto.ChannelFrontCenter, proto.ChannelLFE, proto.ChannelRearCenter, proto.ChannelLeftSide, proto.ChannelRightSide},
	8: {proto.ChannelFrontLeft, proto.ChannelFrontRight, proto.ChannelFrontCenter, proto.ChannelLFE, proto.ChannelRearLeft, proto.ChannelRearRight, proto.ChannelLeftSide, proto.ChannelRightSide},
}

// event runs on the connection's reading goroutine, which must not wait for anything.
func (d *pulse) event(message any) {
	switch m := message.(type) {
	case *proto.Request:
		d.credit.Add(int64(m.Length))
		signal(d.wake)
	case *proto.Underflow:
		if !d.draining.Load() {
			d.underruns.Add(1)
		}
		signal(d.wake)
	case *proto.PlaybackBufferAttrChanged:
		d.target.Store(int64(m.BufferTargetLength))
	case *proto.PlaybackStreamMoved:
		d.target.Store(int64(m.BufferTargetLength))
	case *proto.PlaybackStreamKilled:
		d.fail(fmt.Errorf("sound: %s: the PulseAudio server has ended the stream; its sink may have been removed", d.name))
	case *proto.ConnectionClosed:
		d.fail(fmt.Errorf("sound: %s: the PulseAudio server has gone", d.name))
	}
}

func (d *pulse) fail(err error) {
	d.mu.Lock()
	if d.failure == nil {
		d.failure = err
	}
	d.mu.Unlock()
	d.closing.Do(func() { close(d.done) })
	signal(d.wake)
}

// Err is why the device plays no more.
func (d *pulse) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failure
}

func (d *pulse) Name() string          { return d.name }
func (d *pulse) Rate() int             { return d.rate }
func (d *pulse) Channels() int         { return d.cfg.Channels }
func (d *pulse) Period() int           { return d.cfg.Period }
func (d *pulse) Offline() bool         { return false }
func (d *pulse) Wake() <-chan struct{} { return d.wake }
func (d *pulse) Underruns() uint64     { return d.underruns.Load() }
func (d *pulse) Free() int             { return int(max(0, d.credit.Load()) / int64(d.periodBytes)) }

// Queue is what the server granted, which may be more than was asked for.
func (d *pulse) Queue() int {
	return int((d.target.Load() + int64(d.periodBytes) - 1) / int64(d.periodBytes))
}

func (d *pulse) Write(period []float32) error {
	if err := checkPeriod(d, period); err != nil {
		return err
	}
	for waited := false; d.credit.Load() < int64(d.periodBytes); waited = true {
		if !waited {
			d.timer.Reset(stallTime)
		}
		select {
		case <-d.wake:
		case <-d.done:
			d.timer.Stop()
			return d.Err()
		case <-d.timer.C:
			return ErrStalled
		}
	}
	d.timer.Stop()
	if err := d.Err(); err != nil {
		return err
	}
	d.draining.Store(false)
	d.encoder.Encode(d.buffer, period)
	d.credit.Add(-int64(d.periodBytes))
	if err := d.server.Send(d.stream, d.buffer); err != nil {
		d.fail(fmt.Errorf("sound: %s: %w", d.name, err))
		return d.Err()
	}
	d.mu.Lock()
	d.written += uint64(d.cfg.Period)
	d.mu.Unlock()
	return nil
}

// Pause has the server play what it has. The request is made by the polling goroutine, since it waits for an answer.
func (d *pulse) Pause() {
	d.draining.Store(true)
	signal(d.pause)
}

// Drain is answered by the server when the last frame has been heard.
func (d *pulse) Drain() error {
	if err := d.Err(); err != nil {
		return err
	}
	d.draining.Store(true)
	if err := d.server.Request(&proto.DrainPlaybackStream{StreamIndex: d.stream}, nil); err != nil {
		if gone := d.Err(); gone != nil {
			return gone
		}
		if errors.Is(err, context.DeadlineExceeded) {
			return ErrStalled
		}
		return fmt.Errorf("sound: %s: draining: %w", d.name, err)
	}
	d.mu.Lock()
	d.heard, d.at, d.latency = d.written, time.Now(), 0
	d.mu.Unlock()
	return nil
}

// poll makes the requests that nobody waits for: now and then, how far the server has come.
func (d *pulse) poll() {
	ticker := time.NewTicker(pollTime)
	defer ticker.Stop()
	for {
		select {
		case <-d.done:
			return
		case <-d.pause:
			// It fails where nothing waits to be played, which is as well.
			_ = d.server.Request(&proto.TriggerPlaybackStream{StreamIndex: d.stream}, nil)
		case <-ticker.C:
			d.ask()
		}
	}
}

// ask takes the stream's read position less what the sink still holds as what is heard, at the middle of the request. Once the
// stream has run dry the sink holds more and more silence after it.
func (d *pulse) ask() {
	before := time.Now()
	var reply proto.GetPlaybackLatencyReply
	if d.server.Request(&proto.GetPlaybackLatency{StreamIndex: d.stream}, &reply) != nil {
		return
	}
	took := time.Since(before)
	frame := int64(d.cfg.Channels * format.F32.Bytes())
	sink := time.Duration(min(reply.Latency, 1e9)) * time.Microsecond
	behind := int64(frames(sink, d.rate))
	if reply.UnderrunFor != math.MaxUint64 { // that is: it never has
		behind -= min(behind, int64(min(reply.UnderrunFor, math.MaxInt64))/frame)
	}
	heard := max(0, reply.ReadIndex/frame-behind)
	waiting := max(0, reply.WriteIndex-reply.ReadIndex) / frame
	d.mu.Lock()
	defer d.mu.Unlock()
	if h := min(uint64(heard), d.written); h >= d.heard {
		d.heard, d.at = h, before.Add(took/2)
	}
	d.latency = sink + span(uint64(waiting), d.rate)
}

func (d *pulse) Position() (uint64, time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.heard, d.at
}

// Latency is the server's own figure, or the length of its queue until it has told.
func (d *pulse) Latency() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.latency == 0 && d.written > 0 && !d.draining.Load() {
		return span(uint64(d.Queue()*d.cfg.Period), d.rate)
	}
	return d.latency
}

func (d *pulse) Close() error {
	d.fail(ErrClosed)
	return d.server.Close()
}
