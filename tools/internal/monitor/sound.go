package monitor

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/coder/websocket"

	"github.com/mmlite/mmlite/firmware/com"
)

const (
	// soundBlock is how many frames travel together at least: less would be more
	// messages than a page takes gladly.
	soundBlock = 512
	// soundPause is for how many frames nothing is read, so that one call gets a block.
	soundPause = 480
	// soundAhead is how many messages may be on the way before sound is left out:
	// half a second of those of one block.
	soundAhead = 43
	// soundHead is the length of a message's head: its number, the capture's frame it
	// begins with, and how many frames were left out since the beginning.
	soundHead = 4 + 8 + 4
	// soundRoom is how many bytes of sound one message carries at most.
	soundRoom = 64 << 10
)

// sound sends the card's mix, as its device gets it.
func (v *visit) sound() error {
	if v.out == nil {
		return com.ErrNotSupported
	}
	v.answers()
	capture, err := v.out.Capture(v.ctx)
	if err != nil {
		return err
	}
	defer capture.Release()
	p := packer{buf: make([]byte, soundHead+soundRoom)}
	pause := time.Duration(soundPause) * time.Second / time.Duration(max(v.card.Info().Frames, 1))
	gather := time.NewTimer(0)
	defer gather.Stop()
	for {
		select {
		case <-gather.C:
			gather.Reset(pause)
		case <-v.ctx.Done():
			return v.ctx.Err()
		}
		// Read whether or not there is somebody to hear it: a device with a clock of its
		// own would wait for this.
		n, frame, err := capture.Read(patient{v.ctx}, p.room())
		switch {
		case err != nil && com.CodeOf(err) == com.ErrTimeout:
			continue
		case err != nil:
			return err
		case n == 0:
			return com.Errorf(com.ErrGone, "the sound device was closed")
		}
		p.add(int(n), frame)
		if p.frames() < soundBlock {
			continue
		}
		if v.flow.waiting() >= soundAhead {
			p.drop()
			continue
		}
		if err := v.send(websocket.MessageBinary, p.message(v.flow.next())); err != nil {
			return err
		}
	}
}

// packer gathers what a capture gives into messages.
type packer struct {
	buf   []byte
	n     int    // bytes of sound in buf
	first uint64 // the frame of these
	next  uint64 // the frame to follow
	lost  uint64
}

// room is where the next frames go.
func (p *packer) room() []byte { return p.buf[soundHead+p.n:] }

// add takes n bytes that were put into room.
func (p *packer) add(n int, frame uint64) {
	if frame > p.next {
		p.lost += frame - p.next
	}
	if p.n == 0 {
		p.first = frame
	}
	p.n += n
	p.next = frame + uint64(n/8)
}

func (p *packer) frames() int { return p.n / 8 }

// drop leaves out what there is.
func (p *packer) drop() {
	p.lost += uint64(p.frames())
	p.n = 0
}

// message is what there is, under a number.
func (p *packer) message(number uint32) []byte {
	binary.LittleEndian.PutUint32(p.buf, number)
	binary.LittleEndian.PutUint64(p.buf[4:], p.first)
	binary.LittleEndian.PutUint32(p.buf[12:], uint32(min(p.lost, math.MaxUint32)))
	n := p.n
	p.n = 0
	return p.buf[:soundHead+n]
}
