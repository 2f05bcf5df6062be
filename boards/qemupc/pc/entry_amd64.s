//go:build tamago && amd64

#include "textflag.h"

// The image's entry, in 32-bit or 64-bit mode: these bytes mean the same in both.
// The legacy interrupt controllers are masked before TamaGo's start lets interrupts
// in, or their timer would arrive as a double fault (Intel 8259A, operation control
// word 1).
TEXT pcstart(SB),NOSPLIT|NOFRAME,$0
	CLI
	BYTE	$0xb0; BYTE $0xff	// mov al, 0xff
	BYTE	$0xe6; BYTE $0x21	// out 0x21, al
	BYTE	$0xe6; BYTE $0xa1	// out 0xa1, al
	JMP	cpuinit(SB)
