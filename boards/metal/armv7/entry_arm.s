//go:build tamago

#include "textflag.h"

// armv7start clears the memory that Go's variables without a beginning lie in, which
// is no part of an image, and goes on with TamaGo's start. It has no stack.
TEXT armv7start(SB),NOSPLIT|NOFRAME,$0
	MOVW	$runtime·bss(SB), R8
	MOVW	$runtime·enoptrbss(SB), R9
	MOVW	$0, R0
	MOVW	$0, R1
	MOVW	$0, R2
	MOVW	$0, R3
	MOVW	$0, R4
	MOVW	$0, R5
	MOVW	$0, R6
	MOVW	$0, R7
	SUB	$32, R9, R12
many:
	CMP	R12, R8
	BHI	few
	MOVM.IA.W	[R0-R7], (R8)
	B	many
few:
	CMP	R9, R8
	BHS	done
	MOVB.P	R0, 1(R8)
	B	few
done:
	B	cpuinit(SB)
