//go:build !race

package link

// storeRelaxed stores a word that a later atomic store publishes.
func storeRelaxed(p *uint32, v uint32) { *p = v }
