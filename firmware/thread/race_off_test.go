//go:build !race

package thread

const raceDetector = false
