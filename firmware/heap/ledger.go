package heap

// slot is the entry of one live span in the books. It has no pointers, so that
// the collector passes over the table.
type slot struct {
	place
	data       uint32 // granule at which the span starts, after the front guard
	held       uint32 // granules charged to the owner: without guards
	gen        uint32 // changes when the span is freed
	owner      uint32 // number of the account
	serial     uint32 // of the account, whose number may be used again
	prev, next uint32 // other spans of the owner
	live       bool
	want       uint64 // bytes asked for
}

// ledger is the table of live spans. Slot 0 is not used.
type ledger struct {
	slots []slot
	spare uint32 // unused slots, chained by next
}

func (l *ledger) init(reserve int) { l.slots = make([]slot, 1, reserve+1) }

func (l *ledger) add() uint32 {
	i := l.spare
	if i != none {
		l.spare = l.slots[i].next
	} else {
		l.slots = append(l.slots, slot{})
		i = uint32(len(l.slots) - 1)
	}
	l.slots[i].live = true
	return i
}

// drop ends a slot's span but leaves what it was, to tell of a second free.
func (l *ledger) drop(i uint32) {
	s := &l.slots[i]
	s.live = false
	s.gen++
	s.next, l.spare = l.spare, i
}

func (l *ledger) link(head *uint32, i uint32) {
	s := &l.slots[i]
	s.prev, s.next = none, *head
	if *head != none {
		l.slots[*head].prev = i
	}
	*head = i
}

func (l *ledger) unlink(head *uint32, i uint32) {
	s := &l.slots[i]
	if s.next != none {
		l.slots[s.next].prev = s.prev
	}
	if s.prev != none {
		l.slots[s.prev].next = s.next
	} else {
		*head = s.next
	}
}
