/* A drive that does not answer: loaded into a program (LD_PRELOAD), it lets every call that has to do with a folder wait for as
   long as a file is there. If the file begins with "w", only calls that write wait: the drive dies in the middle of a change.

   DEAD_DRIVE_FOLDER  the folder, an absolute path
   DEAD_DRIVE_WHILE   the file, in another folder */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static const char *folder, *sign;

__attribute__((constructor)) static void begin(void) {
    folder = getenv("DEAD_DRIVE_FOLDER");
    sign = getenv("DEAD_DRIVE_WHILE");
}

/* Whether a call has to wait. Asked past the functions below. */
static int is_silent(int writes) {
    char first = 0;
    long file = syscall(SYS_openat, AT_FDCWD, sign, O_RDONLY);
    if (file < 0) return 0;
    syscall(SYS_read, (int)file, &first, 1);
    syscall(SYS_close, (int)file);
    return writes || first != 'w';
}

static void wait_on(const char *path, int writes) {
    int before = errno;
    if (folder && sign && path && strncmp(path, folder, strlen(folder)) == 0)
        while (is_silent(writes)) usleep(10000);
    errno = before;
}

static void wait_for(int descriptor, int writes) {
    char link[64], path[4096];
    ssize_t length;
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    length = readlink(link, path, sizeof path - 1);
    if (length > 0) {
        path[length] = 0;
        wait_on(path, writes);
    }
    errno = before;
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int d, const void *b, size_t n) { REAL(write); wait_for(d, 1); return real(d, b, n); }
ssize_t pwrite(int d, const void *b, size_t n, off_t o) { REAL(pwrite); wait_for(d, 1); return real(d, b, n, o); }
ssize_t pwrite64(int d, const void *b, size_t n, off64_t o) { REAL(pwrite64); wait_for(d, 1); return real(d, b, n, o); }
ssize_t pread(int d, void *b, size_t n, off_t o) { REAL(pread); wait_for(d, 0); return real(d, b, n, o); }
ssize_t pread64(int d, void *b, size_t n, off64_t o) { REAL(pread64); wait_for(d, 0); return real(d, b, n, o); }
int fsync(int d) { REAL(fsync); wait_for(d, 1); return real(d); }
int fdatasync(int d) { REAL(fdatasync); wait_for(d, 1); return real(d); }
int unlink(const char *p) { REAL(unlink); wait_on(p, 1); return real(p); }
int rename(const char *a, const char *b) { REAL(rename); wait_on(b, 1); return real(a, b); }
int access(const char *p, int m) { REAL(access); wait_on(p, 0); return real(p, m); }
int stat(const char *p, struct stat *s) { REAL(stat); wait_on(p, 0); return real(p, s); }
int stat64(const char *p, struct stat64 *s) { REAL(stat64); wait_on(p, 0); return real(p, s); }
int lstat(const char *p, struct stat *s) { REAL(lstat); wait_on(p, 0); return real(p, s); }
int lstat64(const char *p, struct stat64 *s) { REAL(lstat64); wait_on(p, 0); return real(p, s); }

int statx(int d, const char *restrict p, int f, unsigned m, struct statx *restrict s) {
    REAL(statx);
    wait_on(p, 0);
    return real(d, p, f, m, s);
}

int open(const char *path, int flags, ...) {
    REAL(open);
    va_list list;
    va_start(list, flags);
    mode_t mode = va_arg(list, mode_t);
    va_end(list);
    wait_on(path, 0);
    return real(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    REAL(open64);
    va_list list;
    va_start(list, flags);
    mode_t mode = va_arg(list, mode_t);
    va_end(list);
    wait_on(path, 0);
    return real(path, flags, mode);
}
