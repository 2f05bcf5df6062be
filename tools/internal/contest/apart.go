package contest

import (
	"sync"
	"time"
)

// Apart is this program as several renderers that share nothing, each on one
// processor with a picture, depth and textures of its own, all drawing the same at
// the same time: what the machine's processors give without anything to divide or
// to wait for, and so the most that sharing the work of one picture can reach.
type Apart struct {
	each []*Own
}

// NewApart is so many of them, measured by the wall clock.
func NewApart(n int) *Apart {
	a := &Apart{}
	for range n {
		a.each = append(a.each, NewTeam(1))
	}
	return a
}

// Run implements Side. Each does n frames, and all together count: a frame's time is
// that of all divided by how many there were.
func (a *Apart) Run(test string, n int) (time.Duration, error) {
	for _, o := range a.each {
		if _, err := o.job(test); err != nil {
			return 0, err
		}
	}
	errs := make([]error, len(a.each))
	var warm, ended sync.WaitGroup
	begin := make(chan struct{})
	warm.Add(len(a.each))
	for i, o := range a.each {
		ended.Go(func() {
			errs[i] = o.frames(test, n/warmUp+1)
			warm.Done()
			<-begin
			if errs[i] == nil {
				errs[i] = o.frames(test, n)
			}
		})
	}
	warm.Wait()
	at := time.Now()
	close(begin)
	ended.Wait()
	took := time.Since(at) / time.Duration(len(a.each))
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return took, nil
}

// frames does n frames of a test that is ready.
func (o *Own) frames(test string, n int) error {
	for range n {
		if err := o.ready[test].frame(); err != nil {
			return err
		}
	}
	return nil
}
