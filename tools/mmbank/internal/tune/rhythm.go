package tune

import "strings"

// bass: upright under the first theme, fingered electric under the second and to the end.
func (s *score) bass() {
	bass := s.part(8, "Bass", 32, 108, 64, 15)
	bass.length = 0.85
	for i, b := range firstChords {
		at, root := first+float64(4*i), key(b.bass)
		bass.play(at, 1.5, root, 84)
		bass.play(at+1.5, 0.5, root, 66)
		bass.play(at+2, 1.5, root+7, 78)
		bass.play(at+3.5, 0.5, root+5, 68)
	}
	bass.program(second-0.1, 33)
	groove := func(at float64, root int) {
		for _, n := range [][3]float64{{0, 0.7, 0}, {0.75, 0.25, 0}, {1.5, 0.5, 12}, {2, 0.7, 0}, {2.75, 0.25, 7}, {3, 0.5, 10}, {3.5, 0.5, 12}} {
			step := int(n[2])
			if step == 10 {
				step = 7
			}
			bass.play(at+n[0], n[1], root+step, 88-int(n[0]*3))
		}
	}
	for i, b := range secondChords[:7] {
		groove(second+float64(4*i), key(b.bass))
	}
	bass.melody(second+28, 90, "C2:1 C2:0.5 G2:0.5 A1:1 C#2:0.5 E2:0.5")
	for i, b := range codaChords {
		at, root := coda+float64(4*i), key(b.bass)
		bass.play(at, 1.5, root, 96)
		bass.play(at+1.5, 0.5, root+12, 80)
		bass.play(at+2, 1, root, 90)
		bass.play(at+3, 1, root+[...]int{7, 5, 7, -2, 5}[i], 88)
	}
	bass.play(ending, 4, key("D2"), 100)
}

// timpani rolls into the first theme and marks the harmony of the return.
func timpani(p *part) {
	for i := range 16 {
		p.play(intro+12+float64(0.25*float64(i)), 0.25, key("A2"), 40+4*i)
	}
	p.play(first, 1, key("D2"), 96)
	for i, n := range strings.Fields("D2 A2 D2 A2 B2 F#2 D2 G2 E2 A2") {
		p.play(coda+float64(2*i), 1, key(n), 92)
	}
	for i := range 8 {
		p.play(ending-1+float64(0.125*float64(i)), 0.125, key("A2"), 70+5*i)
	}
	p.play(ending, 3, key("D2"), 112)
}

// drums: a cymbal swells, a light beat with cross stick, a full one, a fill before every change.
func (s *score) drums() {
	p := s.part(9, "Drums", 0, 114, 64, 35)
	const kick, stick, snare, closed, pedal, open, crash, ride, tambourine, triangle, shaker = 36, 37, 38, 42, 44, 46, 49, 51, 54, 81, 70
	p.play(intro, 1, triangle, 60)
	p.play(intro+8, 1, triangle, 60)
	for i := range 8 {
		p.play(intro+14+float64(0.25*float64(i)), 0.25, crash, 20+7*i)
	}
	for b := range 8 {
		at := first + float64(4*b)
		for k := range 8 {
			p.play(at+float64(0.5*float64(k)), 0.25, shaker, 46+14*((k+1)%2))
		}
		if b >= 4 {
			for k := range 4 {
				p.play(at+float64(k)+0.5, 0.25, closed, 48)
			}
		}
		p.play(at, 0.5, kick, 74)
		p.play(at+2.5, 0.5, kick, 60)
		p.play(at+1, 0.5, stick, 58)
		p.play(at+3, 0.5, stick, 62)
	}
	p.play(first, 2, crash, 84)
	fill := func(at float64) {
		for i, k := range []int{snare, snare, 50, 50, 48, 47, 45, 41} {
			p.play(at+float64(0.25*float64(i)), 0.25, k, 78+3*i)
		}
	}
	fill(second - 2)
	for b := range 8 {
		at := second + float64(4*b)
		for k := range 8 {
			key, v := closed, 62+14*((k+1)%2)
			if k == 7 && b%2 == 1 {
				key = open
			}
			p.play(at+float64(0.5*float64(k)), 0.25, key, v)
		}
		for _, k := range []float64{0, 1.5, 2, 2.75} {
			p.play(at+k, 0.25, kick, 92)
		}
		p.play(at+1, 0.25, snare, 90)
		if b < 7 {
			p.play(at+3, 0.25, snare, 94)
			p.play(at+3.75, 0.25, snare, 44)
		}
		p.play(at+1, 0.25, tambourine, 56)
		p.play(at+3, 0.25, tambourine, 60)
		for _, k := range [][2]float64{{0.75, 64}, {2.5, 63}, {3.25, 63}} {
			p.play(at+k[0], 0.25, int(k[1]), 66)
		}
	}
	p.play(second, 2, crash, 98)
	p.play(second+16, 2, 57, 84)
	fill(coda - 2)
	for b := range 5 {
		at := coda + float64(4*b)
		for k := range 8 {
			p.play(at+float64(0.5*float64(k)), 0.5, ride, 66+14*((k+1)%2))
		}
		p.play(at, 0.5, kick, 100)
		p.play(at+1.5, 0.5, kick, 80)
		p.play(at+2, 0.5, kick, 94)
		p.play(at+1, 0.5, snare, 98)
		p.play(at+3, 0.5, snare, 102)
		p.play(at+2, 0.25, pedal, 60)
	}
	p.play(coda, 2, crash, 104)
	p.play(coda+8, 2, 57, 90)
	fill(ending - 2)
	p.play(ending, 4, crash, 112)
	p.play(ending, 4, 57, 104)
	p.play(ending, 1, kick, 112)
	p.play(ending+4, 4, triangle, 70)
}
