package mmd

import (
	"errors"
	"io"
	"sync"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link/stream"
)

// ServeStream serves the host program at the other end of rw, which shares no
// memory with the card, until either side hangs up. via says how packets travel,
// for people; large is the size of the bulk areas in bytes, as for stream.Answer.
// It is for a goroutine; the error is why the program was not let in.
func (s *Server) ServeStream(rw io.ReadWriteCloser, via string, generation uint64, large int) error {
	w, name, err := stream.Answer(rw, generation, large)
	if err != nil {
		return err
	}
	over := make(chan struct{}) // nothing serves the client any more
	var once sync.Once
	hungUp := w.Pump(w.Channel.HostEnd, s.cfg.Processor.Machine().Ring)
	client, err := s.Connect(w.Channel, name, via, w.Ring, func(error) { once.Do(func() { close(over) }) })
	if err != nil {
		return errors.Join(err, w.Close())
	}
	select {
	case <-hungUp:
		if why := w.Err(); com.CodeOf(why) == com.ErrProtocol {
			s.cfg.Alarmf("link of %s: %v", name, why)
		}
		client.Disconnect()
		<-over
	case <-over:
	}
	client.Wait()
	freed := make(chan struct{})
	client.Idle(func() { close(freed) })
	<-freed
	return w.Close()
}
