package display

import "github.com/mmlite/mmlite/contracts/graphics"

// Move is a layer and where it goes.
type Move struct {
	Layer  *Layer
	Matrix graphics.Affine
}

// Move moves layers of this screen, so that no frame shows some of them moved and
// others not.
func (s *Screen) Move(moves []Move) {
	s.mu.Lock() //mm:blocking held for a few instructions a layer
	defer s.mu.Unlock()
	for _, m := range moves {
		if !m.Layer.gone {
			m.Layer.move(m.Matrix)
		}
	}
}

// move has the layer be elsewhere: with its next picture, if that has a place of its
// own. The caller holds screen.mu.
func (l *Layer) move(m graphics.Affine) {
	switch {
	case l.flip && l.moves:
		l.to = m
	case l.matrix != m:
		l.spoil()
		l.matrix = m
		l.spoil()
	}
}

// Present has the layer show another picture in another place from the next blank on.
// A flip or picture that was not seen yet is left out.
func (l *Layer) Present(p Picture, m graphics.Affine) {
	if !l.enter() {
		return
	}
	s := l.screen
	now, _, _ := s.Blank(s.clock.Now())
	var old Picture
	if l.flip {
		old = l.next
	}
	hold(p)
	l.next, l.due, l.flip, l.to, l.moves = p, now+1, true, m, true
	s.expect(now + 1)
	l.leave()
	old.drop()
}
