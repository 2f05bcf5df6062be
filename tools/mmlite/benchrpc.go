package main

import (
	"context"
	"encoding/json"
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
	"github.com/mmlite/mmlite/mmd"
	"github.com/mmlite/mmlite/synth/gm"
	"github.com/mmlite/mmlite/tools/mmlite/song"
)

// How long rounds last, at most, and what is done in one.
const (
	roundTime   = 5 * time.Millisecond // about a time slice of a busy system
	latencies   = 20_000
	silence     = time.Millisecond
	coldCalls   = 5
	allocCalls  = 20_000
	allocRounds = 3
	bulkBytes   = 4096
	settle      = 5 * time.Millisecond // until the other side of an idle ring sleeps
	callsATime  = 64                   // between two looks at the clock
	playedAhead = 16_000               // events that a port's queue surely takes
)

// rpcMeter collects the best of many rounds.
type rpcMeter struct {
	rounds int
	say    func(format string, args ...any)

	card *hostdriver.Card
	echo system.Echo
	ring *rawRing

	null, playing, raw, oneWay, bulk, copied, oneCore float64
	p50, p99, rawP50, coldP50, allocs                 float64
	cold                                              []time.Duration
	noRing, noCore                                    string // why not
}

func (m *rpcMeter) result() rpcResult {
	r := rpcResult{
		Null: &m.null, NullP50: &m.p50, NullP99: &m.p99, NullPlaying: &m.playing, ColdP50: &m.coldP50,
		OneCore: &m.oneCore, Raw: &m.raw, RawP50: &m.rawP50, OneWay: &m.oneWay, Bulk: &m.bulk, Allocs: &m.allocs,
	}
	if m.noRing != "" {
		r.Raw, r.RawP50 = nil, nil
	}
	if m.noCore != "" {
		r.OneCore = nil
	}
	return r
}

// measure does everything.
func (m *rpcMeter) measure(ctx context.Context, g *globals) (err error) {
	if m.oneCore, m.noCore, err = measureOneCore(ctx); err != nil {
		return err
	}
	if m.noCore != "" {
		m.say("one processor for both: not measured: %s", m.noCore)
	}
	if m.ring, m.noRing, err = openRing(ctx); err != nil {
		return err
	}
	if m.noRing != "" {
		m.say("raw ring: not measured: %s", m.noRing)
	} else {
		defer m.ring.close()
	}
	if m.card, err = openQuiet(ctx, g); err != nil {
		return err
	}
	defer m.card.Close()
	if m.echo, err = hostdriver.Bind(ctx, m.card, "/echo", system.EchoType); err != nil {
		return err
	}
	defer m.echo.Release()
	return m.all(ctx)
}

// all runs the rounds.
func (m *rpcMeter) all(ctx context.Context) error {
	if err := warm(m.echo); err != nil {
		return err
	}
	m.copied = copyTwice()
	m.p50, m.p99, m.rawP50, m.allocs = math.Inf(1), math.Inf(1), math.Inf(1), math.Inf(1)
	for range allocRounds {
		if err := m.allocRound(); err != nil {
			return err
		}
	}
	lat := make([]time.Duration, 0, latencies)
	for range m.rounds {
		for _, round := range []func() error{
			func() error { return m.rawRound(lat) },
			func() error { return m.nullRound(&m.null) },
			func() error { return m.latencyRound(lat) },
			m.oneWayRound, m.bulkRound, m.coldRound,
		} {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := round(); err != nil {
				return err
			}
		}
	}
	return m.playingRounds(ctx)
}

// warm calls until pools are filled and processors awake.
func warm(echo system.Echo) error {
	for range 20_000 {
		if err := echo.Null(); err != nil {
			return err
		}
	}
	return nil
}

