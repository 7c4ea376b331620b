// Where the mounts of a sandbox go: places in its root, followed as if that was "/", and made where they are missing.
// Async-signal-safe, as mounts.c is.
#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// What was not there to mount on, the last one first to go.
static struct made {
    int home;
    mode_t kind;
    char name[NAME_MAX + 1];
} made[128];
static int made_count;

static int open_there(int root, const char *path, uint64_t more) {
    struct open_how how = {
        .flags = O_PATH | O_CLOEXEC,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | more,
    };
    // The kernel gives up where somebody renames or mounts meanwhile, anywhere: it has to be asked again.
    int found, tries = 10000;
    do found = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
    while (found < 0 && errno == EAGAIN && --tries > 0);
    return found;
}

int sandbox_open_in(int root, const char *path) { return open_there(root, path, 0); }

int sandbox_open_real(int root, const char *path) { return open_there(root, path, RESOLVE_NO_SYMLINKS); }

// A directory's time is the image's, and what is mounted in it is not.
static int keep_time(int home, const struct stat *before) {
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, before->st_mtim};
    return utimensat(home, ".", times, 0);
}

// Remembers what was made in a directory, and gives the directory its time back.
static int remember(int home, const char *name, mode_t kind, const struct stat *before) {
    keep_time(home, before);
    struct made *last = &made[made_count];
    last->home = fcntl(home, F_DUPFD_CLOEXEC, 3);
    last->kind = kind;
    strcpy(last->name, name);
    if (last->home >= 0) made_count += 1;
    return last->home < 0 ? -1 : 0;
}

// Makes an empty directory or file, a device, or a link to `target`.
int sandbox_make_at(
    int home, const char *name, mode_t kind, dev_t device, const char *target, unsigned flags
) {
    struct stat before;
    int keeps = !(flags & SANDBOX_TRANSIENT);
    errno = ENOSPC;
    if (keeps && made_count == sizeof made / sizeof *made) return -1;
    errno = ENAMETOOLONG;
    if (strlen(name) > NAME_MAX || fstat(home, &before) != 0) return -1;
    mode_t mode = kind == S_IFDIR ? 0755 : kind == S_IFCHR ? 0666 : 0644;
    int code = kind == S_IFDIR ? mkdirat(home, name, mode)
             : kind == S_IFLNK ? symlinkat(target, home, name)
                               : mknodat(home, name, kind | mode, device);
    return code == 0 && keeps ? remember(home, name, kind, &before) : code;
}

// Puts the target of the link that ends `path`, and leads nowhere, in its place; `rest` follows.
static int follow(int home, char *path, char *name, const char *rest) {
    char target[PATH_MAX];
    ssize_t length = readlinkat(home, name, target, sizeof target - 1);
    if (length < 0) return -1;
    size_t start = *target == '/' ? 0 : (size_t)(name - path);
    if (start + (size_t)length + strlen(rest) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(path + start, target, (size_t)length);
    strcpy(path + start + length, rest);
    return 0;
}

// Makes what is missing at the end of `path`: 0 made, 1 a link led elsewhere and `path` is another, -1 failed.
static int make_last(int root, char *path, const char *rest, int is_directory, unsigned flags) {
    char *name = strrchr(path, '/') + 1;
    name[-1] = 0;
    int home = sandbox_open_in(root, name - 1 == path ? "." : path);
    name[-1] = '/';
    if (home < 0) return -1;
    int code = sandbox_make_at(home, name, is_directory ? S_IFDIR : S_IFREG, 0, NULL, flags);
    if (code != 0 && errno == EEXIST) code = follow(home, path, name, rest) == 0 ? 1 : -1;
    int reason = errno;
    close(home);
    errno = reason;
    return code;
}

// Opens what is at a path through real directories, and makes it where it is missing.
static int make_real(int root, const char *target, int is_directory, unsigned flags) {
    int found = sandbox_open_real(root, target);
    if (found >= 0 || errno != ENOENT) return found;
    char above[PATH_MAX];
    errno = ENAMETOOLONG;
    if (strlen(target) >= sizeof above) return -1;
    strcpy(above, target);
    char *name = strrchr(above, '/') + 1;
    name[-1] = 0;
    int home = sandbox_open_real(root, *above ? above : ".");
    if (home < 0) return -1;
    int code = sandbox_make_at(home, name, is_directory ? S_IFDIR : S_IFREG, 0, NULL, flags);
    int reason = errno;
    close(home);
    errno = reason;
    return code == 0 ? sandbox_open_real(root, target) : -1;
}

// Opens what is at a path that begins with a slash, and makes it, and what is above it, where it is missing.
int sandbox_make_in(int root, const char *target, int is_directory, unsigned flags) {
    if (flags & SANDBOX_NO_LINKS) return make_real(root, target, is_directory, flags);
    int found = sandbox_open_in(root, target);
    if (found >= 0 || errno != ENOENT) return found;
    char path[PATH_MAX], rest[PATH_MAX];
    if (strlen(target) >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(path, target);
    for (int links = 0; links < 40; links++) {
        char *end = path;
        int code = 0;
        do {
            end = strchrnul(end + 1, '/');
            if (end[-1] == '/') continue;
            strcpy(rest, end);
            *end = 0;
            found = sandbox_open_in(root, path);
            if (found >= 0) close(found);
            code = found >= 0 ? 0 : errno != ENOENT ? -1
                 : make_last(root, path, rest, *rest ? 1 : is_directory, flags);
            if (code == 0) strcpy(end, rest);
        } while (code == 0 && *end);
        if (code < 0) return -1;
        if (code == 0) return sandbox_open_in(root, target);
    }
    errno = ELOOP;
    return -1;
}

void sandbox_take_away(void) {
    while (made_count > 0) {
        struct made *last = &made[--made_count];
        struct stat before;
        if (fchdir(last->home) == 0 && fstat(last->home, &before) == 0) {
            while (umount2(last->name, MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {}
            // What is no longer empty, or is something else by now, is the program's own.
            struct stat status;
            int is_ours = fstatat(last->home, last->name, &status, AT_SYMLINK_NOFOLLOW) == 0
                       && (status.st_mode & S_IFMT) == last->kind
                       && (last->kind != S_IFREG || status.st_size == 0);
            if (is_ours && unlinkat(last->home, last->name, last->kind == S_IFDIR ? AT_REMOVEDIR : 0) == 0)
                keep_time(last->home, &before);
        }
        close(last->home);
    }
}
