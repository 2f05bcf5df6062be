package engine

// keyStack holds the keys that are down on a part that plays one note at a time,
// the last one last; beyond its size the oldest is forgotten.
type keyStack struct {
	n    int
	keys [8]struct{ key, velocity uint8 }
}

func (k *keyStack) clear() { k.n = 0 }

func (k *keyStack) push(key, velocity uint8) {
	k.drop(key)
	if k.n == len(k.keys) {
		copy(k.keys[:], k.keys[1:])
		k.n--
	}
	k.keys[k.n].key, k.keys[k.n].velocity = key, velocity
	k.n++
}

// drop takes a key out. It says whether that was the last one.
func (k *keyStack) drop(key uint8) (last bool) {
	for i := range k.n {
		if k.keys[i].key == key {
			last = i == k.n-1
			copy(k.keys[i:k.n], k.keys[i+1:k.n])
			k.n--
			return last
		}
	}
	return false
}

// keyDown is a note-on. In mono mode (controller 126) it ends the note before, as
// the key of that was let go, pedal or not.
func (e *Engine) keyDown(c *channel, key, velocity uint8) {
	if c.mono && !c.rhythm {
		c.keys.push(key, velocity)
		e.silence(c)
	}
	e.noteOn(c, key, velocity)
}

// keyUp is a note-off. In mono mode the key that was pressed before, if it is
// still down, sounds again.
func (e *Engine) keyUp(c *channel, key uint8) {
	e.noteOff(c, key)
	if c.mono && !c.rhythm && c.keys.drop(key) && c.keys.n > 0 {
		e.silence(c)
		back := c.keys.keys[c.keys.n-1]
		e.noteOn(c, back.key, back.velocity)
	}
}

// silence lets go what a part plays.
func (e *Engine) silence(c *channel) {
	for _, v := range e.active {
		if v.channel == c && v.fading < 0 {
			v.sostenuto = false
			e.letGo(v)
		}
	}
}
