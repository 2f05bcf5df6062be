//go:build race

package thread

// raceDetector slows everything down by twenty times.
const raceDetector = true
