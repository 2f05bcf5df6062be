package monitor

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestGuard(t *testing.T) {
	let := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("in " + r.URL.Path)) })
	g := &guard{token: "secret", port: "8000", hosts: names("127.0.0.1", netip.MustParseAddr("127.0.0.1")), next: let}
	for _, c := range []struct {
		what, method, path, host, origin, upgrade string
		status                                    int
	}{
		{"page", "GET", "/secret/", "127.0.0.1:8000", "", "", 200},
		{"name", "GET", "/secret/", "LocalHost:8000", "", "", 200},
		{"address of six groups", "GET", "/secret/", "[::1]:8000", "", "", 200},
		{"own origin", "GET", "/secret/x.js", "127.0.0.1:8000", "http://127.0.0.1:8000", "", 200},
		{"socket", "GET", "/secret/control", "127.0.0.1:8000", "http://127.0.0.1:8000", "websocket", 200},
		{"no slash", "GET", "/secret", "127.0.0.1:8000", "", "", 301},
		{"no token", "GET", "/", "127.0.0.1:8000", "", "", 403},
		{"wrong token", "GET", "/Secret/", "127.0.0.1:8000", "", "", 403},
		{"part of the token", "GET", "/secre/", "127.0.0.1:8000", "", "", 403},
		{"token further on", "GET", "//secret/", "127.0.0.1:8000", "", "", 403},
		{"rebound name", "GET", "/secret/", "evil.example:8000", "", "", 421},
		{"rebound name without port", "GET", "/secret/", "evil.example", "", "", 421},
		{"other address", "GET", "/secret/", "10.0.0.1:8000", "", "", 421},
		{"other port", "GET", "/secret/", "127.0.0.1:80", "", "", 421},
		{"no host", "GET", "/secret/", "", "", "", 421},
		{"foreign origin", "GET", "/secret/", "127.0.0.1:8000", "http://evil.example", "", 403},
		{"origin null", "GET", "/secret/", "127.0.0.1:8000", "null", "", 403},
		{"socket of nobody", "GET", "/secret/control", "127.0.0.1:8000", "", "websocket", 403},
		{"socket from elsewhere", "GET", "/secret/control", "127.0.0.1:8000", "http://localhost:8000", "websocket", 403},
		{"post", "POST", "/secret/", "127.0.0.1:8000", "", "", 405},
	} {
		r := httptest.NewRequest(c.method, "http://x"+c.path, nil)
		r.Host = c.host
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if c.upgrade != "" {
			r.Header.Set("Upgrade", c.upgrade)
		}
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s: status %d, want %d", c.what, w.Code, c.status)
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("%s: no policy: %q", c.what, csp)
		}
		if w.Code != 200 && strings.Contains(w.Body.String(), "in ") {
			t.Errorf("%s: it was let in", c.what)
		}
	}
}

func TestNamesOfAListener(t *testing.T) {
	for _, c := range []struct {
		given, ip, host string
		want            bool
	}{
		{"0.0.0.0", "0.0.0.0", "192.168.1.7", true},
		{"0.0.0.0", "0.0.0.0", "localhost", true},
		{"0.0.0.0", "0.0.0.0", "evil.example", false},
		{"192.168.1.7", "192.168.1.7", "192.168.1.7", true},
		{"192.168.1.7", "192.168.1.7", "127.0.0.1", false},
		{"192.168.1.7", "192.168.1.7", "localhost", false},
		{"den.example", "192.168.1.7", "den.example", true},
		{"127.0.0.1", "127.0.0.1", "127.0.0.2", true},
		{"127.0.0.1", "127.0.0.1", "", false},
	} {
		if got := names(c.given, netip.MustParseAddr(c.ip))(c.host); got != c.want {
			t.Errorf("%s, listening at %s: %q is %v", c.given, c.ip, c.host, got)
		}
	}
}

func TestListen(t *testing.T) {
	for _, bad := range []string{"", "localhost", "localhost:x", "1.2.3.4.5:80"} {
		if l, _, err := listen(context.Background(), bad); err == nil {
			t.Errorf("%q: it listens", bad)
			l.Close()
		}
	}
	l, g, err := listen(context.Background(), ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if a := l.Addr().(*net.TCPAddr); !a.IP.IsLoopback() {
		t.Errorf("without a host it listens at %v", a)
	}
	if len(g.token) < 26 || !strings.HasSuffix(g.url, g.port+"/"+g.token+"/") {
		t.Errorf("address %s", g.url)
	}
	m, h, err := listen(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if g.token == h.token {
		t.Error("a token comes twice")
	}
}

// A listener takes no more connections than it has room for, and goes on when one
// has closed.
func TestConnectionsAreLimited(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	l := &limited{Listener: inner, room: make(chan struct{}, 1)}
	accepted := make(chan net.Conn)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- c
		}
	}()
	for range 2 {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first := <-accepted
	select {
	case <-accepted:
		t.Fatal("a second connection was accepted")
	default:
	}
	first.Close()
	first.Close() // counts once
	second := <-accepted
	if len(l.room) != 1 {
		t.Errorf("%d connections are counted", len(l.room))
	}
	second.Close()
}
