/* A disk that fails, waits or stops, for a process that is started with LD_PRELOAD set to this.
 *
 * What Linux does with a flush that fails: the call says so once, the pages count as clean afterwards, and what was
 * written is gone with the next power cut. So the ranges of files that were written and not flushed are noted; where a
 * flush fails they are put down as lost, and the test writes zeros over them once the process is dead. What is written
 * again, from the start or to the end of such a range, is not lost any more.
 *
 * The file named by DISK_CONTROL is shared with the test, see DiskFault.java, which has the same layout.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NOTHING = 0, FAIL = 1, SLOW = 2, FROZEN = 3 };
enum { LOST_MAX = 4096, DIRTY_MAX = 65536, PATH_BYTES = 304 };

struct lost {
    unsigned long long from, to;
    char path[PATH_BYTES];
};

struct control {
    volatile int mode;
    volatile int unused;
    volatile long countdown; /* FAIL: the how many-th flush from now on */
    volatile long pause_us;  /* SLOW: how long each takes */
    volatile long failed;    /* how many failed */
    volatile long lost_count;
    volatile long flushes; /* how many there were, of files that match */
    char pattern[192];     /* part of the path of files that count; empty is all */
    struct lost lost[LOST_MAX];
};

struct dirty {
    dev_t dev;
    ino_t ino;
    unsigned long long from, to;
};

static struct control *control;
static char root[PATH_MAX];
static struct dirty dirty[DIRTY_MAX];
static int dirty_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("DISK_CONTROL"), *folder = getenv("DISK_ROOT");
    if (!file || !folder) return;
    int fd = open(file, O_RDWR);
    if (fd < 0) return;
    void *map = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED) return;
    snprintf(root, sizeof root, "%s", folder);
    control = map;
}

/* The path of a file below our folder, or 0. */
static int ours(int fd, char *path) {
    char link[64];
    if (!control) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_BYTES - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strncmp(path, root, strlen(root)) == 0;
}

/* Before the write, so that a flush beside it cannot leave something noted that is on disk. */
static void writes(int fd, off_t from, size_t count) {
    char path[PATH_BYTES];
    struct stat file;
    if (!control || count == 0 || from < 0 || !ours(fd, path) || fstat(fd, &file) || !S_ISREG(file.st_mode)) return;
    unsigned long long first = from, end = first + count;
    pthread_mutex_lock(&lock);
    for (long i = 0; i < control->lost_count; i++) {
        struct lost *one = &control->lost[i];
        if (strcmp(one->path, path) != 0) continue;
        if (first <= one->from && end > one->from) one->from = end < one->to ? end : one->to;
        if (first < one->to && end >= one->to) one->to = first > one->from ? first : one->from;
    }
    struct dirty *last = dirty_count ? &dirty[dirty_count - 1] : NULL;
    if (last && last->dev == file.st_dev && last->ino == file.st_ino && last->to == first) {
        last->to = end;
    } else if (dirty_count < DIRTY_MAX) {
        dirty[dirty_count++] = (struct dirty){file.st_dev, file.st_ino, first, end};
    }
    pthread_mutex_unlock(&lock);
}

/* The file is clean: because it was flushed, or because the kernel gave up. */
static void clean(int fd, const char *lost_path) {
    struct stat file;
    if (fstat(fd, &file)) return;
    pthread_mutex_lock(&lock);
    int kept = 0;
    for (int i = 0; i < dirty_count; i++) {
        if (dirty[i].dev != file.st_dev || dirty[i].ino != file.st_ino) {
            dirty[kept++] = dirty[i];
        } else if (lost_path && control->lost_count < LOST_MAX) {
            struct lost *one = &control->lost[control->lost_count];
            one->from = dirty[i].from;
            one->to = dirty[i].to;
            snprintf(one->path, sizeof one->path, "%s", lost_path);
            control->lost_count++;
        }
    }
    dirty_count = kept;
    pthread_mutex_unlock(&lock);
}

static int flush(int fd, int (*real)(int)) {
    char path[PATH_BYTES];
    if (!ours(fd, path)) return real(fd);
    if (control->pattern[0] == 0 || strstr(path, control->pattern)) {
        __sync_fetch_and_add(&control->flushes, 1);
        while (control->mode == FROZEN) usleep(2000);
        if (control->mode == SLOW) usleep(control->pause_us);
        if (control->mode == FAIL && __sync_sub_and_fetch(&control->countdown, 1) == 0) {
            clean(fd, path);
            __sync_fetch_and_add(&control->failed, 1);
            errno = EIO;
            return -1;
        }
    }
    int answer = real(fd);
    if (answer == 0) clean(fd, NULL);
    return answer;
}

#define REAL(name) ({ if (!name##_real) name##_real = dlsym(RTLD_NEXT, #name); name##_real; })

static int (*fsync_real)(int);
static int (*fdatasync_real)(int);
int fsync(int fd) { return flush(fd, REAL(fsync)); }
int fdatasync(int fd) { return flush(fd, REAL(fdatasync)); }

static size_t sum(const struct iovec *parts, int count) {
    size_t bytes = 0;
    for (int i = 0; i < count; i++) bytes += parts[i].iov_len;
    return bytes;
}

static ssize_t (*write_real)(int, const void *, size_t);
ssize_t write(int fd, const void *bytes, size_t count) {
    if (control) writes(fd, lseek(fd, 0, SEEK_CUR), count);
    return REAL(write)(fd, bytes, count);
}

static ssize_t (*writev_real)(int, const struct iovec *, int);
ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (control) writes(fd, lseek(fd, 0, SEEK_CUR), sum(parts, count));
    return REAL(writev)(fd, parts, count);
}

static ssize_t (*pwrite_real)(int, const void *, size_t, off_t);
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t from) {
    writes(fd, from, count);
    return REAL(pwrite)(fd, bytes, count, from);
}

static ssize_t (*pwrite64_real)(int, const void *, size_t, off64_t);
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t from) {
    writes(fd, from, count);
    return REAL(pwrite64)(fd, bytes, count, from);
}

static ssize_t (*pwritev_real)(int, const struct iovec *, int, off_t);
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t from) {
    writes(fd, from, sum(parts, count));
    return REAL(pwritev)(fd, parts, count, from);
}

static ssize_t (*pwritev64_real)(int, const struct iovec *, int, off64_t);
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t from) {
    writes(fd, from, sum(parts, count));
    return REAL(pwritev64)(fd, parts, count, from);
}
