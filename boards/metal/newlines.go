package metal

import "io"

// NewlineWriter writes to a serial line: it begins each new line at the left margin.
// One goroutine at a time may write.
func NewlineWriter(w io.Writer) io.Writer { return newlines{w} }

type newlines struct{ w io.Writer }

func (n newlines) Write(p []byte) (int, error) {
	from := 0
	for i, c := range p {
		if c == '\n' {
			if _, err := n.w.Write(p[from:i]); err != nil {
				return from, err
			}
			if _, err := n.w.Write([]byte("\r\n")); err != nil {
				return from, err
			}
			from = i + 1
		}
	}
	if from < len(p) {
		if _, err := n.w.Write(p[from:]); err != nil {
			return from, err
		}
	}
	return len(p), nil
}
