package ddraw

import (
	"context"
	"sync"

	"github.com/mmlite/mmlite/contracts/graphics"
	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/hostdriver"
)

// DirectDraw makes surfaces on a card (IDirectDraw7). It may be used from many
// goroutines; draws have their effects in the order in which one goroutine calls.
type DirectDraw struct {
	mu       sync.Mutex
	conn     *conn
	level    Level
	mode     graphics.Mode // as it was set; zeros are the screen's
	shut     bool
	surfaces map[*chain]struct{}
}

// conn is a device on one card.
type conn struct {
	card   *hostdriver.Card
	maker  graphics.Graphics
	screen graphics.Screen
	device graphics.Device
	cursor hostdriver.Cursor
	height uint32 // of the screen
}

// Create makes an object of a card, which stays the caller's and has to outlive it
// (DirectDrawCreateEx). ErrNoDirectDrawSupport: the card draws nothing.
func Create(ctx context.Context, card *hostdriver.Card) (*DirectDraw, error) {
	d := &DirectDraw{level: Normal, surfaces: map[*chain]struct{}{}}
	if err := d.Reconnect(ctx, card); err != nil {
		return nil, err
	}
	return d, nil
}

// Reconnect has the object use another card from now on, when the one before is gone.
// Its surfaces are lost, and come back one by one with Restore, or all with
// RestoreAllSurfaces. Palettes and clippers are as they were.
func (d *DirectDraw) Reconnect(ctx context.Context, card *hostdriver.Card) error {
	c, err := connect(ctx, card)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut {
		c.release()
		return failed(ErrNotInitialized, "it was closed")
	}
	m := d.mode
	m.Exclusive = d.level&Exclusive != 0
	if err := c.device.SetMode(ctx, m); err != nil {
		c.release()
		return taken(err)
	}
	old := d.conn
	d.conn = c
	if old != nil {
		old.release()
	}
	return nil
}

func connect(ctx context.Context, card *hostdriver.Card) (*conn, error) {
	g, err := hostdriver.Bind(ctx, card, "/graphics", graphics.GraphicsType)
	if err != nil {
		return nil, failed(ErrNoDirectDrawSupport, "%w", err)
	}
	c := &conn{card: card, maker: g}
	if c.screen, err = hostdriver.Bind(ctx, card, "/screen", graphics.ScreenType); err != nil {
		g.Release()
		return nil, failed(ErrNoDirectDrawSupport, "%w", err)
	}
	info, err := c.screen.Info(ctx)
	if err == nil {
		c.device, err = g.Open(ctx, graphics.DeviceOptions{Name: hostdriver.ClientName()})
	}
	if err != nil {
		g.Release()
		c.screen.Release()
		return nil, translate(err)
	}
	c.cursor, c.height = card.Cursor(info.Cursor), info.Height
	return c, nil
}

func (c *conn) release() {
	c.device.Release()
	c.screen.Release()
	c.maker.Release()
}

// use returns the card's device, with references. drop is due.
func (d *DirectDraw) use() (*conn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut {
		return nil, failed(ErrNotInitialized, "it was closed")
	}
	if err := d.conn.card.Err(); err != nil {
		return nil, translate(err)
	}
	d.conn.device.AddRef()
	d.conn.screen.AddRef()
	d.conn.maker.AddRef()
	return d.conn, nil
}

func (c *conn) drop() { c.release() }

// Close releases all surfaces and gives the screen back.
func (d *DirectDraw) Close() error {
	d.mu.Lock()
	if d.shut {
		d.mu.Unlock()
		return nil
	}
	d.shut = true
	all := make([]*chain, 0, len(d.surfaces))
	for c := range d.surfaces {
		all = append(all, c)
	}
	conn := d.conn
	d.mu.Unlock()
	for _, c := range all {
		c.release()
	}
	conn.release()
	return nil
}

// Remote is the card's object behind this one, for libraries that draw on its surfaces
// by other means. It belongs to d.
func (d *DirectDraw) Remote() graphics.Device {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.conn.device
}

// Card is the card it draws with now.
func (d *DirectDraw) Card() *hostdriver.Card {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.conn.card
}

// taken is translate for what asks for the screen.
func taken(err error) error {
	if com.CodeOf(err) == com.ErrBusy {
		return failed(ErrExclusiveModeAlreadySet, "%w", err)
	}
	return translate(err)
}

// set changes how the program uses the screen.
func (d *DirectDraw) set(ctx context.Context, level Level, mode graphics.Mode) error {
	c, err := d.use()
	if err != nil {
		return err
	}
	defer c.drop()
	mode.Exclusive = level&Exclusive != 0
	if err := c.device.SetMode(ctx, mode); err != nil {
		return taken(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.level, d.mode = level, mode
	return nil
}

func (d *DirectDraw) now() (Level, graphics.Mode) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.level, d.mode
}

// SetCooperativeLevel says how the program shares the screen: with Exclusive, which
// needs FullScreen, it is alone on it. ErrExclusiveModeAlreadySet: another one is.
func (d *DirectDraw) SetCooperativeLevel(ctx context.Context, level Level) error {
	if level&^levels != 0 || level&(Normal|Exclusive) == 0 || level&Normal != 0 && level&Exclusive != 0 || level&Exclusive != 0 && level&FullScreen == 0 {
		return failed(ErrInvalidParams, "cooperative level %#x", uint32(level))
	}
	_, mode := d.now()
	return d.set(ctx, level, mode)
}

// TestCooperativeLevel says whether surfaces can be restored: ErrSurfaceLost, the card
// is gone.
func (d *DirectDraw) TestCooperativeLevel() error {
	c, err := d.use()
	if err == nil {
		c.drop()
	}
	return err
}
