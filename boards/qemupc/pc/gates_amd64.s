//go:build tamago && amd64

#include "textflag.h"
#include "go_asm.h"

#define lapicEOI	0xfee000b0
#define lapicCount	0xfee00380

// Gates run with interrupts off, on stacks of their own, and touch neither vector
// nor floating point registers: what they interrupt finds them as they were.

#define SAVE	PUSHQ AX; PUSHQ BX; PUSHQ CX; PUSHQ DX
#define RESTORE	POPQ DX; POPQ CX; POPQ BX; POPQ AX
#define saved	32	// bytes that SAVE takes

// which makes AX the number of the gate in table whose CALL pushed the address at
// saved(SP). It uses BX, CX and DX.
#define WHICH(table) \
	MOVQ	saved(SP), AX \
	LEAQ	table(SB), BX \
	SUBQ	BX, AX \
	XORL	DX, DX \
	MOVL	$5, CX \
	DIVL	CX \
	DECL	AX

#define FOUR(to)	CALL to(SB); CALL to(SB); CALL to(SB); CALL to(SB)

TEXT ·deviceGates<>(SB),NOSPLIT|NOFRAME,$0
	FOUR(·device<>)
	FOUR(·device<>)
	FOUR(·device<>)
	FOUR(·device<>)

TEXT ·faultGates<>(SB),NOSPLIT|NOFRAME,$0
	FOUR(·fault<>)
	FOUR(·fault<>)
	FOUR(·fault<>)
	FOUR(·fault<>)
	FOUR(·fault<>)
	FOUR(·fault<>)
	FOUR(·fault<>)
	FOUR(·fault<>)

// A device asks for attention. Its interrupt stays in service, which keeps those of
// the other devices waiting, until Serve has called its routine.
TEXT ·device<>(SB),NOSPLIT|NOFRAME,$0
	SAVE
	WHICH(·deviceGates<>)
	BTSL	AX, ·pending(SB)
	MOVB	$1, ·kicked(SB)
	CMPQ	·sleeper(SB), $0
	JEQ	awake	// it looks at its next checkpoint
	CALL	·preempt<>(SB)
	CALL	·wake(SB)
awake:
	RESTORE
	ADDQ	$8, SP
	IRETQ

// The timer ends a sleep, or the slice of a goroutine.
TEXT ·timerGate<>(SB),NOSPLIT|NOFRAME,$0
	SAVE
	MOVL	$lapicEOI, AX
	MOVL	$0, (AX)
	MOVL	$lapicCount, AX
	MOVL	·slice(SB), CX
	MOVL	CX, (AX)
	INCL	·ticks(SB)
	CALL	·preempt<>(SB)
	CMPB	·kicked(SB), $0
	JEQ	done
	CALL	·wake(SB)
done:
	RESTORE
	IRETQ

TEXT ·spuriousGate<>(SB),NOSPLIT|NOFRAME,$0
	IRETQ

// preempt<> asks the running goroutine to give way at the entry of the next function
// that looks, as the runtime's own monitor does where it has one. It uses AX to DX.
TEXT ·preempt<>(SB),NOSPLIT|NOFRAME,$0
	CMPB	·preemption(SB), $0
	JEQ	none
	MOVQ	(TLS), BX
	TESTQ	BX, BX
	JEQ	none
	MOVQ	const_gM(BX), CX
	TESTQ	CX, CX
	JEQ	none
	MOVQ	const_mCurg(CX), DX
	TESTQ	DX, DX
	JEQ	none
	MOVB	$1, const_gPreempt(DX)
	MOVQ	$const_stackPreempt, const_gStackGuard(DX)
none:
	RET

// wake makes the goroutine in Sleep runnable, unless the runtime is at work on the
// timer it sleeps by; then kicked stays set, and the next tick or idling tries
// again. Interrupts are off. It uses AX to DX.
TEXT ·wake(SB),NOSPLIT|NOFRAME,$0
	MOVQ	·sleeper(SB), AX
	TESTQ	AX, AX
	JEQ	later
	MOVQ	const_gTimer(AX), DX
	TESTQ	DX, DX
	JEQ	later
	CMPQ	0(DX), $0	// timer.mu
	JNE	later
	MOVQ	const_timerHeap(DX), BX
	TESTQ	BX, BX
	JEQ	later
	CMPQ	0(BX), $0	// timers.mu
	JNE	later
	CALL	runtime·WakeG(SB)
	TESTQ	AX, AX
	JNE	later
	MOVQ	$0, ·sleeper(SB)
	MOVB	$0, ·kicked(SB)
later:
	RET

// func kick()
TEXT ·kick(SB),NOSPLIT,$0-0
	CLI
	MOVB	$1, ·kicked(SB)
	CALL	·wake(SB)
	STI
	RET

// func halt(count uint32)
TEXT ·halt(SB),NOSPLIT,$0-4
	CLI
	CMPB	·kicked(SB), $0
	JEQ	sleep
	CALL	·wake(SB)
	CMPB	·kicked(SB), $0
	JEQ	woken
