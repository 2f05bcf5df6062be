package output

// limiter holds the mix within full scale.
type limiter struct{}

// Process limits a period in place and reports whether it had to.
func (limiter) Process(left, right []float32) (limited bool) {
	for i := range left {
		l, r := left[i], right[i]
		if l > 1 || l < -1 || r > 1 || r < -1 {
			left[i], right[i] = min(max(l, -1), 1), min(max(r, -1), 1)
			limited = true
		}
	}
	return limited
}
