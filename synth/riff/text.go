package riff

// maxText is how much of a text is kept; the formats read here allow 256 bytes.
const maxText = 256

// Text returns the text at the start of b: it ends at the first zero byte or with b, and blanks
// at its end are left out. Text is ASCII by the formats; what goes beyond is taken as Latin 1, and
// control characters come out as question marks.
func Text(b []byte) string {
	n := 0
	for n < len(b) && n < maxText && b[n] != 0 {
		n++
	}
	for n > 0 && b[n-1] == ' ' {
		n--
	}
	out := make([]rune, n)
	for i := range n {
		out[i] = rune(b[i])
		if b[i] < 0x20 || b[i] >= 0x7f && b[i] < 0xa0 {
			out[i] = '?'
		}
	}
	return string(out)
}
