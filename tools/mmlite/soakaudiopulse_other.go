//go:build !linux

package main

// canPulse says that this system does not have what soakPulse needs.
const canPulse = false

func stayOn(int) bool { return false }

func sleepUntil(int64) {}