func (m *rpcMeter) rawRound(lat []time.Duration) error {
	if m.noRing != "" {
		return nil
	}
	rate, err := m.ring.rate(roundTime)
	if err != nil {
		return err
	}
	m.raw = max(m.raw, rate)
	lat, err = timed(lat, m.ring.trip)
	if err != nil {
		return err
	}
	slices.Sort(lat)
	m.rawP50 = min(m.rawP50, float64(lat[len(lat)/2]))
	time.Sleep(settle)
	return nil
}

// nullRound calls as fast as it goes.
func (m *rpcMeter) nullRound(best *float64) error {
	rate, err := nullRate(m.echo, roundTime)
	*best = max(*best, rate)
	return err
}

func nullRate(echo system.Echo, d time.Duration) (float64, error) {
	n, began := 0, time.Now()
	for {
		for range callsATime {
			if err := echo.Null(); err != nil {
				return 0, err
			}
		}
		n += callsATime
		if t := time.Since(began); t >= d {
			return float64(n) / t.Seconds(), nil
		}
	}
}

// latencyRound times each call; that costs some ten nanoseconds, as it does for
// the raw ring.
func (m *rpcMeter) latencyRound(lat []time.Duration) error {
	lat, err := timed(lat, m.echo.Null)
	if err != nil {
		return err
	}
	slices.Sort(lat)
	m.p50 = min(m.p50, float64(lat[len(lat)/2]))
	m.p99 = min(m.p99, float64(lat[len(lat)*99/100]))
	return nil
}

// timed returns how long each call of f took, in one round.
func timed(lat []time.Duration, f func() error) ([]time.Duration, error) {
	lat = lat[:0]
	for began := time.Now(); len(lat) < latencies; {
		t := time.Now()
		if err := f(); err != nil {
			return nil, err
		}
		now := time.Now()
		lat = append(lat, now.Sub(t))
		if now.Sub(began) > roundTime {
			break
		}
	}
	return lat, nil
}

// coldRound calls after silence. These few calls count over all rounds.
func (m *rpcMeter) coldRound() error {
	for range coldCalls {
		time.Sleep(silence)
		t := time.Now()
		if err := m.echo.Null(); err != nil {
			return err
		}
		m.cold = append(m.cold, time.Since(t))
	}
	slices.Sort(m.cold)
	m.coldP50 = float64(m.cold[len(m.cold)/2])
	return nil
}

func (m *rpcMeter) oneWayRound() error {
	if _, _, _, _, err := m.echo.Totals(); err != nil {
		return err
	}
	posted, began := uint64(0), time.Now()
	for time.Since(began) < roundTime {
		for range 100 * callsATime {
			if err := m.echo.Post(posted); err != nil {
				return err
			}
			posted++
		}
	}
	calls, sum, _, _, err := m.echo.Totals()
	if err != nil {
		return err
	}
	rate := float64(posted) / time.Since(began).Seconds()
	if calls != posted || sum != posted*(posted-1)/2 {
		return com.Errorf(com.ErrCorrupt, "of %d one-way calls %d arrived, with sum %d", posted, calls, sum)
	}
	m.oneWay = max(m.oneWay, rate)
	return nil
}

func (m *rpcMeter) bulkRound() error {
	// Several patterns, so that bytes of an earlier call are found.
	var data [8][]byte
	for seed := range data {
		data[seed] = make([]byte, bulkBytes)
		mmd.FillPattern(byte(seed), data[seed])
	}
	if _, _, _, _, err := m.echo.Totals(); err != nil {
		return err
	}
	posted, began := uint64(0), time.Now()
	for time.Since(began) < roundTime {
		for range 8 * callsATime {
			seed := posted % uint64(len(data))
			if err := m.echo.PostBytes(byte(seed), data[seed]); err != nil {
				return err
			}
			posted++
		}
	}
	calls, _, bytes, wrong, err := m.echo.Totals()
	if err != nil {
		return err
	}
	rate := float64(posted) * bulkBytes / time.Since(began).Seconds()
	if calls != posted || bytes != posted*bulkBytes || wrong != 0 {
		return com.Errorf(com.ErrCorrupt, "of %d calls with %d bytes each %d arrived, with %d bytes, %d of them wrong", posted, bulkBytes, calls, bytes, wrong)
	}
	m.bulk = max(m.bulk, rate)
	return nil
}

