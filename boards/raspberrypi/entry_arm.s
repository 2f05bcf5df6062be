//go:build tamago

#include "textflag.h"

// pistart is where the firmware of the board, or QEMU, enters. QEMU starts all four
// cores here; the first goes on, the others rest for ever (WFE would spin in QEMU).
TEXT pistart(SB),NOSPLIT|NOFRAME,$0
	MRC	15, 0, R0, C0, C0, 5	// MPIDR (ARM ARM B4.1.106): the core's number
	AND	$3, R0, R0
	CMP	$0, R0
	BEQ	first
rest:
	WORD	$0xf10c01c0		// cpsid aif
	WORD	$0xe320f003		// wfi
	B	rest
first:
	WORD	$0xe10f0000		// mrs r0, CPSR
	AND	$0x1f, R0, R0
	CMP	$0x1a, R0		// HYP mode, as the board's firmware leaves it
	BNE	enter
	MRC	15, 4, R0, C14, C1, 0	// CNTHCTL (B4.1.22): the timer is for all modes
	ORR	$3, R0, R0
	MCR	15, 4, R0, C14, C1, 0
enter:
	B	armv7start(SB)

// func load(address uint32) uint32
TEXT ·load(SB),NOSPLIT,$0-8
	MOVW	address+0(FP), R0
	MOVW	(R0), R0
	WORD	$0xf57ff05f		// dmb sy
	MOVW	R0, ret+4(FP)
	RET

// func store(address, v uint32)
TEXT ·store(SB),NOSPLIT,$0-8
	MOVW	address+0(FP), R0
	MOVW	v+4(FP), R1
	WORD	$0xf57ff05f		// dmb sy
	MOVW	R1, (R0)
	RET

// func rest()
TEXT ·rest(SB),NOSPLIT,$0-0
	WORD	$0xf57ff04f		// dsb sy
	WORD	$0xe320f003		// wfi
	RET
