package link

import "testing"

// The waiting protocol as a model: one writer and one reader, every shared word
// an atomic of its own, every interleaving of their steps explored. The property
// is that the reader is never asleep for good while a packet waits.

type model struct {
	// Shared words.
	published, armed, bell int
	// Writer.
	wpc, written, rung int
	// Reader.
	rpc, read, arming, old int
	asleep                 bool
}

const modelPackets = 4

// writer returns the state after the writer's next step, or false if it is done.
func (m model) writer() (model, bool) {
	switch m.wpc {
	case 0: // publish
		if m.written == modelPackets {
			return m, false
		}
		m.written++
		m.published = m.written
		m.wpc = 1
	case 1: // read armed
		if m.armed == m.rung {
			m.wpc = 0
			return m, true
		}
		m.rung = m.armed
		m.wpc = 2
	case 2: // change the bell
		m.bell++
		m.wpc = 3
	case 3: // wake who sleeps
		m.asleep = false
		m.wpc = 0
	}
	return m, true
}

// reader returns the state after the reader's next step, or false if it sleeps
// or is done.
func (m model) reader() (model, bool) {
	if m.asleep {
		return m, false
	}
	switch m.rpc {
	case 0: // look
		if m.read == modelPackets {
			return m, false
		}
		if m.published > m.read {
			m.read++
		} else {
			m.rpc = 1
		}
	case 1: // read the bell
		m.old = m.bell
		m.rpc = 2
	case 2: // say that it is armed
		m.arming++
		m.armed = m.arming
		m.rpc = 3
	case 3: // look again
		m.rpc = 4
		if m.published > m.read {
			m.rpc = 0
		}
	case 4: // sleep, if the bell has not changed: one step, as the kernel makes it
		m.asleep = m.bell == m.old
		m.rpc = 0
	}
	return m, true
}

// explore visits all states and returns how many there are, and how many are
// stuck with a packet unread.
func explore(start model, writer, reader func(model) (model, bool)) (states, stuck int) {
	seen := map[model]bool{start: true}
	todo := []model{start}
	for len(todo) > 0 {
		m := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		states++
		moved := false
		for _, step := range []func(model) (model, bool){writer, reader} {
			if n, ok := step(m); ok {
				moved = true
				if !seen[n] {
					seen[n] = true
					todo = append(todo, n)
				}
			}
		}
		if !moved && m.read != modelPackets {
			stuck++
		}
	}
	return states, stuck
}

func TestModelOfWaiting(t *testing.T) {
	states, stuck := explore(model{}, model.writer, model.reader)
	if stuck != 0 || states < 500 {
		t.Fatalf("%d states, in %d of them the reader sleeps for good", states, stuck)
	}
	t.Logf("%d states", states)
}

// TestModelFindsLostWakeups breaks the protocol in the ways it could have been
// written, to see that the model would tell.
func TestModelFindsLostWakeups(t *testing.T) {
	noSecondLook := func(m model) (model, bool) {
		if m.rpc == 3 {
			m.rpc = 4
			return m, true
		}
		return m.reader()
	}
	if _, stuck := explore(model{}, model.writer, noSecondLook); stuck == 0 {
		t.Error("not looking again goes unnoticed")
	}
	// The flag that the waker clears: armed again meanwhile, it is lost.
	clearing := func(m model) (model, bool) {
		switch m.wpc {
		case 1:
			if m.armed == 0 {
				m.wpc = 0
				return m, true
			}
			m.wpc = 2
			return m, true
		case 3:
			m.asleep, m.armed, m.wpc = false, 0, 0
			return m, true
		}
		return m.writer()
	}
	if _, stuck := explore(model{}, clearing, model.reader); stuck == 0 {
		t.Error("a flag that the waker clears goes unnoticed")
	}
	bellReadLate := func(m model) (model, bool) {
		switch m.rpc {
		case 1:
			m.rpc = 2
			return m, true
		case 3:
			n, _ := m.reader()
			n.old = n.bell // read after arming and looking, too late
			return n, true
		}
		return m.reader()
	}
	if _, stuck := explore(model{}, model.writer, bellReadLate); stuck == 0 {
		t.Error("reading the bell too late goes unnoticed")
	}
}
