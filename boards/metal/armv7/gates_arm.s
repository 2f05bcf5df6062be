//go:build tamago

#include "textflag.h"
#include "go_asm.h"

// Gates run with interrupts off, in modes that have stack pointer and link register
// of their own (ARM ARM B1.3.2), and touch no vector registers: what they interrupt
// finds them as they were. g is R10 in all modes, and R11 is the assembler's own.

#define SYS	0x1f
#define IRQOFF	0x80
#define MASK_I	WORD $0xf10c0080	// cpsid i
#define UNMASK_I WORD $0xf1080080	// cpsie i

// The gate of a BCM2836: its registers beside the core say what asks (QA7 4.10).
TEXT ·localGate(SB),NOSPLIT|NOFRAME,$0
	SUB	$4, R14
	MOVM.DB.W	[R0-R3, R11, R12, R14], (R13)
	MOVW	$0x40000060, R12
	MOVW	(R12), R0
	TST	$8, R0			// the virtual timer
	BEQ	local
	BL	·tick<>(SB)
local:
	MOVW	(R12), R0
	TST	$0x100, R0		// the peripherals
	BEQ	again
	// They are kept quiet until somebody has served them. A store to a device may
	// take longer than the way back.
	MOVW	·quiet(SB), R12
	MOVW	·quiet+4(SB), R0
	MOVW	R0, 0(R12)
	MOVW	·quiet+8(SB), R0
	MOVW	R0, 4(R12)
	WORD	$0xf57ff04f		// dsb sy
	MOVW	$1, R0
	MOVB	R0, ·kicked(SB)
again:
	BL	·wake<>(SB)
	MOVM.IA.W	(R13), [R0-R3, R11, R12, R14]
	MOVW.S	R14, R15

// The gate of a generic interrupt controller, whose processor interface is at
// ·quiet: it gives numbers. Only the virtual timer's is expected.
TEXT ·controllerGate(SB),NOSPLIT|NOFRAME,$0
	SUB	$4, R14
	MOVM.DB.W	[R0-R3, R11, R12, R14], (R13)
	MOVW	·quiet(SB), R12
	MOVW	0xc(R12), R0		// GICC_IAR (GIC 4.4.4)
	MOVW	R0, ·acknowledged(SB)
	MOVW	$0x3ff, R1
	AND	R0, R1, R1
	CMP	$27, R1
	BNE	other
	BL	·tick<>(SB)
other:
	MOVW	·quiet(SB), R12
	MOVW	·acknowledged(SB), R0
	MOVW	R0, 0x10(R12)		// GICC_EOIR
	BL	·wake<>(SB)
	MOVM.IA.W	(R13), [R0-R3, R11, R12, R14]
	MOVW.S	R14, R15

// tick<> begins the next slice, and asks the running goroutine to give way at the
// entry of the next function that looks, as the runtime's own monitor does where it
// has one. It uses R0 to R3.
TEXT ·tick<>(SB),NOSPLIT|NOFRAME,$0
	MOVW	·slice(SB), R0
	MCR	15, 0, R0, C14, C3, 0	// CNTV_TVAL (ARM ARM B4.1.35)
	MOVW	·ticks(SB), R0
	ADD	$1, R0
	MOVW	R0, ·ticks(SB)
	MOVBU	·preemption(SB), R0
	CMP	$0, R0
	BEQ	none
	CMP	$0, g
	BEQ	none
	MOVW	const_gM(g), R1
	CMP	$0, R1
	BEQ	none
	MOVW	const_mCurg(R1), R1
	CMP	$0, R1
	BEQ	none
	MOVW	$1, R0
	MOVB	R0, const_gPreempt(R1)
	MOVW	$const_stackPreempt, R0
	MOVW	R0, const_gStackGuard(R1)
none:
	RET

