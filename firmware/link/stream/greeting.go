package stream

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"time"

	"github.com/mmlite/mmlite/firmware/com"
	"github.com/mmlite/mmlite/firmware/link"
)

// Hello is what a host says first.
type Hello struct {
	Magic    string `json:"magic"`
	Protocol uint32 `json:"protocol"`
	Client   string `json:"client"`
	NoMemory bool   `json:"no_memory,omitempty"` // this side cannot map the card's memory
}

// Welcome is what the card answers.
type Welcome struct {
	Magic      string `json:"magic"`
	Protocol   uint32 `json:"protocol"`
	Code       uint32 `json:"code,omitempty"` // why not
	Text       string `json:"text,omitempty"`
	Size       int    `json:"size,omitempty"` // bytes of shared memory that come along, 0 for packets through the stream
	Generation uint64 `json:"generation,omitempty"`
	Large      int    `json:"large,omitempty"` // bytes of the large bulk area, 0 for DefaultLarge; without shared memory
}

const (
	// Magic begins every greeting.
	Magic = "mmlite"
	// MaxGreeting is the longest greeting in bytes.
	MaxGreeting = 4096
	// GreetingTime is how long either side waits for the other's greeting.
	GreetingTime = 5 * time.Second
	// maxClient is the longest name of a client in bytes.
	maxClient = 64
)

// Encode returns v as it travels: length and JSON.
func Encode(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(b))), b...), nil
}

// GreetingSize returns how many bytes follow the four that a greeting begins with.
func GreetingSize(head []byte) (int, error) {
	n := binary.LittleEndian.Uint32(head)
	if n == 0 || n > MaxGreeting {
		return 0, com.Errorf(com.ErrProtocol, "link: message of %d bytes instead of a greeting", n)
	}
	return int(n), nil
}

// Decode reads the JSON of a greeting.
func Decode(body []byte, v any) error {
	if err := json.Unmarshal(body, v); err != nil {
		return com.Errorf(com.ErrProtocol, "link: greeting: %v", err)
	}
	return nil
}

func read(r io.Reader, v any) error {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return com.Errorf(com.ErrGone, "link: the other side hung up before its greeting: %v", err)
	}
	n, err := GreetingSize(head[:])
	if err != nil {
		return err
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return com.Errorf(com.ErrGone, "link: the other side hung up during the greeting: %v", err)
	}
	return Decode(body, v)
}

func write(w io.Writer, v any) error {
	b, err := Encode(v)
	if err != nil {
		return err
	}
	if _, err := w.Write(b); err != nil {
		return com.Errorf(com.ErrGone, "link: %v", err)
	}
	return nil
}

// Check returns what is wrong with a host's greeting, if anything.
func (h *Hello) Check() error {
	switch {
	case h.Magic != Magic:
		return com.Errorf(com.ErrProtocol, "link: this is a card; what greets is no host driver")
	case h.Protocol != link.Protocol:
		return versionError(h.Protocol, "program", "card")
	}
	if len(h.Client) > maxClient {
		h.Client = h.Client[:maxClient]
	}
	return nil
}

// Check returns why the card is not to be used, if so.
func (w *Welcome) Check() error {
	switch {
	case w.Magic != Magic:
		return com.Errorf(com.ErrProtocol, "link: what answers is no card")
	case w.Code != 0:
		return &com.Error{Code: com.Code(w.Code), Text: w.Text}
	case w.Protocol != link.Protocol:
		return versionError(w.Protocol, "card", "program")
	}
	return nil
}

// Refusal is the answer to a host that is not let in because of err.
func Refusal(err error) Welcome {
	return Welcome{Magic: Magic, Protocol: link.Protocol, Code: uint32(com.CodeOf(err)), Text: com.TextOf(err)}
}

func versionError(other uint32, who, self string) error {
	return com.Errorf(com.ErrVersion, "the %s speaks link protocol %d, this %s %d: bring both to one version of mmlite", who, other, self, link.Protocol)
}

// limited runs fn, and closes rw if that takes longer than a greeting may.
func limited(rw io.Closer, fn func() error) error {
	t := time.AfterFunc(GreetingTime, func() { rw.Close() })
	err := fn()
	if !t.Stop() && err == nil {
		err = com.Errorf(com.ErrTimeout, "link: the greeting took longer than %v", GreetingTime)
	}
	return err
}

// Greet asks the card at the other end of rw, as client, for a window. rw belongs
// to the window from then on, and is closed if there is an error: com.ErrGone,
// com.ErrProtocol, com.ErrVersion, com.ErrTimeout or what the card refused with.
func Greet(rw io.ReadWriteCloser, client string) (*Window, error) {
	var w Welcome
	err := limited(rw, func() error {
		if err := write(rw, Hello{Magic, link.Protocol, client, true}); err != nil {
			return err
		}
		if err := read(rw, &w); err != nil {
			return err
		}
		if err := w.Check(); err != nil {
			return err
		}
		if w.Size != 0 {
			return com.Errorf(com.ErrProtocol, "link: the card offers %d bytes of memory through a stream", w.Size)
		}
		return nil
	})
	if err != nil {
		rw.Close()
		return nil, err
	}
	return NewWindow(rw, w.Generation, w.Large)
}

// Answer receives a host that greets through rw: it makes the window and tells the
// client's name. large is the size in bytes of the window's large bulk area, 0 for
// DefaultLarge. rw belongs to the window from then on, and is closed if there is an
// error.
func Answer(rw io.ReadWriteCloser, generation uint64, large int) (*Window, string, error) {
	var h Hello
	err := limited(rw, func() error {
		err := read(rw, &h)
		if err == nil {
			err = h.Check()
		}
		if err != nil {
			_ = write(rw, Refusal(err)) // who does not greet may not listen, either
			return err
		}
		return write(rw, Welcome{Magic: Magic, Protocol: link.Protocol, Generation: generation, Large: large})
	})
	if err != nil {
		rw.Close()
		return nil, "", err
	}
	w, err := NewWindow(rw, generation, large)
	return w, h.Client, err
}
