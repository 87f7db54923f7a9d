/* Writes down how to take back what a process does to files, for a process that is started with LD_PRELOAD set to this.
 *
 * What is written is only sure to be on the disk once it was flushed, and a file's name only once its folder was. So the
 * bytes that a write replaces, the names that are made, replaced and removed, and the flushes that were over are put
 * into a journal before they happen; what is removed gets another name in a folder beside. After the process was killed
 * the test takes back what a power cut may take, see PowerCut.java, which reads the same records.
 *
 * POWER_JOURNAL names the journal, POWER_ROOT the folder that counts, POWER_GRAVES the folder for what is removed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, SYNC, CREATE, BORN, RENAME, UNLINK, MKDIR, CANCEL };

struct record {
    unsigned long long seq, ino, dir, from, count, size; /* size: of the file before */
    unsigned int kind, first_bytes, second_bytes, old_bytes;
};

#define REAL(name) ({ if (!name##_real) name##_real = dlsym(RTLD_NEXT, #name); name##_real; })
static ssize_t (*write_real)(int, const void *, size_t);
static ssize_t (*writev_real)(int, const struct iovec *, int);

static int journal = -1;
static char root[PATH_MAX], graves[PATH_MAX];
static unsigned long long seq;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("POWER_JOURNAL"), *folder = getenv("POWER_ROOT"), *beside = getenv("POWER_GRAVES");
    if (!file || !folder || !beside) return;
    snprintf(root, sizeof root, "%s/", folder);
    snprintf(graves, sizeof graves, "%s", beside);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now); /* later than every life before */
    seq = (unsigned long long)now.tv_sec * 1000000000ull + now.tv_nsec;
    int (*open_real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    journal = open_real(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    unsetenv("LD_PRELOAD"); /* processes that this one starts only read */
}

static int ours(const char *path) { return journal >= 0 && path && strncmp(path, root, strlen(root)) == 0; }

static int ours_fd(int fd, struct stat *file) {
    char link[64], path[PATH_MAX];
    if (journal < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 2);
    if (length <= 0) return 0;
    path[length] = '/'; /* so that the folder itself counts */
    path[length + 1] = 0;
    return ours(path) && fstat(fd, file) == 0;
}

static unsigned long long ino_of(const char *path) {
    struct stat file;
    return lstat(path, &file) ? 0 : file.st_ino;
}

static unsigned long long dir_of(const char *path) {
    char dir[PATH_MAX];
    snprintf(dir, sizeof dir, "%s", path);
    char *end = strrchr(dir, '/');
    if (!end) return 0;
    *end = 0;
    return ino_of(dir);
}

static unsigned long long note(struct record record, const char *first, const char *second, const void *old) {
    record.seq = ++seq;
    record.first_bytes = first ? strlen(first) : 0;
    record.second_bytes = second ? strlen(second) : 0;
    struct iovec parts[] = {{&record, sizeof record},
                            {(void *)first, record.first_bytes},
                            {(void *)second, record.second_bytes},
                            {(void *)old, record.old_bytes}};
    ssize_t all = sizeof record + record.first_bytes + record.second_bytes + record.old_bytes;
    if (REAL(writev)(journal, parts, 4) != all) abort();
    return record.seq;
}

static void cancel(unsigned long long which) { note((struct record){.kind = CANCEL, .from = which}, NULL, NULL, NULL); }

/* With the lock held: what [from, from + count) has now. */
static void replaces(int fd, const struct stat *file, unsigned long long from, unsigned long long count) {
    static char old[1 << 20];
    unsigned long long size = file->st_size, end = from + count;
    do {
        unsigned long long part = end - from < sizeof old ? end - from : sizeof old;
        struct record record = {.kind = WRITE, .ino = file->st_ino, .from = from, .count = part, .size = size};
        if (from < size) {
            char link[64];
            snprintf(link, sizeof link, "/proc/self/fd/%d", fd); /* it may be open for writing only */
            int (*open_real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
            int in = open_real(link, O_RDONLY | O_CLOEXEC);
            ssize_t bytes = in < 0 ? -1 : pread(in, old, part < size - from ? part : size - from, from);
            if (in >= 0) close(in);
            if (bytes < 0) abort();
            record.old_bytes = bytes;
        }
        note(record, NULL, NULL, old);
        from += part;
    } while (from < end);
}

/* Takes the lock where it returns 1. */
static int writes(int fd, off_t from, size_t count) {
    struct stat file;
    if (journal < 0 || count == 0 || from < 0 || !ours_fd(fd, &file) || !S_ISREG(file.st_mode)) return 0;
    pthread_mutex_lock(&lock);
    fstat(fd, &file);
    int flags = fcntl(fd, F_GETFL);
    replaces(fd, &file, flags & O_APPEND ? file.st_size : from, count);
    return 1;
}

static void over(int locked) {
    int error = errno;
    if (locked) pthread_mutex_unlock(&lock);
    errno = error;
}

static int flush(int fd, int (*real)(int)) {
    struct stat file;
    if (!ours_fd(fd, &file)) return real(fd);
    pthread_mutex_lock(&lock);
    unsigned long long before = seq;
    pthread_mutex_unlock(&lock);
    int answer = real(fd);
    if (answer == 0) {
        pthread_mutex_lock(&lock);
        note((struct record){.kind = SYNC, .ino = file.st_ino, .from = before}, NULL, NULL, NULL);
        pthread_mutex_unlock(&lock);
    }
    return answer;
}

static int (*fsync_real)(int);
static int (*fdatasync_real)(int);
int fsync(int fd) { return flush(fd, REAL(fsync)); }
int fdatasync(int fd) { return flush(fd, REAL(fdatasync)); }

static size_t sum(const struct iovec *parts, int count) {
    size_t bytes = 0;
    for (int i = 0; i < count; i++) bytes += parts[i].iov_len;
    return bytes;
}

#define WRITES(type, call, fd, from, count) ({ \
    int locked = writes(fd, from, count); \
    type answer = call; \
    over(locked); \
    answer; })