// wake<> makes the goroutine that serves devices runnable if one has asked, unless
// the runtime is at work on the timer it sleeps by; then kicked stays set, and the
// next tick or idling tries again. Interrupts are off. It uses R0 to R3.
TEXT ·wake<>(SB),NOSPLIT|NOFRAME,$0
	MOVBU	·kicked(SB), R0
	CMP	$0, R0
	BEQ	later
	MOVW	·sleeper(SB), R0
	CMP	$0, R0
	BEQ	later
	MOVW	const_gTimer(R0), R3
	CMP	$0, R3
	BEQ	later
	MOVW	0(R3), R1		// timer.mu
	CMP	$0, R1
	BNE	later
	MOVW	const_timerHeap(R3), R1
	CMP	$0, R1
	BEQ	later
	MOVW	0(R1), R2		// timers.mu
	CMP	$0, R2
	BNE	later
	MOVW.W	R14, -4(R13)
	BL	runtime·WakeG(SB)
	MOVW.P	4(R13), R14
	CMP	$0, R0
	BNE	later
	MOVW	$0, R0
	MOVW	R0, ·sleeper(SB)
	MOVB	R0, ·kicked(SB)
later:
	RET

// func halt(count, on uint32)
// sleeps for count of the physical timer, if it is on, with the tick off: interrupts
// end the sleep even masked, and one that came after the runtime looked is not lost.
TEXT ·halt(SB),NOSPLIT,$0-8
	MASK_I
	MOVBU	·kicked(SB), R0
	CMP	$0, R0
	BEQ	sleep
	BL	·wake<>(SB)	// or it is about to fall asleep: the runtime looks again
	B	woken
sleep:
	MOVW	count+0(FP), R0
	MOVW	on+4(FP), R1
	MOVW	$0, R2
	MCR	15, 0, R2, C14, C3, 1	// CNTV_CTL (ARM ARM B4.1.33)
	MCR	15, 0, R0, C14, C2, 0	// CNTP_TVAL (B4.1.32)
	MCR	15, 0, R1, C14, C2, 1	// CNTP_CTL (B4.1.26)
	WORD	$0xf57ff06f		// isb sy
	WORD	$0xf57ff04f		// dsb sy
	WORD	$0xe320f003		// wfi
	MOVW	$0, R2
	MCR	15, 0, R2, C14, C2, 1
	MOVW	·slice(SB), R0
	MCR	15, 0, R0, C14, C3, 0
	MOVW	·ticking(SB), R1
	MCR	15, 0, R1, C14, C3, 1
	WORD	$0xf57ff06f		// isb sy
woken:
	UNMASK_I
	RET

// func mask()
TEXT ·mask(SB),NOSPLIT,$0-0
	MASK_I
	RET

// func unmask()
TEXT ·unmask(SB),NOSPLIT,$0-0
	UNMASK_I
	RET

// func startTick(count uint32)
TEXT ·startTick(SB),NOSPLIT,$0-4
	MOVW	count+0(FP), R0
	MOVW	$1, R1
	MCR	15, 0, R0, C14, C3, 0
	MCR	15, 0, R1, C14, C3, 1
	WORD	$0xf57ff06f		// isb sy
	RET

// func frequency() uint32
TEXT ·frequency(SB),NOSPLIT,$0-4
	MRC	15, 0, R0, C14, C0, 0	// CNTFRQ (ARM ARM B4.1.21)
	MOVW	R0, ret+0(FP)
	RET

// func now() uint64
TEXT ·now(SB),NOSPLIT,$0-8
	WORD	$0xf57ff06f		// isb sy
	WORD	$0xec510f0e		// mrrc p15, 0, r0, r1, c14: CNTPCT (B4.1.30)
	MOVW	R0, ret_lo+0(FP)
	MOVW	R1, ret_hi+4(FP)
	RET

// The gates of faults (ARM ARM B1.8.3: what the link register is beyond).
TEXT ·undefinedGate(SB),NOSPLIT|NOFRAME,$0
	SUB	$4, R14
	MOVM.DB.W	[R0-R3], (R13)
	MOVW	$1, R0
	MOVW	$0, R2
	B	·fault<>(SB)

