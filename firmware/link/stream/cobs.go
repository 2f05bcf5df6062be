package stream

// Consistent overhead byte stuffing (Cheshire and Baker, IEEE/ACM Transactions on
// Networking 7(2), 1999): no byte of a stuffed packet is zero, so a zero ends one,
// and a reader that has lost its place finds it at the next.

// appendCOBS adds p, stuffed and with its ending zero, to b.
func appendCOBS(b, p []byte) []byte {
	code := len(b)
	b = append(b, 1)
	for _, v := range p {
		if v != 0 {
			b = append(b, v)
			b[code]++
		}
		if v == 0 || b[code] == 0xFF {
			code = len(b)
			b = append(b, 1)
		}
	}
	return append(b, 0)
}

// unstuff undoes appendCOBS in place, for p without the ending zero. It reports
// false for what appendCOBS has not made.
func unstuff(p []byte) ([]byte, bool) {
	out := p[:0]
	for at := 0; at < len(p); {
		n := int(p[at])
		if n == 0 || at+n > len(p) {
			return nil, false
		}
		out = append(out, p[at+1:at+n]...)
		at += n
		if n < 0xFF && at < len(p) {
			out = append(out, 0)
		}
	}
	return out, true
}
