/* A disk that fails: loaded into a program (LD_PRELOAD), it lets the n-th call that changes something in a folder fail, and
   those after it too if wanted, or kills the program there. Other folders are left alone.

   FAILING_DISK_FOLDER  the folder, an absolute path
   FAILING_DISK_AT      which call, from 1 on; 0: none
   FAILING_DISK_HOW     once, on (this call and all after it), before (killed before the call is made), after (killed after it)
   FAILING_DISK_ERROR   the error's number (errno)
   FAILING_DISK_COUNT   a file for the number of calls that were made */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *folder, *how;
static int wanted, error_number, calls;

__attribute__((constructor)) static void begin(void) {
    const char *at = getenv("FAILING_DISK_AT"), *error = getenv("FAILING_DISK_ERROR");
    folder = getenv("FAILING_DISK_FOLDER");
    how = getenv("FAILING_DISK_HOW");
    wanted = at ? atoi(at) : 0;
    error_number = error ? atoi(error) : EIO;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAILING_DISK_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%d", calls);
        fclose(file);
    }
}

static int is_watched_path(const char *path) {
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_watched(int descriptor) {
    char link[64], path[4096];
    ssize_t length;
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length < 0) return 0;
    path[length] = 0;
    return is_watched_path(path);
}

/* Counts a call: 1 where it is to fail, 2 where the program is to be killed after it. */
static int strike(void) {
    int number = __sync_add_and_fetch(&calls, 1);
    if (!how || wanted == 0 || number < wanted) return 0;
    if (strcmp(how, "on") == 0 || (strcmp(how, "once") == 0 && number == wanted)) {
        errno = error_number;
        return 1;
    }
    if (number == wanted && strcmp(how, "before") == 0) kill(getpid(), SIGKILL);
    return number == wanted && strcmp(how, "after") == 0 ? 2 : 0;
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define MAKE(watched, call)                       \
    do {                                          \
        int struck = (watched) ? strike() : 0;    \
        if (struck == 1) return -1;               \
        __typeof__(call) result = (call);         \
        if (struck == 2) kill(getpid(), SIGKILL); \
        return result;                            \
    } while (0)

ssize_t write(int d, const void *b, size_t n) { REAL(write); MAKE(is_watched(d), real(d, b, n)); }
ssize_t writev(int d, const struct iovec *v, int n) { REAL(writev); MAKE(is_watched(d), real(d, v, n)); }
ssize_t pwrite(int d, const void *b, size_t n, off_t o) { REAL(pwrite); MAKE(is_watched(d), real(d, b, n, o)); }
ssize_t pwrite64(int d, const void *b, size_t n, off64_t o) { REAL(pwrite64); MAKE(is_watched(d), real(d, b, n, o)); }
int fsync(int d) { REAL(fsync); MAKE(is_watched(d), real(d)); }
int fdatasync(int d) { REAL(fdatasync); MAKE(is_watched(d), real(d)); }
int ftruncate(int d, off_t n) { REAL(ftruncate); MAKE(is_watched(d), real(d, n)); }
int ftruncate64(int d, off64_t n) { REAL(ftruncate64); MAKE(is_watched(d), real(d, n)); }
int unlink(const char *p) { REAL(unlink); MAKE(is_watched_path(p), real(p)); }
int rename(const char *a, const char *b) { REAL(rename); MAKE(is_watched_path(b), real(a, b)); }
int link(const char *a, const char *b) { REAL(link); MAKE(is_watched_path(b), real(a, b)); }
int mkdir(const char *p, mode_t m) { REAL(mkdir); MAKE(is_watched_path(p), real(p, m)); }

static int creates(const char *path, int flags) {
    return (flags & O_CREAT) && is_watched_path(path);
}

int open(const char *path, int flags, ...) {
    REAL(open);
    va_list list;
    mode_t mode = 0;
    if (flags & (O_CREAT | __O_TMPFILE)) {
        va_start(list, flags);
        mode = va_arg(list, mode_t);
        va_end(list);
    }
    MAKE(creates(path, flags), real(path, flags, mode));
}

int open64(const char *path, int flags, ...) {
    REAL(open64);
    va_list list;
    mode_t mode = 0;
    if (flags & (O_CREAT | __O_TMPFILE)) {
        va_start(list, flags);
        mode = va_arg(list, mode_t);
        va_end(list);
    }
    MAKE(creates(path, flags), real(path, flags, mode));
}
