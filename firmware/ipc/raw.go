package ipc

import "github.com/mmlite/mmlite/firmware/com"

// ServeBytes runs one call of a method on obj without a connection and returns
// the body of the reply. args is the body of the call; it must stay as it is
// until ServeBytes returns. References other than nil cannot travel this way. It
// serves tests and fuzzing of generated stubs: a panic is not caught.
func (s *Stub) ServeBytes(method uint16, args []byte, obj com.Unknown) ([]byte, error) {
	in := &Incoming{Method: method, Args: Decoder{buf: args}, stub: s}
	if err := s.Serve(in, obj); err != nil {
		return nil, err
	}
	return in.Results.buf, in.Results.err
}
