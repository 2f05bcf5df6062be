package browsertest

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/mmlite/mmlite/contracts/audio"
	"github.com/mmlite/mmlite/contracts/input"
	"github.com/mmlite/mmlite/hostdriver"
)

// limit is for everything.
const limit = 150 * time.Second

// browser is a page in a browser, and the card that it shows.
type browser struct {
	*testing.T
	ctx     context.Context
	command string // mmlite
	card    *hostdriver.Card
	mu      sync.Mutex
	wrong   []string // what the browser complained of
}

// start runs a card with a monitor, and opens its page.
func start(t *testing.T) *browser {
	chromium := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil && chromium == "" {
			chromium = path
		}
	}
	if chromium == "" {
		t.Skip("no Chromium here")
	}
	b := &browser{T: t}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	dir := must(os.MkdirTemp("", "mml"))(t) // paths of sockets are short
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	b.command = filepath.Join(dir, "bin", "mmlite")
	build := exec.CommandContext(ctx, "go", "build", "-o", b.command, "./tools/mmlite")
	build.Dir = filepath.Join("..", "..", "..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	url := b.run(ctx)
	b.card = must(hostdriver.Open(ctx, "hosted:browser", hostdriver.Client("test")))(t)
	t.Cleanup(func() { check(t, b.card.Close()) })

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox,
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"), chromedp.WindowSize(1400, 1000))
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	b.ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	chromedp.ListenTarget(b.ctx, b.listen)
	// chromedp would have every picture sent to itself as well.
	b.do(network.Disable(), chromedp.Navigate(url), chromedp.WaitVisible("#screen"))
	return b
}

// run runs the card, and returns the monitor's address.
func (b *browser) run(ctx context.Context) string {
	card := exec.CommandContext(ctx, b.command, "run", "--device", "null", "--name", "browser", "--web", "127.0.0.1:0")
	card.Cancel = func() error { return card.Process.Signal(os.Interrupt) }
	card.Stderr = os.Stderr
	out := must(card.StdoutPipe())(b.T)
	check(b.T, card.Start())
	b.Cleanup(func() {
		_ = card.Process.Signal(os.Interrupt) // Wait tells whether it ended
		if err := card.Wait(); err != nil {
			b.Errorf("the card: %v", err)
		}
	})
	var said strings.Builder
	for buf := make([]byte, 1024); ; {
		n, err := out.Read(buf)
		said.Write(buf[:n])
		if _, rest, ok := strings.Cut(said.String(), "http://"); ok {
			if url, _, whole := strings.Cut(rest, "\n"); whole {
				go func() { _, _ = io.Copy(io.Discard, out) }() // the rest does not matter
				return "http://" + url
			}
		}
		if err != nil {
			b.Fatalf("the card said %q: %v", said.String(), err)
		}
	}
}

