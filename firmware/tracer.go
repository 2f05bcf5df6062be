package firmware

import (
	"context"
	"sync"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/firmware/thread"
	"github.com/mmlite/mmlite/firmware/trace"
)

const (
	// traceRecords is how many decisions of a processor are kept: a second or so of
	// a busy one, in a megabyte.
	traceRecords = 32 << 10
	// traceRead is how many a reader gets at a time.
	traceRead = 4096
	// traceHolders is how many may hold the trace at a time.
	traceHolders = 64
)

// tracer has the processors write logs as long as somebody holds them.
type tracer struct {
	c *Card

	mu      sync.Mutex // held for a few instructions
	holders int
	logs    []*trace.Log // of c.processors(), once somebody wanted them
	on      bool
	busy    bool // somebody is switching
}

// holder is a system.Trace.
type holder struct {
	com.Object
	t *tracer
}

// hold returns a trace that records until it is released.
func (t *tracer) hold() (system.Trace, error) {
	t.mu.Lock() //mm:blocking held for a few instructions
	if t.holders >= traceHolders {
		t.mu.Unlock()
		return nil, com.Errorf(com.ErrQuota, "%d hold the trace already", traceHolders)
	}
	t.holders++
	if t.logs == nil {
		for range t.c.processors() {
			t.logs = append(t.logs, trace.NewLog(traceRecords))
		}
	}
	t.mu.Unlock()
	h := &holder{t: t}
	h.Init(h, t.release, system.TraceType.For(h))
	if err := t.settle(); err != nil {
		h.Release()
		return nil, err
	}
	return h, nil
}

// release is the end of a holder. Switching waits for processors, which the end of
// an object must not do, so a thread does it.
func (t *tracer) release() {
	t.mu.Lock() //mm:blocking held for a few instructions
	t.holders--
	last := t.holders == 0
	t.mu.Unlock()
	if last {
		// Without that the card is ending, and so are the logs.
		_, _ = t.c.Spare.Spawn("trace off", thread.Attributes{Activity: t.c.Activities.Get("status")}, func(*thread.Thread) {
			if err := t.settle(); err != nil && err != com.ErrClosed {
				t.c.Log.Printf("trace: %v", err)
			}
		})
	}
}

// settle switches logs on or off as the holders want it. One caller does it for
// all that come meanwhile.
func (t *tracer) settle() error {
	t.mu.Lock() //mm:blocking held for a few instructions
	defer t.mu.Unlock()
	if t.busy {
		return nil
	}
	t.busy = true
	defer func() { t.busy = false }()
	for t.on != (t.holders > 0) {
		on := !t.on
		t.mu.Unlock()
		err := t.set(on)
		t.mu.Lock() //mm:blocking held for a few instructions
		if err != nil {
			return err
		}
		t.on = on
	}
	return nil
}

func (t *tracer) set(on bool) error {
	for i, p := range t.c.processors() {
		log := t.logs[i]
		if !on {
			log = nil
		}
		if err := p.SetTrace(log); err != nil {
			return err
		}
	}
	return nil
}

// Info implements system.Trace.
func (h *holder) Info(context.Context) (system.TraceInfo, error) {
	c := h.t.c
	i := system.TraceInfo{RecordSize: trace.Size, Records: uint32(h.t.logs[0].Cap()), Now: uint64(c.Machine.Now())}
	for _, p := range c.processors() {
		i.Processors = append(i.Processors, p.Name())
	}
	return i, nil
}

// Read implements system.Trace.
func (h *holder) Read(_ context.Context, processor string, since uint64) (records []byte, next, lost uint64, err error) {
	for i, p := range h.t.c.processors() {
		if p.Name() == processor {
			records, next, lost = h.t.logs[i].Append(nil, since, traceRead)
			return records, next, lost, nil
		}
	}
	_, err = h.t.c.Processor(processor)
	return nil, since, 0, err
}

// Names implements system.Trace.
func (h *holder) Names(context.Context) ([]system.TraceName, error) {
	var list []system.TraceName
	for i, p := range h.t.c.processors() {
		for _, n := range h.t.logs[i].Threads(nil) {
			list = append(list, system.TraceName{Kind: "thread", ID: uint64(n.Thread), Name: n.Name, Processor: p.Name()})
		}
		for _, n := range h.t.logs[i].Activities(nil) {
			list = append(list, system.TraceName{Kind: "activity", ID: uint64(n.Activity), Name: n.Name, Processor: p.Name()})
		}
	}
	return list, nil
}
