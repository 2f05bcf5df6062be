//go:build tamago && amd64

#include "textflag.h"

// func readCR3() uint64
TEXT ·readCR3(SB),NOSPLIT,$0-8
	MOVQ	CR3, AX
	MOVQ	AX, ret+0(FP)
	RET

// func enableGuard() bool
//
// Lets pages be kept from execution, where the processor can (Intel SDM volume 3,
// 5.1.3 and 5.1.4), and keeps this program, too, from writing to those that are not
// to be written to (CR0.WP).
TEXT ·enableGuard(SB),NOSPLIT,$0-1
	MOVB	$0, ret+0(FP)
	MOVL	$0x80000000, AX
	XORL	CX, CX
	CPUID
	CMPL	AX, $0x80000001
	JCS	none
	MOVL	$0x80000001, AX
	XORL	CX, CX
	CPUID
	BTL	$20, DX
	JCC	none
	MOVL	$0xc0000080, CX	// IA32_EFER
	RDMSR
	ORL	$(1<<11), AX	// NXE
	WRMSR
	MOVQ	CR0, AX
	ORQ	$(1<<16), AX
	MOVQ	AX, CR0
	MOVB	$1, ret+0(FP)
none:
	RET

// func flush(address uint64)
TEXT ·flush(SB),NOSPLIT,$0-8
	MOVQ	address+0(FP), AX
	INVLPG	(AX)	// nothing after it was fetched before (Intel SDM volume 3, 9.3)
	RET

// func readOnly() (start, end uint64)
TEXT ·readOnly(SB),NOSPLIT,$0-16
	LEAQ	runtime·rodata(SB), AX
	MOVQ	AX, start+0(FP)
	LEAQ	runtime·erodata(SB), AX
	MOVQ	AX, end+8(FP)
	RET
