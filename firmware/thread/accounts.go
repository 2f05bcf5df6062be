package thread

import (
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/sched"
)

// Accounts calls yield for each account that the policy keeps, on the processor
// and between threads, until it returns false; yield must neither wait nor keep
// the account. Any goroutine may call it; it waits for the processor's next
// dispatch. The errors are com.ErrNotSupported where the policy keeps none, and
// com.ErrClosed.
func (p *Processor) Accounts(yield func(*sched.Account) bool) (err error) {
	if !p.ask(func(p *Processor) {
		a, ok := p.policy.(sched.Accountant)
		if !ok {
			err = com.Errorf(com.ErrNotSupported, "policy %s keeps no accounts", p.policy.Name())
			return
		}
		p.settleCurrent()
		a.Accounts(p.now(), yield)
	}) {
		return com.ErrClosed
	}
	return err
}

// settleCurrent brings the accounts of the thread that runs up to now.
func (p *Processor) settleCurrent() {
	if p.current != nil && p.current.state == Running {
		p.charge(p.time.both())
	}
}
