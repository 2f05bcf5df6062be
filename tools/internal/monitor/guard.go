package monitor

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/mmlite/mmlite/firmware/com"
)

// quiet is where the web server's complaints about its visitors go.
var quiet = log.New(io.Discard, "", 0)

// maxConnections is how many connections there can be at a time.
const maxConnections = 64

// guard stands before everything that is served. It lets in who knows the token, by
// a name that is this computer's: a page from elsewhere, whose name its owner lets
// point here (DNS rebinding), has neither.
type guard struct {
	token string
	port  string
	hosts func(host string) bool
	url   string
	next  http.Handler
}

// Header values of every answer. The page loads nothing from elsewhere, is framed by
// nobody, and tells nobody its address. With the two that isolate it a page may use
// precise clocks.
var headers = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
		"worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Embedder-Policy": "require-corp",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "no-store",
	"X-Frame-Options":              "DENY",
}

// ServeHTTP implements http.Handler.
func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for k, v := range headers {
		w.Header().Set(k, v)
	}
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil { // a browser leaves port 80 out
		host, port = strings.Trim(r.Host, "[]"), "80"
	}
	if port != g.port || !g.hosts(strings.ToLower(host)) {
		http.Error(w, "this monitor is not at "+strconv.Quote(r.Host), http.StatusMisdirectedRequest)
		return
	}
	origin := r.Header.Get("Origin")
	if socket := r.Header.Get("Upgrade") != ""; origin != "http://"+r.Host && (socket || origin != "") {
		http.Error(w, "a page from elsewhere has no business here", http.StatusForbidden)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "GET only", http.StatusMethodNotAllowed)
		return
	}
	token, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if subtle.ConstantTimeCompare([]byte(token), []byte(g.token)) != 1 {
		http.Error(w, "open the whole address that mmlite monitor printed: the token is missing or an old one", http.StatusForbidden)
		return
	}
	if rest == "" && !strings.HasSuffix(r.URL.Path, "/") {
		http.Redirect(w, r, "/"+g.token+"/", http.StatusMovedPermanently)
		return
	}
	r.URL = &url.URL{Path: "/" + rest}
	g.next.ServeHTTP(w, r)
}

// listen opens an address and the guard for it.
func listen(ctx context.Context, address string) (net.Listener, *guard, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, nil, com.Errorf(com.ErrInvalid, "no address %q to listen at: want [HOST]:PORT", address)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, nil, com.Errorf(com.ErrBusy, "cannot listen at %s: %v", address, err)
	}
	at := l.Addr().(*net.TCPAddr).AddrPort()
	g := &guard{token: strings.ToLower(rand.Text()), port: strconv.Itoa(int(at.Port()))}
	ip := at.Addr().Unmap()
	if ip.IsUnspecified() {
		ip = outside(ip)
	}
	g.hosts = names(host, at.Addr().Unmap())
	g.url = "http://" + netip.AddrPortFrom(ip, at.Port()).String() + "/" + g.token + "/"
	return &limited{Listener: l, room: make(chan struct{}, maxConnections)}, g, nil
}

// names says by which hosts a listener may be called. An address is no name that
// somebody else could have let point here.
func names(given string, ip netip.Addr) func(string) bool {
	own, err := os.Hostname()
	if own = strings.ToLower(own); err != nil {
		own = ""
	}
	given = strings.ToLower(given)
	return func(host string) bool {
		if host == given {
			return true
		}
		a, err := netip.ParseAddr(host)
		switch {
		case err == nil && ip.IsUnspecified():
			return true
		case err == nil:
			return a == ip || a.IsLoopback() && ip.IsLoopback()
		case host == "localhost":
			return ip.IsLoopback() || ip.IsUnspecified()
		}
		return ip.IsUnspecified() && own != "" && (host == own || host == own+".local")
	}
}

// outside is an address of this computer that others know it by.
func outside(none netip.Addr) netip.Addr {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return none
	}
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() && n.IP.To4() != nil {
			if ip, ok := netip.AddrFromSlice(n.IP.To4()); ok {
				return ip
			}
		}
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, 1})
}

// limited is a listener with so many connections at most; further ones wait.
type limited struct {
	net.Listener
	room chan struct{}
}

// Accept implements net.Listener.
func (l *limited) Accept() (net.Conn, error) {
	l.room <- struct{}{}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.room
		return nil, err
	}
	return &counted{Conn: c, l: l}, nil
}

// counted is a connection of such a listener.
type counted struct {
	net.Conn
	l    *limited
	once atomic.Bool
}

// Close implements net.Conn.
func (c *counted) Close() error {
	if !c.once.Swap(true) {
		<-c.l.room
	}
	return c.Conn.Close()
}
