//go:build tamago && amd64

#include "textflag.h"

// func loadGDT(p *pointer)
TEXT ·loadGDT(SB),NOSPLIT,$0-8
	MOVQ	p+0(FP), AX
	LGDT	(AX)
	MOVW	$0x10, AX
	MOVW	AX, SS	// what IRETQ gives back has to be in the table
	MOVW	AX, DS
	MOVW	AX, ES
	MOVW	$0x18, AX
	LTR	AX
	RET

// func loadIDT(p *pointer)
TEXT ·loadIDT(SB),NOSPLIT,$0-8
	MOVQ	p+0(FP), AX
	LIDT	(AX)
	RET

// func enableVectors() uint32
//
// Lets AVX and what it needs be used (Intel SDM volume 1, 13.3), and returns what
// the processor then has switched on.
TEXT ·enableVectors(SB),NOSPLIT,$0-4
	MOVL	$0, ret+0(FP)
	MOVL	$1, AX
	XORL	CX, CX
	CPUID
	ANDL	$0x14000000, CX	// XSAVE and AVX
	CMPL	CX, $0x14000000
	JNE	none
	MOVQ	CR4, AX
	ORQ	$(1<<18), AX	// OSXSAVE
	MOVQ	AX, CR4
	XORL	CX, CX
	XGETBV
	ORL	$7, AX	// x87, SSE, AVX
	XSETBV
	MOVL	AX, ret+0(FP)
none:
	RET

// func interruptsOff()
TEXT ·interruptsOff(SB),NOSPLIT,$0-0
	CLI
	RET

// func interruptsOn()
TEXT ·interruptsOn(SB),NOSPLIT,$0-0
	STI
	RET