sleep:
	MOVL	$lapicCount, CX
	MOVL	count+0(FP), AX
	MOVL	AX, (CX)
	STI
	HLT
	CLI
	MOVL	$lapicCount, CX
	MOVL	·slice(SB), AX
	MOVL	AX, (CX)
	CMPB	·kicked(SB), $0
	JEQ	woken
	CALL	·wake(SB)
woken:
	STI
	RET

// A fault of a goroutine becomes a panic of its own, if the goroutine can have one:
// if it was in Go code, on its own stack, and not in the middle of the runtime. Any
// other is the end of the card. See Intel SDM volume 3, 7.15, for which of them push
// an error code.
TEXT ·fault<>(SB),NOSPLIT|NOFRAME,$0
	SAVE
	WHICH(·faultGates<>)
	MOVQ	AX, ·faultVector(SB)
	LEAQ	(saved+8)(SP), BX
	MOVQ	$0, ·faultCode(SB)
	MOVL	$0x60227d00, CX	// 8, 10 to 14, 17, 21, 29, 30
	BTL	AX, CX
	JCC	frame
	MOVQ	(BX), CX
	MOVQ	CX, ·faultCode(SB)
	ADDQ	$8, BX
frame:
	// BX: RIP, CS, RFLAGS, RSP, SS
	MOVQ	0(BX), CX
	MOVQ	CX, ·faultPC(SB)
	MOVQ	24(BX), CX
	MOVQ	CX, ·faultSP(SB)
	MOVQ	CR2, DX
	MOVQ	DX, ·faultAddress(SB)
	CMPB	·recovery(SB), $0
	JEQ	fatal
	MOVL	$0x00096041, CX	// 0, 6, 13, 14, 16, 19
	BTL	AX, CX
	JCC	fatal
	MOVQ	(TLS), DX
	TESTQ	DX, DX
	JEQ	fatal
	MOVQ	const_gM(DX), CX
	TESTQ	CX, CX
	JEQ	fatal
	CMPQ	DX, const_mCurg(CX)
	JNE	fatal
	CMPL	const_mLocks(CX), $0
	JNE	fatal
	CMPL	const_mMallocing(CX), $0
	JNE	fatal
	CMPB	const_gThrowSplit(DX), $0
	JNE	fatal
	MOVQ	24(BX), CX
	CMPQ	CX, const_gStackLo(DX)
	JLS	fatal
	CMPQ	CX, const_gStackHi(DX)
	JHI	fatal
	MOVQ	AX, const_gSigcode0(DX)
	MOVQ	·faultCode(SB), AX
	SHLQ	$8, AX
	ORQ	AX, const_gSigcode0(DX)
	MOVQ	·faultAddress(SB), AX
	MOVQ	AX, const_gSigcode1(DX)
	MOVQ	0(BX), AX
	MOVQ	AX, const_gSigpc(DX)
	LEAQ	runtime·text(SB), DX
	CMPQ	AX, DX
	JCS	called	// what is no code was called: the caller is on the stack already
	LEAQ	runtime·etext(SB), DX
	CMPQ	AX, DX
	JCC	called
	SUBQ	$8, CX
	MOVQ	AX, (CX)
	MOVQ	CX, 24(BX)
called:
	MOVQ	$·raise<>(SB), AX
	MOVQ	AX, 0(BX)
	JMP	return
fatal:
	MOVQ	$·dying<>(SB), AX
	MOVQ	AX, 0(BX)
	ANDQ	$~0x200, 16(BX)	// no interrupts
	MOVQ	·g0(SB), CX
	MOVQ	const_gStackHi(CX), CX
	SUBQ	$256, CX
	MOVQ	CX, 24(BX)
return:
	MOVQ	BX, saved(SP)
	RESTORE
	POPQ	SP
	IRETQ

// raise<> is where a goroutine goes on after a fault that becomes a panic.
TEXT ·raise<>(SB),NOSPLIT|NOFRAME,$0
	CLD
	MOVQ	(TLS), R14
	XORPS	X15, X15
	MOVQ	·raisePC(SB), AX
	JMP	AX

// dying<> is where the card goes on after any other.
TEXT ·dying<>(SB),NOSPLIT|NOFRAME,$0
	CLD
	MOVQ	·g0(SB), R14
	MOVQ	R14, (TLS)
	XORPS	X15, X15
	MOVQ	·diePC(SB), AX
	CALL	AX
	HLT

// func gates() (fault, device, timer, spurious uintptr)
TEXT ·gates(SB),NOSPLIT,$0-32
	MOVQ	$·faultGates<>(SB), AX
	MOVQ	AX, fault+0(FP)
	MOVQ	$·deviceGates<>(SB), AX
	MOVQ	AX, device+8(FP)
	MOVQ	$·timerGate<>(SB), AX
	MOVQ	AX, timer+16(FP)
	MOVQ	$·spuriousGate<>(SB), AX
	MOVQ	AX, spurious+24(FP)
	RET