#define HERE(fd) (journal < 0 ? -1 : lseek(fd, 0, SEEK_CUR))

ssize_t write(int fd, const void *bytes, size_t count) {
    return WRITES(ssize_t, REAL(write)(fd, bytes, count), fd, HERE(fd), count);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    return WRITES(ssize_t, REAL(writev)(fd, parts, count), fd, HERE(fd), sum(parts, count));
}

static ssize_t (*pwrite64_real)(int, const void *, size_t, off64_t);
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t from) {
    return WRITES(ssize_t, REAL(pwrite64)(fd, bytes, count, from), fd, from, count);
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t from) { return pwrite64(fd, bytes, count, from); }

static ssize_t (*pwritev64_real)(int, const struct iovec *, int, off64_t);
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t from) {
    return WRITES(ssize_t, REAL(pwritev64)(fd, parts, count, from), fd, from, sum(parts, count));
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t from) { return pwritev64(fd, parts, count, from); }

static ssize_t (*copy_file_range_real)(int, off64_t *, int, off64_t *, size_t, unsigned);
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t count, unsigned flags) {
    return WRITES(ssize_t, REAL(copy_file_range)(in, from, out, to, count, flags), out, to ? *to : HERE(out), count);
}

static ssize_t (*sendfile64_real)(int, int, off64_t *, size_t);
ssize_t sendfile64(int out, int in, off64_t *from, size_t count) {
    return WRITES(ssize_t, REAL(sendfile64)(out, in, from, count), out, HERE(out), count);
}
ssize_t sendfile(int out, int in, off_t *from, size_t count) { return sendfile64(out, in, from, count); }

