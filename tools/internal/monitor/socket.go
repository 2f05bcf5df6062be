package monitor

import (
	"context"
	"embed"
	"encoding/binary"
	"errors"
	"io/fs"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/mmlite/mmlite/firmware/com"
)

//go:embed page
var page embed.FS

// The kinds of sockets.
const (
	controlSocket = iota
	soundSocket
	screenSocket
	socketKinds
)

const (
	// maxSockets is how many of a kind are open at a time.
	maxSockets = 4
	// maxMessage is the longest message a page sends, in bytes.
	maxMessage = 64
	// writePatience is how long a message may take to leave: what is on the way was
	// answered for, so only a connection that is dead takes longer.
	writePatience = 20 * time.Second
)

// Codes with which sockets are closed, for the page.
const (
	closeGone = websocket.StatusCode(4001) // the card has gone
	closeNone = websocket.StatusCode(4002) // the card has no such thing
)

// routes says what is served where, behind the token.
func (m *Monitor) routes() http.Handler {
	mux := http.NewServeMux()
	files, err := fs.Sub(page, "page")
	if err != nil {
		panic(err) // the name is wrong
	}
	mux.Handle("/", http.FileServerFS(files))
	mux.HandleFunc("/control", m.socket(controlSocket, (*visit).control))
	mux.HandleFunc("/sound", m.socket(soundSocket, (*visit).sound))
	mux.HandleFunc("/screen", m.socket(screenSocket, (*visit).show))
	mux.HandleFunc("/layers", m.socket(screenSocket, (*visit).showLayers))
	return mux
}

// enter counts a socket and returns the card for it.
func (m *Monitor) enter(kind int) (s *session, status int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.ctx.Err() != nil || m.card == nil || m.card.ctx.Err() != nil:
		return nil, http.StatusServiceUnavailable
	case m.open[kind] >= maxSockets:
		return nil, http.StatusTooManyRequests
	}
	m.open[kind]++
	m.card.users.Add(1)
	m.sockets.Add(1)
	return m.card, http.StatusOK
}

func (m *Monitor) leave(kind int, s *session) {
	m.mu.Lock()
	m.open[kind]--
	m.mu.Unlock()
	s.users.Done()
	m.sockets.Done()
}

// visit is a socket that is open.
type visit struct {
	*session
	conn *websocket.Conn
	flow *flow
	ctx  context.Context // ends with the socket and with the card; its cause says why
	end  context.CancelCauseFunc
}

// socket serves one kind of socket.
func (m *Monitor) socket(kind int, serve func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, status := m.enter(kind)
		if s == nil {
			http.Error(w, http.StatusText(status), status)
			return
		}
		defer m.leave(kind, s)
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // it has been answered
		}
		c.SetReadLimit(maxMessage)
		v := &visit{session: s, conn: c, flow: newFlow()}
		v.ctx, v.end = context.WithCancelCause(s.ctx)
		err = serve(v)
		if cause := context.Cause(v.ctx); cause != nil {
			err = cause // what failed then failed for that
		}
		v.end(nil)
		switch {
		case s.ctx.Err() != nil || errors.Is(err, com.ErrGone):
			_ = c.Close(closeGone, "the card has gone")
		case errors.Is(err, com.ErrNotSupported):
			_ = c.Close(closeNone, "the card has none")
		case errors.Is(err, com.ErrProtocol):
			_ = c.Close(websocket.StatusPolicyViolation, "what the page sent makes no sense")
		case err != nil && !errors.Is(err, errLeft):
			m.cfg.Logf("%s: %s", r.URL.Path, com.TextOf(err))
			_ = c.Close(websocket.StatusInternalError, "see what the monitor says")
		}
		_ = c.CloseNow() // whatever has become of it
	}
}

// errLeft is that a page has gone, by itself or for having said too much at once.
var errLeft = errors.New("the page has gone")

// receive has do called with what the page says, and last when it says no more. The
// visit ends with the socket, or with the first error of do.
func (v *visit) receive(do func([]byte) error, last func()) {
	v.users.Go(func() {
		defer last()
		for {
			_, b, err := v.conn.Read(v.served)
			if err != nil {
				err = errLeft
			} else {
				err = do(b)
			}
			if err != nil {
				v.end(err)
				return
			}
		}
	})
}

// answers receives what the page has taken.
func (v *visit) answers() {
	v.receive(func(b []byte) error {
		if len(b) != 4 {
			return com.Errorf(com.ErrProtocol, "an answer of %d bytes", len(b))
		}
		return v.flow.take(binary.LittleEndian.Uint32(b))
	}, func() {})
}

// send writes a message.
func (v *visit) send(kind websocket.MessageType, b []byte) error {
	ctx, cancel := context.WithTimeout(v.served, writePatience)
	defer cancel()
	if err := v.conn.Write(ctx, kind, b); err != nil {
		return errLeft
	}
	return nil
}
