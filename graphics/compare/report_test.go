package compare

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"

	"github.com/mmlite/mmlite/graphics/blit"
)

// depthBound is how far depths may differ: less than a step of 16 bits.
const depthBound = 1e-5

// verdict is what a comparison found.
type verdict struct {
	share float64 // of pixels that agree
	worst int     // of 255, in any channel
	mean  float64 // of 255, over all channels
	depth float64 // the worst
	off   []bool  // pixels that do not agree
}

// judge compares a picture with Mesa's. Of the latter there are one or more,
// whose channels span what is right.
func judge(got *picture, mesa []*picture, f blit.Format, b *bound) verdict {
	v := verdict{off: make([]bool, len(got.color))}
	agree, sum := 0, 0
	for i, c := range got.color {
		far := 0
		for sh := 0; sh < 32; sh += 8 {
			if sh == 24 && !f.HasAlpha() {
				continue
			}
			low, high := 255, 0
			for _, m := range mesa {
				x := int(m.color[i] >> sh & 255)
				low, high = min(low, x), max(high, x)
			}
			d := beyond(int(c>>sh&255), low, high, b.channel, f, sh)
			far = max(far, d)
			sum += d
		}
		v.worst = max(v.worst, far)
		d := abs64(float64(got.depth[i]) - float64(mesa[0].depth[i]))
		v.depth = max(v.depth, d)
		ok := far <= b.channel && d <= depthBound+b.moved*mesa[0].slope(i) && got.stencil[i] == mesa[0].stencil[i]
		if !ok && b.near {
			ok = got.like(mesa[0], i, b.channel) && mesa[0].like(got, i, b.channel)
		}
		if ok {
			agree++
		} else {
			v.off[i] = true
		}
	}
	v.share = float64(agree) / float64(len(got.color))
	v.mean = float64(sum) / float64(4*len(got.color))
	return v
}

// same says that pictures are the same to the bit.
func (p *picture) same(q *picture) bool {
	return slices.Equal(p.color, q.color) && slices.Equal(p.depth, q.depth) && slices.Equal(p.stencil, q.stencil)
}

// plain says that a picture is of one colour.
func (p *picture) plain() bool {
	for _, c := range p.color {
		if c != p.color[0] {
			return false
		}
	}
	return true
}

// around are the pixels beside a pixel, and itself.
func (p *picture) around(i int) (out []int) {
	for y := max(i/p.width-1, 0); y <= min(i/p.width+1, p.height-1); y++ {
		for x := max(i%p.width-1, 0); x <= min(i%p.width+1, p.width-1); x++ {
			out = append(out, y*p.width+x)
		}
	}
	return out
}

// like says whether another picture has a pixel's colour there or beside it.
func (p *picture) like(q *picture, i, channel int) bool {
	for _, k := range q.around(i) {
		far := 0
		for sh := 0; sh < 32; sh += 8 {
			far = max(far, abs(int(p.color[i]>>sh&255)-int(q.color[k]>>sh&255)))
		}
		if far <= channel {
			return true
		}
	}
	return false
}

// slope is the most that depth changes from a pixel to one beside it.
func (p *picture) slope(i int) (most float64) {
	for _, k := range p.around(i) {
		most = max(most, abs64(float64(p.depth[k])-float64(p.depth[i])))
	}
	return most
}

// beyond is how far a channel lies outside of a span, in 8 bits. In formats of
// fewer bits it is as far as it would have to be before it was cut: a value that
// some colour within the bound is cut to counts as within.
func beyond(x, low, high, channel int, f blit.Format, shift int) int {
	d := max(low-x, x-high, 0)
	if d == 0 || f.Bytes() == 4 {
		return d
	}
	for k := range 256 {
		for _, y := range []int{max(low-k, 0), min(high+k, 255)} {
			c := blit.Expand(f, blit.Reduce(f, uint32(y)<<shift, nil), nil)
			if int(c>>shift&255) == x {
				return k
			}
		}
	}
	return d
}

func abs64(x float64) float64 { return max(x, -x) }

// save writes our picture, Mesa's and their difference, eight times as strong,
// side by side; pixels that do not agree are white in a fourth one.
func save(dir, name string, got, mesa *picture, v *verdict) error {
	const gap = 4
	w, h := got.width, got.height
	m := image.NewNRGBA(image.Rect(0, 0, 4*w+3*gap, h))
	rgb := func(c uint32) color.NRGBA { return color.NRGBA{uint8(c >> 16), uint8(c >> 8), uint8(c), 255} }
	for i := range got.color {
		x, y := i%w, i/w
		a, b := got.color[i], mesa.color[i]
		m.SetNRGBA(x, y, rgb(a))
		m.SetNRGBA(x+w+gap, y, rgb(b))
		var d uint32
		for sh := 0; sh < 24; sh += 8 {
			d |= uint32(min(8*abs(int(a>>sh&255)-int(b>>sh&255)), 255)) << sh
		}
		m.SetNRGBA(x+2*(w+gap), y, rgb(d))
		if v.off[i] {
			m.SetNRGBA(x+3*(w+gap), y, rgb(0xffffff))
		} else {
			m.SetNRGBA(x+3*(w+gap), y, rgb(0))
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		return err
	}
	if err := png.Encode(f, m); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
