// Where the Go runtime of this toolchain, tamago-go1.26, keeps what the gates have
// to know. checkLayout in layout.go holds them against the running program.
#define g_stack_lo	0
#define g_stack_hi	8
#define g_stackguard0	16
#define g_m		48
#define g_preempt	177
#define g_throwsplit	183
#define g_sigcode0	256
#define g_sigcode1	264
#define g_sigpc		272
#define g_timer		360
#define m_curg		136
#define m_mallocing	192
#define m_locks		216
#define timer_ts	72
#define stackPreempt	-1314
