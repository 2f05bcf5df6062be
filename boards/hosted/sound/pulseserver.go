package sound

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

// pulseServer is a connection to a PulseAudio server.
type pulseServer struct {
	proto.Client
	conn    net.Conn
	closing sync.Once
	closed  error
}

// pulseTimeout bounds every request.
const pulseTimeout = 3 * time.Second

// errNoPulse is why pulse is not available where no server answers.
var errNoPulse = errors.New("no PulseAudio or PipeWire server answers")

// dialPulse connects and authenticates. Events are handed to handle on the reading goroutine; it is told ConnectionClosed
// however the connection ends.
func dialPulse(client string, handle func(any)) (*pulseServer, error) {
	addresses, err := pulseAddresses()
	if err != nil {
		return nil, err
	}
	var failures []error
	for _, a := range addresses {
		conn, err := net.DialTimeout(a.network, a.address, pulseTimeout)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		s := &pulseServer{conn: conn}
		s.Callback = handle
		s.SetTimeout(pulseTimeout)
		s.Open(&watchedConn{Conn: conn, gone: func() { handle(&proto.ConnectionClosed{}) }})
		if err := s.login(client); err != nil {
			s.Close()
			failures = append(failures, fmt.Errorf("%s: %w", a.address, err))
			continue
		}
		return s, nil
	}
	return nil, fmt.Errorf("sound: %w: %w", errNoPulse, errors.Join(failures...))
}

func (s *pulseServer) login(client string) error {
	var auth proto.AuthReply
	if err := s.Request(&proto.Auth{Version: s.Version(), Cookie: pulseCookie()}, &auth); err != nil {
		return err
	}
	s.SetVersion(auth.Version)
	return s.Request(&proto.SetClientName{Props: proto.PropList{
		"application.name":           proto.PropListString(client),
		"application.process.id":     proto.PropListString(fmt.Sprint(os.Getpid())),
		"application.process.binary": proto.PropListString(filepath.Base(os.Args[0])),
	}}, &proto.SetClientNameReply{})
}

// sink describes the sink of a name, or the server's default one.
func (s *pulseServer) sink(name string) (*proto.GetSinkInfoReply, error) {
	var info proto.GetSinkInfoReply
	ask := name
	if ask == "" {
		ask = "@DEFAULT_SINK@"
	}
	err := s.Request(&proto.GetSinkInfo{SinkIndex: proto.Undefined, SinkName: ask}, &info)
	switch {
	case errors.Is(err, proto.ErrNoSuchEntity) && name == "":
		return nil, errors.New("sound: the PulseAudio server has no sink; connect a sound card to it, or load one with: pactl load-module module-null-sink")
	case errors.Is(err, proto.ErrNoSuchEntity):
		return nil, fmt.Errorf("sound: the PulseAudio server has no sink %q; mmlite devices lists those it has", name)
	case err != nil:
		return nil, fmt.Errorf("sound: asking the PulseAudio server for its sink: %w", err)
	}
	return &info, nil
}

// sinks describes all sinks.
func (s *pulseServer) sinks() (proto.GetSinkInfoListReply, error) {
	var list proto.GetSinkInfoListReply
	err := s.Request(&proto.GetSinkInfoList{}, &list)
	return list, err
}

func (s *pulseServer) Close() error {
	s.closing.Do(func() { s.closed = s.conn.Close() })
	return s.closed
}

// watchedConn tells when reading has come to an end for any reason; the client library tells only of an orderly one.
type watchedConn struct {
	net.Conn
	once sync.Once
	gone func()
}

func (c *watchedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil {
		c.once.Do(c.gone)
	}
	return n, err
}

type pulseAddress struct{ network, address string }

// pulseAddresses says where a server may be: PULSE_SERVER, if it is set, otherwise the session's socket. The form of the
// former is that of PulseAudio's Server Strings page: a list of paths and network addresses, each perhaps for one machine only.
func pulseAddresses() ([]pulseAddress, error) {
	if list := os.Getenv("PULSE_SERVER"); list != "" {
		found := parsePulseServer(list)
		if len(found) == 0 {
			return nil, fmt.Errorf("sound: PULSE_SERVER is %q, in which there is no server for this machine", list)
		}
		return found, nil
	}
	var found []pulseAddress
	for _, folder := range pulseFolders() {
		socket := filepath.Join(folder, "native")
		if _, err := os.Stat(socket); err == nil {
			found = append(found, pulseAddress{"unix", socket})
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("sound: %w: PULSE_SERVER is not set and there is no socket in %s", errNoPulse, strings.Join(pulseFolders(), " or "))
	}
	return found, nil
}

func pulseFolders() []string {
	var folders []string
	if dir := os.Getenv("PULSE_RUNTIME_PATH"); dir != "" {
		folders = append(folders, dir)
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		folders = append(folders, filepath.Join(dir, "pulse"))
	} else if runtime.GOOS == "linux" {
		folders = append(folders, fmt.Sprintf("/run/user/%d/pulse", os.Getuid()))
	}
	if runtime.GOOS == "linux" {
		folders = append(folders, "/run/pulse") // a server for the whole system
	}
	if home, err := os.UserHomeDir(); err == nil && runtime.GOOS == "darwin" {
		if host, err := os.Hostname(); err == nil {
			folders = append(folders, filepath.Join(home, ".config", "pulse", host+"-runtime"))
		}
	}
	return folders
}

func parsePulseServer(list string) []pulseAddress {
	host, _ := os.Hostname()
	var found []pulseAddress
	for _, s := range strings.Fields(list) {
		if rest, ok := strings.CutPrefix(s, "{"); ok {
			machine, address, ok := strings.Cut(rest, "}")
			if !ok || machine != host {
				continue
			}
			s = address
		}
		network, address, ok := strings.Cut(s, ":")
		switch {
		case strings.HasPrefix(s, "/"):
			found = append(found, pulseAddress{"unix", s})
		case ok && network == "unix":
			found = append(found, pulseAddress{"unix", address})
		case ok && (network == "tcp" || network == "tcp4" || network == "tcp6"):
			if _, _, err := net.SplitHostPort(address); err != nil {
				address = net.JoinHostPort(strings.Trim(address, "[]"), "4713")
			}
			found = append(found, pulseAddress{network, address})
		}
	}
	return found
}

// pulseCookie is the secret that the server shares with its user. A server that lets in everybody takes any 256 bytes.
func pulseCookie() []byte {
	path := os.Getenv("PULSE_COOKIE")
	if path == "" {
		if dir, err := os.UserConfigDir(); err == nil {
			path = filepath.Join(dir, "pulse", "cookie")
		}
	}
	if cookie, err := os.ReadFile(path); err == nil && len(cookie) == 256 {
		return cookie
	}
	return make([]byte, 256)
}
