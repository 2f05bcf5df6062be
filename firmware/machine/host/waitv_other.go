//go:build !linux

package host

import "github.com/mmlite/mmlite/firmware/machine"

func haveWaitv() bool { return false }

func ringShared(*uint32) {}

func newWaitvIdler(m *Machine, _ machine.Kind) machine.Idler { return newPollIdler(m) }
