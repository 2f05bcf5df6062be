package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/mmlite/mmlite/mixer/resample/measure"
)

// peerSource is a C program that converts stereo float32 from standard input to
// standard output with a library, in calls of 256 frames of output, and says on
// standard error what a frame of output cost at best, in ns. What it needs to know
// of the libraries is declared here, so their headers need not be installed.
const peerSource = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(SOXR)
typedef struct { double a, b, c, d; void *e; unsigned long f; } spec;
extern spec soxr_quality_spec(unsigned long, unsigned long);
extern void *soxr_create(double, double, unsigned, const char **, const void *, const spec *, const void *);
extern const char *soxr_process(void *, const void *, size_t, size_t *, void *, size_t, size_t *);
static void *make(int kind, double in, double out) {
	const char *err = 0;
	spec q = soxr_quality_spec(kind, 0);
	return soxr_create(in, out, 2, &err, 0, &q, 0);
}
static void step(void *p, double r, const float *in, size_t n, size_t *used, float *out, size_t room, size_t *made) {
	soxr_process(p, in, n, used, out, room, made);
}
#else
typedef struct { const float *in; float *out; long n, room, used, made; int end; double ratio; } data;
extern void *src_new(int, int, int *);
extern int src_process(void *, data *);
static void *make(int kind, double in, double out) { int err; return src_new(kind, 2, &err); }
static void step(void *p, double r, const float *in, size_t n, size_t *used, float *out, size_t room, size_t *made) {
	data d = { in, out, n, room, 0, 0, 0, r };
	src_process(p, &d);
	*used = d.used; *made = d.made;
}
#endif
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e9 + t.tv_nsec; }
int main(int argc, char **argv) {
	int kind = atoi(argv[1]);
	double in = atof(argv[2]), out = atof(argv[3]), best = 1e18;
	size_t room = 1 << 24, n = 0, got;
	float *src = malloc(room), *dst = malloc(room);
	while ((got = fread((char *)src + n, 1, room - n, stdin)) > 0) n += got;
	n /= 8;
	void *p = make(kind, in, out);
	if (!p) return 1;
	int runs = argc > 4 ? atoi(argv[4]) : 1;
	size_t at = 0, made = 0;
	for (int run = 0; run < runs; run++) {
		at = 0; made = 0;
		for (;;) {
			double begin = now();
			size_t first = made;
			for (int k = 0; k < 8; k++) {
				size_t used = 0, m = 0, want = 256;
				while (want > 0 && at < n) {
					size_t give = want * in / out + 1;
					if (give > n - at) give = n - at;
					step(p, out / in, src + 2 * at, give, &used, dst + 2 * made, want, &m);
					at += used; made += m; want -= m;
					if (used == 0 && m == 0) break;
				}
			}
			if (made - first == 8 * 256) {
				double t = (now() - begin) / (made - first);
				if (t < best) best = t;
			} else break;
		}
	}
	fwrite(dst, 8, made, stdout);
	fprintf(stderr, "%f\n", best);
	return 0;
}
`

// peerLibrary is a library that may be there.
type peerLibrary struct {
	name   string
	define string
	files  []string
	kinds  map[string]int // by the name of a quality, the library's number for it
}

var peerLibraries = []peerLibrary{
	{"soxr", "-DSOXR", []string{"libsoxr.so", "libsoxr.so.0"}, map[string]int{"very high": 6, "high": 4, "medium": 2}},
	{"libsamplerate", "-DSRC", []string{"libsamplerate.so", "libsamplerate.so.0"}, map[string]int{"best": 0, "medium": 1, "fastest": 2}},
}

// peers measures what is installed.
func (r *mixerResult) peers(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "mmlite-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, l := range peerLibraries {
		program, err := l.build(ctx, dir)
		if err != nil {
			r.Missing = append(r.Missing, fmt.Sprintf("%s: %v", l.name, err))
			continue
		}
		for kind, number := range l.kinds {
			f, err := r.judge(func(src []byte, runs int) ([]byte, float64, error) {
				return runPeer(ctx, program, src, number, r.In, r.Out, runs)
			})
			if err != nil {
				return fmt.Errorf("%s: %w", l.name, err)
			}
			r.Peers[l.name+" "+kind] = f
		}
	}
	sox, err := exec.LookPath("sox")
	if err != nil {
		r.Missing = append(r.Missing, "sox: it is not installed")
		return nil
	}
	for kind, flag := range map[string]string{"very high": "-v", "high": "-h", "medium": "-m"} {
		f, err := r.judge(func(src []byte, runs int) ([]byte, float64, error) {
			return r.runSox(ctx, sox, dir, src, flag, runs)
		})
		if err != nil {
			return fmt.Errorf("sox: %w", err)
		}
		r.Peers["sox "+kind] = f
	}
	return nil
}

// build compiles the program for a library.
func (l *peerLibrary) build(ctx context.Context, dir string) (string, error) {
	cc, err := exec.LookPath("cc")
	if err != nil {
		return "", fmt.Errorf("there is no C compiler")
	}
	source, program := filepath.Join(dir, "peer.c"), filepath.Join(dir, l.name)
	if err := os.WriteFile(source, []byte(peerSource), 0o600); err != nil {
		return "", err
	}
	for _, file := range l.files {
		cmd := exec.CommandContext(ctx, cc, "-O2", l.define, "-o", program, source, "-l:"+file, "-lm")
		if _, err = cmd.CombinedOutput(); err == nil {
			return program, nil
		}
	}
	return "", fmt.Errorf("it is not installed")
}

// runPeer converts src and returns the result and what a frame cost.
func runPeer(ctx context.Context, program string, src []byte, kind, in, out, runs int) ([]byte, float64, error) {
	cmd := exec.CommandContext(ctx, program, strconv.Itoa(kind), strconv.Itoa(in), strconv.Itoa(out), strconv.Itoa(runs))
	var dst, said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(src), &dst, &said
	if err := cmd.Run(); err != nil {
		return nil, 0, err
	}
	cost, err := strconv.ParseFloat(strings.TrimSpace(said.String()), 64)
	return dst.Bytes(), cost, err
}

// runSox converts src. The cost of many runs is the processor time of a minute of
// sound, less that of copying it.
func (r *mixerResult) runSox(ctx context.Context, sox, dir string, src []byte, flag string, runs int) ([]byte, float64, error) {
	from, to := filepath.Join(dir, "in.f32"), filepath.Join(dir, "out.f32")
	raw := []string{"-t", "f32", "-c", "2", "-r", strconv.Itoa(r.In)}
	run := func(seconds int, effect ...string) (time.Duration, error) {
		data := src
		if seconds > 0 {
			data = bytes.Repeat(src, max(1, seconds*r.In*8/len(src)))
		}
		if err := os.WriteFile(from, data, 0o600); err != nil {
			return 0, err
		}
		args := append(append(append([]string{"-V1", "-D"}, raw...), from, "-t", "f32", to), effect...)
		cmd := exec.CommandContext(ctx, sox, args...)
		if output, err := cmd.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("%w: %s", err, output)
		}
		return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
	}
	rate := []string{"rate", flag, strconv.Itoa(r.Out)}
	cost := 0.0
	if runs > 1 {
		const seconds = 60
		best := time.Duration(1 << 62)
		for range 3 {
			with, err := run(seconds, rate...)
			if err != nil {
				return nil, 0, err
			}
			without, err := run(seconds)
			if err != nil {
				return nil, 0, err
			}
			best = min(best, with-without)
		}
		cost = float64(best.Nanoseconds()) / (seconds * float64(r.Out))
	}
	if _, err := run(0, rate...); err != nil {
		return nil, 0, err
	}
	dst, err := os.ReadFile(to)
	return dst, cost, err
}

// judge measures a converter as package measure does.
func (r *mixerResult) judge(convert func(src []byte, runs int) ([]byte, float64, error)) (*mixerFigure, error) {
	const amplitude = 0.9
	tone := func(hz float64, runs int) (level, residue, cost float64, err error) {
		src := make([]byte, 0, 8*r.In)
		for i := range r.In * 3 / 2 {
			v := math.Float32bits(float32(amplitude * math.Sin(2*math.Pi*hz*float64(i)/float64(r.In)+0.3)))
			src = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(src, v), v)
		}
		dst, cost, err := convert(src, runs)
		if err != nil {
			return 0, 0, 0, err
		}
		const skip, keep = 8192, 1 << 15
		if len(dst) < 8*(skip+keep) {
			return 0, 0, 0, fmt.Errorf("%d frames came back", len(dst)/8)
		}
		x := make([]float32, keep)
		for i := range x {
			x[i] = math.Float32frombits(binary.LittleEndian.Uint32(dst[8*(skip+i):]))
		}
		level, residue = measure.Fit(x, hz, float64(r.Out))
		return level, residue, cost, nil
	}
	const runs = 40
	f := &mixerFigure{THDN: math.Inf(-1)}
	nyquist := float64(min(r.In, r.Out)) / 2
	for i, hz := range []float64{997, min(10007, 0.8*nyquist)} {
		level, residue, cost, err := tone(hz, 1+(1-i)*(runs-1))
		if err != nil {
			return nil, err
		}
		if i == 0 {
			f.NsPerFrame, f.MsPerSecond = cost, cost*float64(r.Out)*1e-6
		}
		f.THDN = max(f.THDN, measure.Decibel(residue/(level*level/2)))
	}
	low, high := 0.5*nyquist, nyquist
	for range 10 {
		mid := (low + high) / 2
		level, _, _, err := tone(mid, 1)
		if err != nil {
			return nil, err
		}
		if 20*math.Log10(level/amplitude) < -1 {
			high = mid
		} else {
			low = mid
		}
	}
	f.Passband, f.Part = low, low/nyquist
	return f, nil
}
