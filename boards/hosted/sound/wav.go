package sound

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/mmlite/mmlite/mixer/format"
)

// wavFile is what the device needs of a file; tests put a full disk behind it.
type wavFile interface {
	io.Writer
	io.WriterAt
	io.Closer
}

// wav writes a WAVE file. The file grows under a temporary name beside its own and gets that at Close, so nobody ever sees
// half a file, and a failed render leaves an older file of that name alone.
type wav struct {
	cfg         Config
	rate        int
	path        string // final
	temporary   string
	encoder     *format.Encoder
	header      []byte
	buffer      []byte
	used        int
	periodBytes int

	mu      sync.Mutex // of what Position, Latency and Close see
	file    wavFile
	data    uint64 // bytes of samples written or buffered
	started time.Time
	err     error
	closed  bool
}

// wavBuffer is how much is handed to the system at once.
const wavBuffer = 1 << 16

func openWAV(path string, cfg Config) (Device, error) {
	if path == "" {
		return nil, errors.New("sound: wav needs the name of a file, as in wav:tune.wav")
	}
	switch cfg.Format {
	case format.S16, format.S24, format.F32:
	default:
		return nil, fmt.Errorf("sound: cannot write a WAV file of %v samples; use s16, s24 or f32", cfg.Format)
	}
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("sound: cannot write %s: it is a %s, not a file", path, kindOf(info.Mode()))
	}
	folder, name := filepath.Split(path)
	temporary := filepath.Join(folder, fmt.Sprintf(".%s.%08x.part", name, rand.Uint32()))
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("sound: cannot write %s: there is no folder %s", path, folder)
		}
		if errors.Is(err, os.ErrPermission) {
			return nil, fmt.Errorf("sound: cannot write %s: no right to make files in %s", path, filepath.Dir(path))
		}
		return nil, fmt.Errorf("sound: cannot write %s: %w", path, err)
	}
	d, err := newWAV(file, path, temporary, cfg)
	if err != nil {
		file.Close()
		os.Remove(temporary)
		return nil, err
	}
	return d, nil
}

func kindOf(m os.FileMode) string {
	if m.IsDir() {
		return "folder"
	}
	return "device"
}

func newWAV(file wavFile, path, temporary string, cfg Config) (*wav, error) {
	encoder, err := format.NewEncoder(cfg.Format, cfg.Dither, 1)
	if err != nil {
		return nil, err
	}
	d := &wav{cfg: cfg, rate: cfg.rateOr(0), path: path, temporary: temporary, encoder: encoder, file: file, started: time.Now()}
	d.periodBytes = cfg.Period * cfg.Channels * cfg.Format.Bytes()
	d.header = WaveHeader(cfg.Format, cfg.Channels, d.rate, 0)
	d.buffer = make([]byte, max(wavBuffer, d.periodBytes+len(d.header)))
	d.used = copy(d.buffer, d.header)
	return d, nil
}

func (d *wav) Name() string          { return "wav:" + d.path }
func (d *wav) Rate() int             { return d.rate }
func (d *wav) Channels() int         { return d.cfg.Channels }
func (d *wav) Period() int           { return d.cfg.Period }
func (d *wav) Queue() int            { return 1 }
func (d *wav) Offline() bool         { return true }
func (d *wav) Free() int             { return 1 }
func (d *wav) Wake() <-chan struct{} { return nil }

func (d *wav) Write(period []float32) error {
	if err := checkPeriod(d, period); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.err != nil:
		return d.err
	case d.closed:
		return ErrClosed
	case d.data+uint64(d.periodBytes)+uint64(len(d.header)) > maxWave:
		return fmt.Errorf("sound: %s is full: a WAV file holds 4 GiB, here %v", d.path, d.length().Round(time.Second))
	}
	if d.used+d.periodBytes > len(d.buffer) {
		if d.flush(); d.err != nil {
			return d.err
		}
	}
	d.encoder.Encode(d.buffer[d.used:], period)
	d.used += d.periodBytes
	d.data += uint64(d.periodBytes)
	return nil
}

func (d *wav) flush() {
	if d.err != nil || d.used == 0 {
		return
	}
	_, err := d.file.Write(d.buffer[:d.used])
	d.used = 0
	d.fail(err)
}

func (d *wav) fail(err error) {
	if err == nil || d.err != nil {
		return
	}
	if errors.Is(err, syscall.ENOSPC) {
		folder := filepath.Dir(d.path)
		d.err = fmt.Errorf("sound: the disk is full: %v of sound did not fit into %s; free some space there or choose another place: %w", d.length().Round(time.Millisecond), folder, err)
		return
	}
	d.err = fmt.Errorf("sound: cannot write %s: %w", d.path, err)
}

func (d *wav) length() time.Duration {
	return span(d.data/uint64(d.cfg.Channels*d.cfg.Format.Bytes()), d.rate)
}

// Pause has nothing to do: a file knows no time.
func (d *wav) Pause() {}

func (d *wav) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.err == nil && d.closed {
		return ErrClosed
	}
	return d.err
}

// Drain has nothing to wait for; the file is complete at Close.
func (d *wav) Drain() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.flush()
	return d.err
}

// Position is the end of the file: offline, whatever is written counts as heard.
func (d *wav) Position() (uint64, time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.data / uint64(d.cfg.Channels*d.cfg.Format.Bytes()), time.Now()
}

func (d *wav) Latency() time.Duration { return 0 }
func (d *wav) Underruns() uint64      { return 0 }

// Close completes the header and gives the file its name. If anything failed, it
// removes what there is and returns the error. If nothing was written it leaves
// alone what has the name: that was to be replaced by sound, not by none.
func (d *wav) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return d.err
	}
	d.closed = true
	if d.data%2 == 1 { // chunks are padded to even length; only one channel of 24 bits can need it
		if d.used == len(d.buffer) {
			d.flush()
		}
		d.buffer[d.used] = 0
		d.used++
	}
	d.flush()
	if d.err == nil {
		_, err := d.file.WriteAt(WaveHeader(d.cfg.Format, d.cfg.Channels, d.rate, uint32(d.data)), 0)
		d.fail(err)
	}
	d.fail(d.file.Close())
	if d.temporary == "" {
		return d.err
	}
	if d.err == nil && d.data > 0 {
		d.fail(os.Rename(d.temporary, d.path))
	}
	if d.err != nil || d.data == 0 {
		os.Remove(d.temporary)
	}
	return d.err
}

// isWAVName reports whether a device name is that of a file.
func isWAVName(name string) bool { return strings.EqualFold(filepath.Ext(name), ".wav") }
