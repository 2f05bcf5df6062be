// What the programs of this folder share. Each is a peer that package contest
// starts: it answers lines on its standard input until that ends.
//
//	run N NAME   does N frames of a test and answers the processor time they took, in seconds
//	dump NAME    does one frame on a fresh picture and answers its size in bytes, then the bytes
//
// A test that a peer does not have is answered by "unknown". The first line a
// peer writes says what it is.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { W = 640, H = 480 };

static double cpu(void) {
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

// random32 gives the numbers that package contest's generator gives.
static unsigned seed;
static unsigned random32(void) {
	seed = seed * 1664525u + 1013904223u;
	return seed;
}

// noise fills memory with what every peer and mmlite begin with.
static inline void noise(void *p, long bytes, unsigned from) {
	unsigned char *b = p;
	seed = from;
	for (long i = 0; i < bytes; i++) b[i] = random32() >> 24;
}

// A program defines these: choose sets a test up and says whether there is one
// of that name, fresh gives the picture its first contents, frames draws n
// frames and waits for them, and picture gives what was drawn.
static int choose(const char *name);
static void fresh(void);
static void frames(long n);
static void *picture(long *bytes);

static int serve(const char *about) {
	char line[256];
	printf("%s\n", about);
	fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		long n = 0, bytes;
		int at = 0;
		line[strcspn(line, "\n")] = 0;
		if (sscanf(line, "run %ld %n", &n, &at) == 1 && at > 0 && n > 0) {
			if (choose(line + at)) {
				frames(n / 8 + 1); // the caches are the last one's
				double begin = cpu();
				frames(n);
				printf("%.9f\n", cpu() - begin);
			} else printf("unknown\n");
		} else if (!strncmp(line, "dump ", 5) && choose(line + 5)) {
			fresh();
			frames(1);
			void *p = picture(&bytes);
			printf("%ld\n", bytes);
			fwrite(p, 1, bytes, stdout);
		} else printf("unknown\n");
		fflush(stdout);
	}
	return 0;
}
