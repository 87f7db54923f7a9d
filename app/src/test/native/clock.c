/* Sets the wall clock of one process, for a process that is started with LD_PRELOAD set to this.
 *
 * The first eight bytes of the file named by CLOCK_CONTROL, which the test writes, are nanoseconds that are added to what
 * the wall clock tells; see WallClock.java. The clock that only runs, by which times are measured, is left alone, as it is
 * by somebody who sets a machine's clock.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile long long *offset;

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("CLOCK_CONTROL");
    int fd = file ? open(file, O_RDONLY) : -1;
    if (fd < 0) return;
    void *map = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (map != MAP_FAILED) offset = map;
}

static void move(struct timespec *now) {
    long long nanos = now->tv_nsec + (offset ? *offset % 1000000000 : 0);
    now->tv_sec += (offset ? *offset / 1000000000 : 0) + (nanos < 0 ? -1 : nanos / 1000000000);
    now->tv_nsec = nanos < 0 ? nanos + 1000000000 : nanos % 1000000000;
}

int clock_gettime(clockid_t which, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int answer = real(which, now);
    if (answer == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) move(now);
    return answer;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *into) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (into) *into = exact.tv_sec;
    return exact.tv_sec;
}
