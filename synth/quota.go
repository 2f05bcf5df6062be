package synth

import (
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/mixer/output"
)

// Limits bound what the ports and banks of a factory, or of one client's view of
// it, may use together.
type Limits struct {
	Ports  int   // at most output.MaxInputs; 0 means that
	Voices int   // 0 means 4096
	Bytes  int64 // of banks; 0 means what card memory holds
}

func (l Limits) filled() Limits {
	if l.Ports <= 0 || l.Ports > output.MaxInputs {
		l.Ports = output.MaxInputs
	}
	if l.Voices <= 0 {
		l.Voices = 4096
	}
	return l
}

// quota counts what is used of limits, and of those of the parent.
type quota struct {
	limits        Limits
	ports, voices atomic.Int32
	bytes         atomic.Int64
	parent        *quota
}

// take reserves a port with so many voices.
func (q *quota) take(voices int) error {
	if n := q.ports.Add(1); int(n) > q.limits.Ports {
		q.ports.Add(-1)
		return com.Errorf(com.ErrQuota, "%d synthesizer ports are open, and no more are allowed", q.limits.Ports)
	}
	if n := q.voices.Add(int32(voices)); int(n) > q.limits.Voices {
		q.voices.Add(int32(-voices))
		q.ports.Add(-1)
		return com.Errorf(com.ErrQuota, "%d voices more: %d of %d are taken by other ports", voices, int(n)-voices, q.limits.Voices)
	}
	if q.parent == nil {
		return nil
	}
	err := q.parent.take(voices)
	if err != nil {
		q.voices.Add(int32(-voices))
		q.ports.Add(-1)
	}
	return err
}

func (q *quota) give(voices int) {
	for ; q != nil; q = q.parent {
		q.voices.Add(int32(-voices))
		q.ports.Add(-1)
	}
}

// takeBytes reserves memory for a bank.
func (q *quota) takeBytes(bytes int64) error {
	if n := q.bytes.Add(bytes); q.limits.Bytes > 0 && n > q.limits.Bytes {
		q.bytes.Add(-bytes)
		return com.Errorf(com.ErrQuota, "a bank of %d bytes: %d of %d are taken by others", bytes, n-bytes, q.limits.Bytes)
	}
	if q.parent == nil {
		return nil
	}
	err := q.parent.takeBytes(bytes)
	if err != nil {
		q.bytes.Add(-bytes)
	}
	return err
}

func (q *quota) giveBytes(bytes int64) {
	for ; q != nil; q = q.parent {
		q.bytes.Add(-bytes)
	}
}
