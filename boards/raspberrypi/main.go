//go:build tamago && arm

package main

import "time"

func main() {
	println("mmlite: raspberrypi")
	store(0x40000040, 3)
	for i := range 5 {
		time.Sleep(100 * time.Millisecond)
		println("tick", i, time.Now().UnixNano())
	}
	time.Sleep(20 * time.Second)
}
