package overload

import "testing"

// TestHalfTheTime draws a thousand frames, in short a few, with half of the time that they need.
func TestHalfTheTime(t *testing.T) {
	frames := 1000
	if testing.Short() {
		frames = 120
	}
	r, err := Run(1, frames)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(r)
	if r.Late != 0 {
		t.Errorf("%d frames were late", r.Late)
	}
	if r.Regulated >= r.Dropped {
		t.Errorf("an error of %v, and %v if every second frame is dropped", r.Regulated, r.Dropped)
	}
	if r.Have > r.Need/2 || r.Have < r.Need*9/20 || r.Used > r.Have || r.Refused < uint64(frames) {
		t.Errorf("%v were needed, %v promised, %v used; %d frames were refused: that is not half", r.Need, r.Have, r.Used, r.Refused)
	}
	// Nothing of it is chance.
	if again, err := Run(1, 20); err != nil {
		t.Error(err)
	} else if third, err := Run(1, 20); err != nil || third != again {
		t.Errorf("%v, and then %v, %v", again, third, err)
	}
}
