// Package screen is what a board shows when no program draws: who it is, how it is
// reached, and how it fares. It needs pixels and package graphics/blit, nothing else,
// and runs wherever a board has a frame buffer.
package screen

import (
	"fmt"
	"image"

	"golang.org/x/image/font/basicfont"

	"github.com/mmlite/mmlite/graphics/blit"
)

// State is what is shown.
type State struct {
	// Title is one line: the card's name and board.
	Title string
	// Lines are what there is to say, as many as fit; longer ones are cut off.
	Lines []string
	// Problems are lines in another colour, after those.
	Problems []string
	// Beat, a number that grows, moves something, so that people see that the card
	// lives.
	Beat int
}

// Colours, 0x00RRGGBB.
const (
	night = 0x10141c
	wood  = 0x2a3140
	ivory = 0xe8e4d8
	brass = 0xf0b040
	rust  = 0xff6a50
	wave  = 0x4fb3bf
)

// The least size of a screen, in pixels.
const (
	MinWidth  = 320
	MinHeight = 200
)

// Screen draws into a surface, of which it copies only what has changed to another.
type Screen struct {
	to, back *blit.Surface
	glyphs   *blit.Surface
	palette  blit.Palette
	rows     []string // as they were drawn last
	colours  []uint32
	drawn    bool
}

// Names of characters' sizes.
const (
	cellX, cellY = 7, 15 // a character with the gaps beside and below it
	glyphX       = 6
	glyphY       = 13
	logoScale    = 7
	margin       = 24
)

const logo = "MMLite"

// New returns a screen on a surface of 32-bit pixels without alpha, which it keeps.
// It draws into memory of its own first. The errors are those of Surface.Check, and one
// for a surface that is too small or of another format.
func New(to *blit.Surface) (*Screen, error) {
	if err := to.Check(); err != nil {
		return nil, err
	}
	if to.Format != blit.XRGB8888 || to.Width < MinWidth || to.Height < MinHeight {
		return nil, fmt.Errorf("screen: %d by %d pixels of format %v; want %v, and %d by %d at least", to.Width, to.Height, to.Format, blit.XRGB8888, MinWidth, MinHeight)
	}
	face := basicfont.Face7x13
	mask, ok := face.Mask.(*image.Alpha)
	if !ok || face.Width != glyphX || face.Height != glyphY {
		return nil, fmt.Errorf("screen: a font of %d by %d pixels", face.Width, face.Height)
	}
	s := &Screen{to: to}
	s.back = &blit.Surface{Pix: make([]byte, 4*to.Width*to.Height), Pitch: 4 * to.Width, Width: to.Width, Height: to.Height, Format: blit.XRGB8888}
	// The font's coverage, as indices: 0 is left out, 255 drawn.
	s.glyphs = &blit.Surface{Pix: mask.Pix, Pitch: mask.Stride, Width: glyphX, Height: mask.Rect.Dy(), Format: blit.Indexed8, Palette: &s.palette}
	return s, nil
}

// Show draws a state.
func (s *Screen) Show(state State) error {
	if !s.drawn {
		if err := s.ground(); err != nil {
			return err
		}
	}
	rows, colours := []string{state.Title, ""}, []uint32{brass, brass}
	for _, l := range state.Lines {
		rows, colours = append(rows, l), append(colours, ivory)
	}
	for _, l := range state.Problems {
		rows, colours = append(rows, l), append(colours, rust)
	}
	top := s.textTop()
	most := (s.to.Height - top - margin - waveHeight) / cellY
	for i := range most {
		was, is, colour := "", "", uint32(ivory)
		if i < len(s.rows) {
			was = s.rows[i]
		}
		if i < len(rows) {
			is, colour = rows[i], colours[i]
		}
		if is == was && (i >= len(s.rows) || s.colours[i] == colour) {
			continue
		}
		r := blit.Rect{X0: margin, Y0: top + i*cellY, X1: s.to.Width - margin, Y1: top + (i+1)*cellY}
		if err := blit.Fill(s.back, r, night, nil); err != nil {
			return err
		}
		if err := s.text(r.X0, r.Y0, 1, colour, is); err != nil {
			return err
		}
		if err := blit.Copy(s.to, r.X0, r.Y0, s.back, r); err != nil {
			return err
		}
	}
	s.rows, s.colours = rows[:min(most, len(rows))], colours[:min(most, len(rows))]
	return s.ripple(state.Beat)
}

func (s *Screen) textTop() int { return margin + logoScale*glyphY + cellY }

// ground draws what stays.
func (s *Screen) ground() error {
	if err := blit.Fill(s.back, s.back.Bounds(), night, nil); err != nil {
		return err
	}
	scale := min(logoScale, (s.to.Width-2*margin)/(len(logo)*cellX))
	if err := s.text(margin, margin/2, scale, ivory, logo); err != nil {
		return err
	}
	rule := blit.Rect{X0: margin, Y0: s.textTop() - cellY/2, X1: s.to.Width - margin, Y1: s.textTop() - cellY/2 + 2}
	if err := blit.Fill(s.back, rule, wood, nil); err != nil {
		return err
	}
	s.drawn = true
	return blit.Copy(s.to, 0, 0, s.back, s.back.Bounds())
}

// text draws a line of ASCII; other characters become question marks, and what does not
// fit is left out.
func (s *Screen) text(x, y, scale int, colour uint32, line string) error {
	s.palette[255] = colour
	for _, c := range line {
		if c < ' ' || c > '~' {
			c = '?'
		}
		if x+scale*cellX > s.to.Width {
			return nil
		}
		if c != ' ' {
			row := int(c-' ') * glyphY
			from := blit.Rect{X0: 0, Y0: row, X1: glyphX, Y1: row + glyphY}
			at := blit.Rect{X0: x, Y0: y, X1: x + scale*glyphX, Y1: y + scale*glyphY}
			if err := blit.Blit(s.back, at, s.glyphs, from, &blit.Options{SrcKey: blit.Key{On: true}}); err != nil {
				return err
			}
		}
		x += scale * cellX
	}
	return nil
}
