package contest

import (
	"runtime"
	"time"
)

// Own is this program as a Side: what makes each test ready.
type Own struct {
	tests map[string]func() (*job, error)
	ready map[string]*job
	clock func() time.Duration
}

// job is a test made ready.
type job struct {
	frame   func() error
	fresh   func()        // gives the picture its first contents
	picture func() []byte // what was drawn
}

// NewOwn is this program on one processor, measured by its time.
func NewOwn() *Own {
	o := &Own{tests: map[string]func() (*job, error){}, ready: map[string]*job{}, clock: spent}
	blits(o.tests)
	layers(o.tests)
	scenes(o.tests, nil)
	return o
}

func (o *Own) job(test string) (*job, error) {
	if j := o.ready[test]; j != nil {
		return j, nil
	}
	prepare := o.tests[test]
	if prepare == nil {
		return nil, ErrUnknown
	}
	j, err := prepare()
	if err == nil {
		o.ready[test] = j
	}
	return j, err
}

// warmUp is one part in how many of a turn goes before what is measured, since
// whoever worked last has emptied the caches. Peers do the same.
const warmUp = 8

// Run implements Side.
func (o *Own) Run(test string, n int) (time.Duration, error) {
	j, err := o.job(test)
	if err != nil {
		return 0, err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var begin time.Duration
	for i := -(n / warmUp) - 1; i < n; i++ {
		if i == 0 {
			begin = o.clock()
		}
		if err := j.frame(); err != nil {
			return 0, err
		}
	}
	return o.clock() - begin, nil
}

// Picture does one frame of a test on a fresh picture and returns its bytes.
func (o *Own) Picture(test string) ([]byte, error) {
	j, err := o.job(test)
	if err != nil {
		return nil, err
	}
	j.fresh()
	err = j.frame()
	return j.picture(), err
}

// random gives the numbers that the peers' generator gives.
type random uint32

func (r *random) next() uint32 {
	*r = *r*1664525 + 1013904223
	return uint32(*r)
}

// noise fills memory with what every side begins with.
func noise(p []byte, from uint32) {
	r := random(from)
	for i := range p {
		p[i] = byte(r.next() >> 24)
	}
}
