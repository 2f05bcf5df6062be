#include "textflag.h"

// func Cycles() uint64
TEXT ·Cycles(SB), NOSPLIT, $0-8
	RDTSC
	SHLQ $32, DX
	ORQ  DX, AX
	MOVQ AX, ret+0(FP)
	RET

// func Pause(n uint32)
TEXT ·Pause(SB), NOSPLIT, $0-4
	MOVL n+0(FP), AX

again:
	TESTL AX, AX
	JZ    done
	PAUSE
	DECL  AX
	JMP   again

done:
	RET

// func Fetch(at uintptr, lines uint32)
TEXT ·Fetch(SB), NOSPLIT, $0-12
	MOVQ at+0(FP), AX
	MOVL lines+8(FP), CX

more:
	TESTL CX, CX
	JZ    enough
	PREFETCHT0 (AX)
	ADDQ  $64, AX
	DECL  CX
	JMP   more

enough:
	RET

// func G() uintptr
TEXT ·G(SB), NOSPLIT, $0-8
	MOVQ (TLS), AX
	MOVQ AX, ret+0(FP)
	RET

// func cpuid(leaf, sub uint32) (a, b, c, d uint32)
TEXT ·cpuid(SB), NOSPLIT, $0-24
	MOVL leaf+0(FP), AX
	MOVL sub+4(FP), CX
	CPUID
	MOVL AX, a+8(FP)
	MOVL BX, b+12(FP)
	MOVL CX, c+16(FP)
	MOVL DX, d+20(FP)
	RET
