// Package picture is the displays of a card that is a process: pixels in memory, which
// programs look at over the link, and of which files can be made: the last picture as
// PNG, all of them as a video.
package picture

import (
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mmlite/mmlite/firmware/machine"
)

// Config says what a display shall be. Zero values mean the defaults.
type Config struct {
	Width, Height int // pixels; 640 by 480
	Refresh       int // frames in a thousand seconds; 60000
	// PNG is a file that shows the picture: as of a second ago at most while the card
	// runs, and the last one in the end. A screen that is all black, as it is when no
	// program shows anything, does not replace another picture.
	PNG string
	// Video is a file that all pictures are written to as YUV4MPEG2, 4:4:4, which ffmpeg
	// and mpv play: as many frames a second as the display has.
	Video string
	// Now is the time of the card's machine, by which a picture that stays takes as many
	// frames of the video as it should; nil means that of the process.
	Now func() machine.Time
}

// The default size.
const (
	Width   = 640
	Height  = 480
	refresh = 60000
)

// snapshots is how many pictures wait for being written.
const snapshots = 4

// Display is pixels in memory, and files of them. It implements machine.Display.
type Display struct {
	*machine.Pixels
	cfg     Config
	camera  bool
	free    chan *shot
	taken   chan *shot
	done    chan struct{}
	shut    sync.Once
	missed  atomic.Uint64
	last    time.Time // that the PNG file was written
	pending bool      // it shows an older picture
	video   *video
	err     error
}

// shot is what the display showed from a frame on.
type shot struct {
	frame  uint64
	at     machine.Time
	pixels []byte
}

// Open makes a display, and the files if they can be written.
func Open(c Config) (*Display, error) {
	if c.Width == 0 && c.Height == 0 {
		c.Width, c.Height = Width, Height
	}
	if c.Refresh == 0 {
		c.Refresh = refresh
	}
	if c.Now == nil {
		began := time.Now()
		c.Now = func() machine.Time { return machine.Time(time.Since(began)) }
	}
	p, ok := machine.NewPixels("memory", c.Width, c.Height, c.Refresh, nil)
	if !ok {
		return nil, fmt.Errorf("picture: a display of %d by %d pixels at %g Hz, and %d to %d pixels at %g to %g Hz are possible", c.Width, c.Height,
			float64(c.Refresh)/1000, machine.MinDisplay, machine.MaxDisplay, float64(machine.MinRefresh)/1000, float64(machine.MaxRefresh)/1000)
	}
	d := &Display{Pixels: p, cfg: c}
	if c.PNG == "" && c.Video == "" {
		return d, nil
	}
	if c.PNG != "" {
		if err := d.writePNG(make([]byte, c.Width*c.Height*machine.DisplayPixel)); err != nil {
			return nil, err
		}
	}
	if c.Video != "" {
		f, err := os.Create(c.Video)
		if err != nil {
			return nil, err
		}
		d.video = newVideo(f, c.Width, c.Height, c.Refresh)
	}
	d.camera = true
	d.free, d.taken, d.done = make(chan *shot, snapshots), make(chan *shot, snapshots), make(chan struct{})
	for range snapshots {
		d.free <- &shot{pixels: make([]byte, c.Width*c.Height*machine.DisplayPixel)}
	}
	go d.write()
	return d, nil
}

// Show implements machine.Display. If the files cannot be written as fast as the
// picture changes, some pictures are left out of them.
func (d *Display) Show(frame uint64, _ []machine.Rect) {
	if !d.camera {
		return
	}
	select { //mm:blocking it does not wait
	case s := <-d.free:
		s.frame, s.at = frame, d.cfg.Now()
		pixels, _ := d.Memory()
		copy(s.pixels, pixels)
		d.taken <- s // there is room for all
	default:
		d.missed.Add(1)
	}
}

// write is the goroutine that makes the files.
func (d *Display) write() {
	defer close(d.done)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var last *shot
	for {
		select {
		case s, more := <-d.taken:
			if !more {
				d.finish(last)
				return
			}
			if d.video != nil {
				d.video.add(last, s.frame)
			}
			if d.pending && black(s.pixels) {
				d.pending, d.err = false, errors.Join(d.err, d.save(last))
			}
			if last != nil {
				d.free <- last
			}
			last, d.pending = s, true
			if time.Since(d.last) < time.Second {
				continue
			}
		case <-tick.C:
		}
		if d.pending && d.err == nil {
			d.pending, d.last = false, time.Now()
			d.err = d.save(last)
		}
	}
}

// finish writes what is left at the end.
func (d *Display) finish(last *shot) {
	if d.pending {
		d.err = errors.Join(d.err, d.save(last))
	}
	if d.video == nil {
		return
	}
	if last != nil {
		stayed := d.cfg.Now().Sub(last.at)
		d.video.add(last, last.frame+1+uint64(max(stayed, 0).Seconds()*float64(d.cfg.Refresh)/1000))
	}
	d.err = errors.Join(d.err, d.video.close())
}

// Close ends the files, once nothing is shown any more. The error is why one of them
// is not what it should be.
func (d *Display) Close() error {
	d.shut.Do(func() {
		if !d.camera {
			return
		}
		close(d.taken)
		<-d.done
	})
	return d.err
}

// Missed is how many pictures were left out of the files.
func (d *Display) Missed() uint64 { return d.missed.Load() }

// save keeps a picture that shows something.
func (d *Display) save(s *shot) error {
	if d.cfg.PNG == "" || black(s.pixels) {
		return nil
	}
	return d.writePNG(s.pixels)
}

func black(pixels []byte) bool {
	for _, b := range pixels {
		if b != 0 {
			return false
		}
	}
	return true
}

// writePNG puts a picture into the file, so that nobody ever sees half of it.
func (d *Display) writePNG(pixels []byte) error {
	path := d.cfg.PNG
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	err = e.Encode(f, Image(pixels, d.cfg.Width, d.cfg.Height))
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

var _ machine.Display = (*Display)(nil)