/* Shorter: what is cut off counts as replaced. Longer: nothing is. */
static int (*ftruncate64_real)(int, off64_t);
int ftruncate64(int fd, off64_t size) {
    struct stat file;
    int locked = ours_fd(fd, &file);
    if (locked) {
        pthread_mutex_lock(&lock);
        fstat(fd, &file);
        if (size < file.st_size) {
            replaces(fd, &file, size, file.st_size - size);
        } else {
            note((struct record){.kind = WRITE, .ino = file.st_ino, .from = file.st_size, .size = file.st_size}, NULL, NULL,
                 NULL);
        }
    }
    int answer = REAL(ftruncate64)(fd, size);
    over(locked);
    return answer;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int (*fallocate64_real)(int, int, off64_t, off64_t);
int fallocate64(int fd, int mode, off64_t from, off64_t count) {
    return WRITES(int, REAL(fallocate64)(fd, mode, from, count), fd, from, count);
}
int fallocate(int fd, int mode, off_t from, off_t count) { return fallocate64(fd, mode, from, count); }

static int (*posix_fallocate64_real)(int, off64_t, off64_t);
int posix_fallocate64(int fd, off64_t from, off64_t count) {
    return WRITES(int, REAL(posix_fallocate64)(fd, from, count), fd, from, count);
}
int posix_fallocate(int fd, off_t from, off_t count) { return posix_fallocate64(fd, from, count); }

static int opens(const char *path, int flags, mode_t mode, int (*real)(const char *, int, ...)) {
    if (!(flags & (O_CREAT | O_TRUNC)) || !ours(path)) return real(path, flags, mode);
    pthread_mutex_lock(&lock);
    struct stat file;
    int fd;
    if (lstat(path, &file) == 0) {
        if (flags & O_TRUNC && file.st_size > 0 && !(flags & O_EXCL)) {
            int in = real(path, O_RDWR | O_CLOEXEC);
            if (in >= 0) {
                replaces(in, &file, 0, file.st_size);
                close(in);
            }
        }
        fd = real(path, flags, mode);
    } else {
        unsigned long long noted = note((struct record){.kind = CREATE, .dir = dir_of(path)}, path, NULL, NULL);
        fd = real(path, flags, mode);
        if (fd < 0) {
            int error = errno;
            cancel(noted);
            errno = error;
        } else {
            note((struct record){.kind = BORN, .ino = ino_of(path)}, NULL, NULL, NULL);
        }
    }
    over(1);
    return fd;
}

static mode_t mode_of(int flags, va_list more) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; }

#define OPEN(name) \
    static int (*name##_real)(const char *, int, ...); \
    int name(const char *path, int flags, ...) { \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = mode_of(flags, more); \
        va_end(more); \
        return opens(path, flags, mode, REAL(name)); \
    }
OPEN(open)
OPEN(open64)

/* With another name, so that it can come back and its number is not given away. */
static unsigned long long bury(const char *path) {
    static unsigned long long number;
    char grave[PATH_MAX + 40];
    if (!number) number = seq;
    snprintf(grave, sizeof grave, "%s/%llu", graves, ++number);
    return link(path, grave) ? 0 : number;
}

static int (*rename_real)(const char *, const char *);
int rename(const char *from, const char *to) {
    if (!ours(from) || !ours(to)) return REAL(rename)(from, to);
    pthread_mutex_lock(&lock);
    struct record record = {.kind = RENAME, .ino = dir_of(from), .dir = dir_of(to)};
    if (ino_of(to)) record.from = bury(to);
    unsigned long long noted = note(record, from, to, NULL);
    int answer = REAL(rename)(from, to), error = errno;
    if (answer) cancel(noted);
    errno = error;
    over(1);
    return answer;
}

static int (*unlink_real)(const char *);
int unlink(const char *path) {
    if (!ours(path)) return REAL(unlink)(path);
    pthread_mutex_lock(&lock);
    struct record record = {.kind = UNLINK, .dir = dir_of(path), .from = bury(path)};
    unsigned long long noted = note(record, path, NULL, NULL);
    int answer = REAL(unlink)(path), error = errno;
    if (answer) cancel(noted);
    errno = error;
    over(1);
    return answer;
}

static int (*mkdir_real)(const char *, mode_t);
int mkdir(const char *path, mode_t mode) {
    if (!ours(path)) return REAL(mkdir)(path, mode);
    pthread_mutex_lock(&lock);
    unsigned long long noted = note((struct record){.kind = MKDIR, .dir = dir_of(path)}, path, NULL, NULL);
    int answer = REAL(mkdir)(path, mode), error = errno;
    if (answer) cancel(noted);
    errno = error;
    over(1);
    return answer;
}