// listen keeps what goes wrong in the page.
func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, e.ExceptionDetails.Error())
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError {
			b.wrong = append(b.wrong, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

func (b *browser) do(actions ...chromedp.Action) {
	b.Helper()
	check(b.T, chromedp.Run(b.ctx, actions...))
}

// eval is the value of a script, whose promise is awaited, as a T.
func eval[T any](b *browser, script string) (v T) {
	b.Helper()
	var raw []byte
	b.do(chromedp.Evaluate(script, &raw, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	if err := json.Unmarshal(raw, &v); err != nil {
		b.Fatalf("%s: %s: %v", script, raw, err)
	}
	return v
}

// until waits until a condition holds in the page. Its failure says what was so.
func (b *browser) until(what, condition string) {
	b.Helper()
	var raw []byte
	if err := chromedp.Run(b.ctx, chromedp.Poll(condition, &raw, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(30*time.Second))); err != nil {
		b.shot("failed")
		b.Fatalf("%s: %v", what, err)
	}
}

// shot leaves a picture of the page, if somebody wants it.
func (b *browser) shot(name string) {
	dir := os.Getenv("MMLITE_SHOTS")
	if dir == "" {
		return
	}
	var png []byte
	if err := chromedp.Run(b.ctx, chromedp.FullScreenshot(&png, 100)); err != nil {
		b.Error(err)
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		b.Error(err)
	}
}

// look is how the page is looked at.
func (b *browser) look(scheme string, width, height int64) {
	b.do(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
		emulation.SetDeviceMetricsOverride(width, height, 1, width < 600))
}

// pixel is a colour that the page shows of the card's screen, as 0xRRGGBB.
const pixel = `(x, y) => { const d = monitor.screen.canvas.getContext('2d').getImageData(x, y, 1, 1).data; return d[0] << 16 | d[1] << 8 | d[2] }`

func TestPage(t *testing.T) {
	b := start(t)
	s := newScene(t, b.card)
	defer s.close()
	b.still(s)
	b.music(s)
	b.note()
	b.keyboard()
	b.hands()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.wrong {
		t.Errorf("the browser says: %s", w)
	}
}

// still looks at pictures that stand still.
func (b *browser) still(s *scene) {
	for _, colors := range [][4]uint32{{0xFF0000, 0x00FF00, 0x0000FF, 0x123456}, {0xFEDCBA, 0, 0xFFFFFF, 0x808080}} {
		s.still(colors)
		want := must(json.Marshal(colors))(b.T)
		b.until("four colours", `(() => { const p = `+pixel+`; const w = monitor.screen.canvas.width, h = monitor.screen.canvas.height;
			return JSON.stringify([p(0, 0), p(w - 1, 0), p(w / 2 - 1, h - 1), p(w / 2, h / 2)]) === '`+string(want)+`' })()`)
	}
}

// music plays the tune while the scene moves, and looks at all of the page.
func (b *browser) music(s *scene) {
	player := exec.CommandContext(b.ctx, b.command, "--card", "hosted:browser", "play")
	player.Cancel = func() error { return player.Process.Signal(os.Interrupt) }
	check(b.T, player.Start())
	defer func() {
		_ = player.Process.Signal(os.Interrupt)
		_ = player.Wait() // it was interrupted
	}()
	s.move()
	defer s.halt()
	b.do(chromedp.Click("#listen"))
	b.until("the sound", `monitor.sound.peak() > 0.01`)
	if eval[bool](b, `new Promise((done) => { const c = monitor.screen.canvas, g = c.getContext('2d');
		const sum = () => g.getImageData(0, 0, c.width, c.height).data.reduce((a, v) => (a * 31 + v) | 0, 0);
		const first = sum(), began = monitor.screen.shown;
		const again = () => monitor.screen.shown > began + 3 ? done(sum() === first) : requestAnimationFrame(again);
		again() })`) {
		b.Error("the scene moves, and the picture stays the same")
	}
	before := b.underruns()
	figures := eval[struct {
		Frames, Seconds, Megabytes, Latency float64
		Gaps, Lost                          int
	}](b, `new Promise((done) => { const s = monitor.screen, f = monitor.sound.facts;
		const began = performance.now(), frames = s.shown, bytes = s.bytes, gaps = f.dry, lost = f.lost + f.skipped;
		setTimeout(() => { const g = monitor.sound.facts, seconds = (performance.now() - began) / 1000;
			done({ frames: s.shown - frames, seconds, megabytes: (s.bytes - bytes) / 1e6, gaps: g.dry - gaps, lost: g.lost + g.skipped - lost, latency: 1000 * monitor.sound.latency })
		}, 8000) })`)
	b.Logf("%.1f frames/s and %.1f MB/s of a moving scene of %d by %d pixels while music plays; sound %.0f ms after the mixer, %d gaps, %d frames left out in the page, %d underruns of the card",
		figures.Frames/figures.Seconds, figures.Megabytes/figures.Seconds, s.width, s.height, figures.Latency, figures.Gaps, figures.Lost, b.underruns()-before)
	if figures.Frames == 0 {
		b.Error("no frames")
	}
	b.do(chromedp.Click("#layers"))
	b.until("outlines of layers", `(() => { const c = document.getElementById('outlines'); return !c.hidden && c.getContext('2d').getImageData(0, 0, 80, 20).data.some((v) => v > 0) })()`)
	b.do(chromedp.Click("#layers"))
	b.until("no outlines", `document.getElementById('outlines').hidden`)
	b.until("a channel that plays", `document.querySelectorAll('#channels .channel.on').length > 2`)
	b.until("loads", `[...document.querySelectorAll('.processor .big')].some((e) => parseFloat(e.textContent) > 0)`)
	b.until("deadlines", `document.querySelectorAll('#deadlines .late').length > 3`)
	b.until("the graph", `['synth', 'audio', 'screen', 'input'].every((n) => [...document.querySelectorAll('#graph .title')].some((e) => e.textContent === n)) && document.querySelectorAll('#graph path.on').length > 2`)
	b.until("threads", `[...document.querySelectorAll('#threads td')].some((e) => e.textContent.startsWith('synth'))`)
	b.until("pictures", `document.getElementById("screen-facts").textContent.includes("moving scene")`)
	b.until("who calls", `[...document.querySelectorAll('#link .value')].some((e) => Number(e.textContent) > 20)`)
	b.until("memory", `document.querySelectorAll("#heap .bar").length > 0`)
	b.until("the log", `document.getElementById('log').textContent.includes('booted')`)
	for _, l := range []struct {
		name, scheme  string
		width, height int64
	}{{"light", "light", 1400, 1000}, {"dark", "dark", 1400, 1000}, {"tablet", "light", 900, 1100}, {"phone", "dark", 390, 800}} {
		b.look(l.scheme, l.width, l.height)
		b.until("the page's width", `document.documentElement.scrollWidth <= innerWidth`)
		b.shot(l.name)
	}
	b.look("light", 1400, 1000)
}

func (b *browser) underruns() uint64 {
	o := must(hostdriver.Bind(b.ctx, b.card, "/audio", audio.OutputType))(b.T)
	defer o.Release()
	return must(o.Info(b.ctx))(b.T).Underruns
}

// note plays one by a click.
func (b *browser) note() {
	b.until("silence", `monitor.sound.peak() < 0.0005`)
	b.do(chromedp.ScrollIntoView("#piano"))
	at := eval[struct{ X, Y float64 }](b, `(() => { const r = document.querySelector('#piano [data-note="64"]').getBoundingClientRect(); return { x: r.x + r.width / 2, y: r.bottom - 20 } })()`)
	b.do(chromedp.MouseEvent("mouseMoved", at.X, at.Y), chromedp.MouseEvent("mousePressed", at.X, at.Y, chromedp.Button("left"), chromedp.ClickCount(1)))
	b.until("the note", `monitor.sound.peak() > 0.01`)
	b.until("the note on the card", `document.querySelector('#channels .channel.on')?.textContent.includes('Piano')`)
	b.until("the key", `document.querySelector('#piano .down')?.dataset.note === '64'`)
	b.do(chromedp.MouseEvent("mouseReleased", at.X, at.Y, chromedp.Button("left"), chromedp.ClickCount(1)))
	b.until("the end of the note", `!document.querySelector('#piano .down') && monitor.sound.peak() < 0.0005`)
}

// keyboard plays a note as a keyboard does that is plugged in here.
func (b *browser) keyboard() {
	eval[bool](b, `(monitor.midi.take(new Uint8Array([0xC3, 19])), monitor.midi.take(new Uint8Array([0xFE])), monitor.midi.take(new Uint8Array([0x93, 60, 100])), true)`)
	b.until("the note of a keyboard", `monitor.sound.peak() > 0.01 && [...document.querySelectorAll('#channels .channel.on')].some((e) => e.textContent.includes('Organ'))`)
	eval[bool](b, `(monitor.silence(), true)`)
	b.until("silence when all keys are let go", `monitor.sound.peak() < 0.0005`)
}

// hands types and points, and reads that on the card.
func (b *browser) hands() {
	in := must(hostdriver.Bind(b.ctx, b.card, "/input", input.InputType))(b.T)
	defer in.Release()
	q := must(in.Open(b.ctx, input.QueueOptions{}))(b.T)
	defer q.Release()
	b.do(chromedp.ScrollIntoView("#screen"))
	r := eval[struct{ X, Y, Width, Height float64 }](b, `(() => { const c = monitor.screen.canvas, r = c.getBoundingClientRect(), s = Math.min(r.width / c.width, r.height / c.height);
		return { x: r.x + (r.width - s * c.width) / 2, y: r.y + (r.height - s * c.height) / 2, width: s * c.width, height: s * c.height } })()`)
	b.do(chromedp.MouseClickXY(r.X+r.Width/4, r.Y+r.Height*3/4), chromedp.KeyEvent("a"))
	var seen []input.Event
	has := func(want input.Event) bool {
		for _, e := range seen {
			near := func(a, b int32) bool { return a-b <= 2 && b-a <= 2 }
			if e.Kind == want.Kind && e.Down == want.Down && e.Code == want.Code && near(e.X, want.X) && near(e.Y, want.Y) {
				return true
			}
		}
		return false
	}
	for _, want := range []input.Event{
		{Kind: input.Button, Down: true, Code: 1, X: 160, Y: 360}, {Kind: input.Button, Code: 1, X: 160, Y: 360},
		{Kind: input.Key, Down: true, Code: 0x04}, {Kind: input.Text, Code: 'a'}, {Kind: input.Key, Code: 0x04},
	} {
		for !has(want) {
			events, _, err := q.Next(b.ctx)
			if err != nil {
				b.Fatalf("%+v did not come, but %+v: %v", want, seen, err)
			}
			seen = append(seen, events...)
		}
	}
}