// copyTwice is what limits bulk: bytes a second copied in and out again.
func copyTwice() float64 {
	a, b := make([]byte, bulkBytes), make([]byte, bulkBytes)
	best := 0.0
	for range 20 {
		began := time.Now()
		for range 20_000 {
			copy(b, a)
			copy(a, b)
		}
		best = max(best, 20_000*bulkBytes/time.Since(began).Seconds())
	}
	return best
}

// allocRound counts allocations of both sides, of calls with numbers and with a
// buffer of the caller.
func (m *rpcMeter) allocRound() error {
	buf := make([]byte, 256)
	host, card, err := m.mallocs()
	if err != nil {
		return err
	}
	for range allocCalls / 4 {
		e1 := m.echo.Null()
		_, e2 := m.echo.Add(1, 2)
		e3 := m.echo.Post(1)
		_, e4 := m.echo.Fill(1, buf)
		for _, err := range [...]error{e1, e2, e3, e4} {
			if err != nil {
				return err
			}
		}
	}
	host2, card2, err := m.mallocs()
	if err != nil {
		return err
	}
	// What the two looks themselves allocate is rounded away.
	each := float64(host2-host+card2-card) / allocCalls
	m.allocs = min(m.allocs, math.Round(each*100)/100)
	return nil
}

// mallocs returns how often this process and the card have allocated; the card's
// number is 0 if it does not tell.
func (m *rpcMeter) mallocs() (host, card uint64, err error) {
	err = readStatus(context.Background(), m.card, "runtime", func(s system.Status) error {
		b, err := s.JSON(context.Background())
		if err != nil {
			return err
		}
		var r struct {
			Mallocs uint64 `json:"mallocs"`
		}
		err = json.Unmarshal(b, &r)
		card = r.Mallocs
		return err
	})
	if com.CodeOf(err) == com.ErrNotFound {
		err = nil
	}
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return mem.Mallocs, card, err
}

// playingRounds calls while the card plays.
func (m *rpcMeter) playingRounds(ctx context.Context) error {
	synth, err := hostdriver.Bind(ctx, m.card, "/synth", audio.SynthType)
	if err != nil {
		return err
	}
	defer synth.Release()
	port, err := synth.Open(ctx, audio.PortOptions{Name: "mmlite bench"})
	if err != nil {
		return err
	}
	defer port.Release()
	_, file := gm.Tune()
	s, err := song.Parse(file, m.card.Info().Frames)
	if err != nil {
		return err
	}
	// All is queued beforehand: nobody else calls while calls are measured.
	var events []audio.Event
	for _, e := range s.Events[:min(len(s.Events), playedAhead)] {
		if e.SysEx == nil {
			events = append(events, e.Event)
		}
	}
	for len(events) > 0 {
		n := min(len(events), 4096)
		until := uint64(math.MaxUint64)
		if n < len(events) {
			until = events[n].Frame
		}
		if err := port.Queue(ctx, events[:n], until); err != nil {
			return err
		}
		events = events[n:]
	}
	if err := port.Start(ctx); err != nil {
		return err
	}
	if err := audible(ctx, port); err != nil {
		return err
	}
	for range m.rounds {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := m.nullRound(&m.playing); err != nil {
			return err
		}
	}
	return port.Stop(ctx)
}

// audible returns when the port plays.
func audible(ctx context.Context, port audio.Port) error {
	for began := time.Now(); time.Since(began) < 10*time.Second; {
		info, err := port.Info(ctx)
		if err != nil || info.Voices > 0 {
			return err
		}
		if err := pauseFor(ctx, settle, nil); err != nil {
			return err
		}
	}
	return com.Errorf(com.ErrFailed, "the card was to play while it was measured, and did not")
}
