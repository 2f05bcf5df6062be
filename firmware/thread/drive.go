package thread

import "sync"

// driving says who has a processor's scheduler in hand: one goroutine at a time
// in RunUntil, or Run for good. Those who wait for their turn give up when Run
// comes.
type driving struct {
	mu    sync.Mutex
	free  sync.Cond // L is mu
	taken bool
	run   bool // Run has it, or waits for it
}

func (d *driving) init() { d.free.L = &d.mu }

// take waits for the turn of a goroutine that is not in Run. It reports false if
// Run has or wants it.
func (d *driving) take() bool { return d.takeUnless(func() bool { return false }) }

// takeUnless is take that gives up when done is true. Who makes it true calls
// again.
func (d *driving) takeUnless(done func() bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.taken && !d.run && !done() {
		d.free.Wait()
	}
	if d.taken || d.run || done() {
		return false
	}
	d.taken = true
	return true
}

// again has those who wait look again.
func (d *driving) again() {
	d.mu.Lock()
	d.free.Broadcast()
	d.mu.Unlock()
}

// try takes the turn if nobody has it.
func (d *driving) try() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.taken || d.run {
		return false
	}
	d.taken = true
	return true
}

// takeForRun waits for the turn of Run, which the others leave to it. It calls
// hurry once it is known that Run comes, and reports false if it is there already.
func (d *driving) takeForRun(hurry func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.run {
		return false
	}
	d.run = true
	hurry()
	d.free.Broadcast()
	for d.taken {
		d.free.Wait()
	}
	d.taken = true
	return true
}

// give ends a turn.
func (d *driving) give() {
	d.mu.Lock()
	d.taken = false
	d.free.Broadcast()
	d.mu.Unlock()
}

// giveForRun ends Run's turn.
func (d *driving) giveForRun() {
	d.mu.Lock()
	d.taken, d.run = false, false
	d.free.Broadcast()
	d.mu.Unlock()
}
