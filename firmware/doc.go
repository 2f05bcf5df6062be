// Package firmware puts a card together: a machine, an image of components, the
// virtual processors they run on, the memory they share and the namespace they
// are found in. It boots, runs and stops.
package firmware
