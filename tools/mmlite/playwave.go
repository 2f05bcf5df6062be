package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/firmware/com"
)

// wavePiece is how many bytes of samples travel in one call.
const wavePiece = 64 << 10

// playWave plays a WAVE file through a stream, once what was queued before has
// sounded.
func (p *player) playWave(ctx context.Context, name string, file io.Reader) error {
	w, err := readWave(file)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := p.finish(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, longCall)
	defer cancel()
	s, err := p.out.OpenStream(ctx, audio.StreamOptions{
		Name: streamName(name), Rate: w.rate, Channels: w.channels, Format: w.format, Quality: p.quality,
		Buffer: w.rate, Prefill: w.rate / 10,
	})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer s.Release()
	stop := p.show(ctx, name, w.rate, w.frames, waveProgress(name, s, w))
	err = feed(ctx, s, w)
	stop()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	info, err := s.Info(ctx)
	if err != nil {
		return err
	}
	p.dry += info.Underruns
	if info.Written == 0 {
		return fmt.Errorf("%s: %w: the file has no samples", name, errNoSong)
	}
	if info.Written < w.frames && !p.quiet {
		fmt.Fprintf(os.Stderr, "%s: the file is cut short: %d of %d frames\n", name, info.Written, w.frames)
	}
	if !p.started {
		return nil
	}
	frame, err := p.frame(ctx)
	p.at = frame - p.base + uint64(pause.Seconds()*float64(p.rate))
	return err
}

// feed writes all samples and waits until they have been heard.
func feed(ctx context.Context, s audio.Stream, w *wave) error {
	if err := s.Start(ctx); err != nil { // first, since a buffer may hold less than a piece
		return err
	}
	buf := make([]byte, wavePiece)
	for {
		n, err := w.next(buf)
		if err != nil {
			return com.Errorf(com.CodeOf(err), "reading: %v", err)
		}
		if n == 0 {
			return s.Drain(ctx)
		}
		if err := s.Write(ctx, buf[:n]); err != nil {
			return err
		}
	}
}

func waveProgress(name string, s audio.Stream, w *wave) progress {
	return func(ctx context.Context) (uint64, string, error) {
		i, err := s.Info(ctx)
		if err != nil {
			return 0, "", err
		}
		return i.Played, fmt.Sprintf("%s  %s of %s  %d Hz  %.0f ms buffered  %d underruns",
			name, clockText(i.Played, w.rate), clockText(w.frames, w.rate), w.rate, i.Latency.Seconds()*1000, i.Underruns), nil
	}
}

// streamName is the name in at most as many bytes as a stream's may have.
func streamName(name string) string { return name[:min(len(name), 256)] }
