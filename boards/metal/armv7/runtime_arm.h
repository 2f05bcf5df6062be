// Where the Go runtime of this toolchain, tamago-go1.26, keeps what the gates have
// to know. checkLayout in layout_tamago.go holds them against the running program.
#define g_stack_lo	0
#define g_stack_hi	4
#define g_stackguard0	8
#define g_m		24
#define g_preempt	101
#define g_throwsplit	107
#define g_sigcode0	164
#define g_sigcode1	168
#define g_sigpc		172
#define g_timer		220
#define m_curg		72
#define m_mallocing	104
#define m_locks		120
#define timer_ts	48
#define stackPreempt	-1314
