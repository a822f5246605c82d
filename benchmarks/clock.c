/*
 * Changes the time of day of one process, for the program of random faults. The process gets this library by LD_PRELOAD;
 * the file that SOAK_CLOCK names holds the difference to the clock of the machine: a 64-bit number of milliseconds in the
 * byte order of the machine. The monotonic clock stays.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MILLION 1000000

static volatile int64_t *difference;

static int (*real)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
	real = (int (*)(clockid_t, struct timespec *)) dlsym(RTLD_NEXT, "clock_gettime");
	const char *path = getenv("SOAK_CLOCK");
	int file = (path != NULL) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (file >= 0) {
		void *memory = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
		close(file);
		if (memory != MAP_FAILED) {
			difference = memory;
		}
	}
}

int clock_gettime(clockid_t clock, struct timespec *time) {
	int result = real(clock, time);
	if (result == 0 && difference != NULL && clock == CLOCK_REALTIME) {
		int64_t millis = time->tv_sec * 1000 + time->tv_nsec / MILLION + *difference;
		time->tv_nsec = (millis % 1000) * MILLION + time->tv_nsec % MILLION;
		time->tv_sec = millis / 1000;
	}
	return result;
}
