package regulate

import "github.com/mmlite/mmlite/firmware/machine"

// cost is what drawing a layer takes: one part whatever the resolution, and one that
// grows with the pixels. Both are fitted to what was measured, of which the last times
// count most.
type cost struct {
	first float64 // ns at full resolution, as long as nothing was measured
	// Sums over the measurements: their weights, pixels' shares, times and products.
	n, x, xx, y, xy float64
	away            float64 // how far off predictions were, in the mean
}

const (
	forgets  = 7. / 8 // what remains of a measurement's weight after the next one
	fixed    = 0.1    // of full cost, where nothing else is known
	outlier  = 4      // times what was predicted that a measurement counts at most
	careful  = 2      // mean deviations that are added
	longest  = float64(machine.Second)
	leastVar = 1e-3
)

// add takes in a measurement, of a share of the pixels.
func (c *cost) add(share, ns float64) {
	ns = min(max(ns, 0), longest)
	if c.n > 0 {
		p := c.mean(share)
		ns = min(ns, outlier*max(p, float64(leastCost)))
		d := ns - p
		c.away += (max(d, -d) - c.away) / 8
	}
	for _, s := range [...]*float64{&c.n, &c.x, &c.xx, &c.y, &c.xy} {
		*s *= forgets
	}
	c.n++
	c.x += share
	c.xx += float64(share * share)
	c.y += ns
	c.xy += float64(share * ns)
}

// mean is what a share of the pixels takes.
func (c *cost) mean(share float64) float64 {
	if c.n == 0 {
		return c.first * (fixed + (1-fixed)*share)
	}
	x, y := c.x/c.n, c.y/c.n
	slope := y * (1 - fixed) / (fixed + (1-fixed)*x)
	if v := c.xx/c.n - float64(x*x); v > leastVar {
		slope = (c.xy/c.n - float64(x*y)) / v
	}
	// Neither part is below nothing.
	slope = min(max(slope, 0), y/x)
	return y + float64(slope*(share-x))
}

// expect is what it takes if all goes well but for what it usually differs.
func (c *cost) expect(share float64) machine.Duration {
	return max(machine.Duration(c.mean(share)+careful*c.away), leastCost)
}
