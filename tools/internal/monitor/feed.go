package monitor

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/system"
	"github.com/mmlite/mmlite/hostdriver"
)

// beat is how often a card that is watched is looked at.
const beat = 250 * time.Millisecond

// parts are what is shown of /status, and every how many beats.
var parts = []struct {
	name  string
	every int
}{
	{"synth", 1}, {"audio", 1}, {"processors", 1}, {"link", 2}, {"activities", 2}, {"graphics", 2}, {"screen", 2}, {"input", 2},
	{"threads", 4}, {"scheduler", 4}, {"heap", 4}, {"components", 8},
}

const (
	// maxPart is how long the JSON of one part may be.
	maxPart = 256 << 10
	// maxLog is how many lines of the card's log are kept for pages to come.
	maxLog = 200
)

// feed looks at a card while pages watch it.
type feed struct {
	card    *hostdriver.Card
	began   time.Time
	objects map[string]system.Status // what was found; nil where nothing was

	mu       sync.Mutex
	watchers map[*watcher]bool
	running  bool
	values   map[string]value
	version  uint64
	log      []string
	logNext  uint64
}

// value is what a part was at last.
type value struct {
	version uint64
	at      int64 // when it was fetched, in ms since the beginning
	json    json.RawMessage
}

// watcher is a page that watches.
type watcher struct {
	seen uint64
	more chan struct{} // there is something new; holds one
}

func newFeed(card *hostdriver.Card) *feed {
	return &feed{card: card, began: time.Now(), objects: map[string]system.Status{}, watchers: map[*watcher]bool{}, values: map[string]value{}}
}

// watch adds a page. Until it is taken away the card is looked at.
func (f *feed) watch(ctx context.Context, users *sync.WaitGroup) *watcher {
	f.mu.Lock()
	defer f.mu.Unlock()
	w := &watcher{more: make(chan struct{}, 1)}
	f.watchers[w] = true
	if !f.running {
		f.running = true
		users.Go(func() { f.run(ctx) })
	}
	return w
}

func (f *feed) unwatch(w *watcher) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.watchers, w)
}

// run looks until nobody watches.
func (f *feed) run(ctx context.Context) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for n := 0; ; n++ {
		f.look(ctx, n)
		f.mu.Lock()
		f.running = len(f.watchers) > 0 && ctx.Err() == nil
		goOn := f.running
		for w := range f.watchers {
			select {
			case w.more <- struct{}{}:
			default:
			}
		}
		f.mu.Unlock()
		if !goOn {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// look fetches the parts whose turn it is.
func (f *feed) look(ctx context.Context, n int) {
	for _, p := range parts {
		if n%p.every == 0 {
			if b, ok := f.read(ctx, p.name, n); ok {
				f.set(p.name, b)
			}
		}
	}
	f.follow(ctx)
}

// lookAgain is after how many beats a part that the card had not is looked for again.
const lookAgain = 40

// read fetches one part.
func (f *feed) read(ctx context.Context, name string, n int) (json.RawMessage, bool) {
	o, known := f.objects[name]
	if o == nil {
		if known && n%lookAgain != 0 {
			return nil, false
		}
		v, err := hostdriver.Bind(ctx, f.card, "/status/"+name, system.StatusType)
		if err != nil {
			if com.CodeOf(err) == com.ErrNotFound {
				f.objects[name] = nil
			}
			return nil, false
		}
		o, f.objects[name] = v, v
	}
	b, err := o.JSON(ctx)
	return b, err == nil && len(b) <= maxPart && json.Valid(b)
}

func (f *feed) set(name string, b json.RawMessage) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.version++
	f.values[name] = value{f.version, time.Since(f.began).Milliseconds(), b}
}

// follow fetches what was logged since.
func (f *feed) follow(ctx context.Context) {
	lines, next, err := f.card.System().Log(ctx, f.logNext)
	if err != nil || len(lines) == 0 {
		return
	}
	f.logNext = next
	all := append(f.log, lines...)
	f.log = all[max(0, len(all)-maxLog):]
	if b, err := json.Marshal(f.log); err == nil {
		f.set("log", b)
	}
}

// fresh is what the page has not seen, as a message; nil if that is nothing.
func (f *feed) fresh(w *watcher) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	news, at := map[string]json.RawMessage{}, map[string]int64{}
	for name, v := range f.values {
		if v.version > w.seen {
			news[name], at[name] = v.json, v.at
		}
	}
	w.seen = f.version
	if len(news) == 0 {
		return nil
	}
	b, err := json.Marshal(map[string]any{"status": news, "at": at})
	if err != nil {
		return nil // each part is valid by itself
	}
	return b
}

// close lets go of the card; nobody watches any more.
func (f *feed) close() {
	for _, o := range f.objects {
		if o != nil {
			o.Release()
		}
	}
}