TEXT ·prefetchGate(SB),NOSPLIT|NOFRAME,$0
	SUB	$4, R14
	MOVM.DB.W	[R0-R3], (R13)
	MOVW	$3, R0
	MRC	15, 0, R2, C6, C0, 2	// IFAR
	B	·fault<>(SB)

TEXT ·dataGate(SB),NOSPLIT|NOFRAME,$0
	SUB	$8, R14
	MOVM.DB.W	[R0-R3], (R13)
	MOVW	$4, R0
	MRC	15, 0, R2, C6, C0, 0	// DFAR
	B	·fault<>(SB)

// A fault of a goroutine becomes a panic of its own, if the goroutine can have one:
// if it was in Go code, on its own stack, and not in the middle of the runtime. Any
// other is the end of the card. R0 is the kind, R2 the address, R14 the instruction.
TEXT ·fault<>(SB),NOSPLIT|NOFRAME,$0
	MOVW	R0, ·faultKind(SB)
	MOVW	R2, ·faultAddress(SB)
	MOVW	R14, ·faultPC(SB)
	MRC	15, 0, R1, C5, C0, 0	// DFSR
	MOVW	R1, ·faultStatus(SB)
	WORD	$0xe1051200		// mrs r1, SP_usr: system mode's
	MOVW	R1, ·faultSP(SB)
	WORD	$0xe14f3000		// mrs r3, SPSR
	AND	$0x1f, R3
	CMP	$SYS, R3
	BNE	fatal
	MOVBU	·recovery(SB), R3
	CMP	$0, R3
	BEQ	fatal
	CMP	$0, g
	BEQ	fatal
	MOVW	const_gM(g), R3
	CMP	$0, R3
	BEQ	fatal
	MOVW	const_mCurg(R3), R1
	CMP	R1, g
	BNE	fatal
	MOVW	const_mLocks(R3), R1
	CMP	$0, R1
	BNE	fatal
	MOVW	const_mMallocing(R3), R1
	CMP	$0, R1
	BNE	fatal
	MOVBU	const_gThrowSplit(g), R1
	CMP	$0, R1
	BNE	fatal
	WORD	$0xe1051200		// mrs r1, SP_usr
	MOVW	const_gStackLo(g), R3
	CMP	R3, R1
	BLS	fatal
	MOVW	const_gStackHi(g), R3
	CMP	R3, R1
	BHI	fatal
	MOVW	R0, const_gSigcode0(g)
	MOVW	R2, const_gSigcode1(g)
	MOVW	R14, const_gSigpc(g)
	// It looks as if the instruction had called: with the link register where the
	// runtime looks for it behind such a call.
	SUB	$4, R1
	WORD	$0xe1063200		// mrs r3, LR_usr
	MOVW	R3, (R1)
	WORD	$0xe125f201		// msr SP_usr, r1
	MOVW	$runtime·text(SB), R3
	CMP	R3, R14
	BLO	called			// what is no code was called: that is the call
	MOVW	$runtime·etext(SB), R3
	CMP	R3, R14
	BHS	called
	WORD	$0xe126f20e		// msr LR_usr, lr
called:
	MOVW	·raisePC(SB), R14
	MOVM.IA.W	(R13), [R0-R3]
	MOVW.S	R14, R15
fatal:
	WORD	$0xe14f3000		// mrs r3, SPSR
	BIC	$0x3f, R3
	ORR	$(IRQOFF|SYS), R3
	WORD	$0xe169f003		// msr SPSR, r3
	MOVW	·g0(SB), g
	MOVW	const_gStackHi(g), R1
	SUB	$256, R1
	WORD	$0xe125f201		// msr SP_usr, r1
	MOVW	·diePC(SB), R14
	MOVM.IA.W	(R13), [R0-R3]
	MOVW.S	R14, R15
