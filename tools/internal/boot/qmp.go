package boot

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
)

// monitor is QEMU's control socket (QEMU, "QEMU Machine Protocol Specification").
type monitor struct {
	conn net.Conn
	in   *json.Decoder
}

// maxReply bounds what QEMU may say in all, in bytes.
const maxReply = 16 << 20

// dialMonitor connects and greets. The socket may come a moment after the program.
func dialMonitor(ctx context.Context, path string) (*monitor, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	m := &monitor{conn, json.NewDecoder(io.LimitReader(conn, maxReply))}
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	var greeting struct{ QMP json.RawMessage }
	if err = m.in.Decode(&greeting); err == nil && greeting.QMP == nil {
		err = com.Errorf(com.ErrProtocol, "%s: no QEMU answers", path)
	}
	if err == nil {
		err = m.do("qmp_capabilities", nil)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return m, nil
}

// do executes a command and waits for what comes of it.
func (m *monitor) do(command string, args map[string]any) error {
	m.conn.SetDeadline(time.Now().Add(10 * time.Second))
	request := map[string]any{"execute": command}
	if args != nil {
		request["arguments"] = args
	}
	if err := json.NewEncoder(m.conn).Encode(request); err != nil {
		return err
	}
	for {
		var reply struct {
			Event  string
			Return json.RawMessage
			Error  *struct{ Desc string }
		}
		switch err := m.in.Decode(&reply); {
		case err != nil:
			return err
		case reply.Event != "":
		case reply.Error != nil:
			return com.Errorf(com.ErrFailed, "QEMU: %s: %s", command, reply.Error.Desc)
		default:
			return nil
		}
	}
}
