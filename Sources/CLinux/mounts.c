// What the program of a sandbox sees, built by its first process. Async-signal-safe: the process is the copy of one
// thread of many, whose locks may be held for ever.
#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int attach(int tree, int place) {
    struct stat one, other;
    // The kernel knows no better word than EINVAL for it.
    if (fstat(tree, &one) == 0 && fstat(place, &other) == 0 && S_ISDIR(one.st_mode) != S_ISDIR(other.st_mode)) {
        errno = S_ISDIR(one.st_mode) ? ENOTDIR : EISDIR;
        return -1;
    }
    return move_mount(tree, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static int is_same(int one, int other) {
    struct stat first, second;
    return fstat(one, &first) == 0 && fstat(other, &second) == 0 && first.st_dev == second.st_dev
        && first.st_ino == second.st_ino;
}

// The place of a mount, which is not the root: what lies over that is entered by "/..", past all that hides parts of it.
static int make_place(int root, const struct sandbox_mount *mount, int is_directory) {
    int place = sandbox_make_in(root, mount->target, is_directory, mount->flags);
    if (place < 0 || !is_same(place, root)) return place;
    close(place);
    errno = EBUSY;
    return -1;
}

static int restrict_tree(int tree, unsigned flags) {
    struct mount_attr attributes = {
        .attr_set = (flags & SANDBOX_READ_ONLY ? MOUNT_ATTR_RDONLY : 0)
                  | (flags & SANDBOX_NO_PROGRAMS ? MOUNT_ATTR_NOEXEC : 0)
                  | (flags & SANDBOX_NO_SETUID ? MOUNT_ATTR_NOSUID : 0)
                  | (flags & SANDBOX_NO_DEVICES ? MOUNT_ATTR_NODEV : 0),
    };
    if (attributes.attr_set == 0) return 0;
    return mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes);
}

static int clone_tree(int place) {
    return open_tree(place, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

// Clones what `place` is, and closes it.
static int clone_and_close(int place, unsigned flags) {
    int tree = -1;
    if (place >= 0 && flags & SANDBOX_ALONE)
        tree = open_tree(place, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (place >= 0 && tree < 0) tree = clone_tree(place);
    int reason = errno;
    if (place >= 0) close(place);
    errno = reason;
    return tree;
}

static int open_device(const char *path, unsigned major, unsigned minor) {
    int device = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;
    if (device < 0 || fstat(device, &status) != 0) return -1;
    if (S_ISCHR(status.st_mode) && status.st_rdev == makedev(major, minor)) return device;
    close(device);
    errno = ENODEV;
    return -1;
}

static int bind_source(const struct sandbox_mount *mount) {
    if (mount->kind == SANDBOX_DEVICE) return open_device(mount->source, mount->major, mount->minor);
    int source = open(mount->source, O_PATH | O_CLOEXEC);
    if (source < 0 || mount->beneath == NULL) return source;
    int inner = sandbox_open_in(source, mount->beneath);
    int reason = errno;
    close(source);
    errno = reason;
    return inner;
}

static int add_bind(int root, const struct sandbox_mount *mount) {
    int tree = clone_and_close(bind_source(mount), mount->flags);
    struct stat status;
    if (tree < 0 || restrict_tree(tree, mount->flags) != 0 || fstat(tree, &status) != 0) return -1;
    int place = make_place(root, mount, S_ISDIR(status.st_mode));
    int code = place < 0 ? -1 : attach(tree, place);
    int reason = errno;
    if (place >= 0) close(place);
    close(tree);
    errno = reason;
    return code;
}

static int mount_at(int place, const char *type, unsigned flags, const char *options) {
    unsigned long kernel = (flags & SANDBOX_READ_ONLY ? MS_RDONLY : 0)
                         | (flags & SANDBOX_NO_PROGRAMS ? MS_NOEXEC : 0)
                         | (flags & SANDBOX_NO_SETUID ? MS_NOSUID : 0)
                         | (flags & SANDBOX_NO_DEVICES ? MS_NODEV : 0);
    // A path would be looked up again, and /proc is not there yet: the working directory leads to the very place.
    if (fchdir(place) != 0) return -1;
    return mount(type, ".", type, kernel, options);
}

static int add_filesystem(int root, const struct sandbox_mount *mount) {
    int place = make_place(root, mount, 1);
    if (place < 0) return -1;
    int code = mount_at(place, mount->source, mount->flags, mount->options);
    int reason = errno;
    close(place);
    errno = reason;
    return code;
}

static int write_all(int file, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(file, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return -1;
        bytes += written;
        count -= (size_t)written;
    }
    return 0;
}

// Makes the file at the top of a file system in memory, and clones it.
static int clone_content(int memory, const struct sandbox_mount *mount) {
    int file = openat(memory, "content", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int code = file < 0 || write_all(file, mount->content, mount->content_size) != 0
            || fchown(file, mount->user, mount->group) != 0 || fchmod(file, mount->mode) != 0 ? -1 : 0;
    int reason = errno;
    if (file >= 0) close(file);
    errno = reason;
    return code != 0 ? -1 : open_tree(memory, "content", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
}

// A tree that is nowhere attached cannot be cloned in part: it lies above the root for that moment.
static int open_content(int root, const struct sandbox_mount *mount) {
    int type = fsopen("tmpfs", FSOPEN_CLOEXEC);
    if (type < 0) return -1;
    int memory = fsconfig(type, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0 ? -1
               : fsmount(type, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    int reason = errno;
    close(type);
    errno = reason;
    if (memory < 0) return -1;
    int tree = -1;
    if (attach(memory, root) == 0) {
        tree = clone_content(memory, mount);
        reason = errno;
        // Detached from where it is, not from a path, which could lead elsewhere.
        if (fchdir(memory) != 0 || umount2(".", MNT_DETACH) != 0) {
            if (tree >= 0) reason = errno;
            if (tree >= 0) close(tree);
            tree = -1;
        }
    } else {
        reason = errno;
    }
    close(memory);
    errno = reason;
    return tree;
}

static int add_file(int root, const struct sandbox_mount *mount) {
    int tree = open_content(root, mount);
    explicit_bzero(mount->content, mount->content_size);
    int place = tree < 0 || restrict_tree(tree, mount->flags) != 0 ? -1 : make_place(root, mount, 0);
    int code = place < 0 ? -1 : attach(tree, place);
    int reason = errno;
    if (place >= 0) close(place);
    if (tree >= 0) close(tree);
    errno = reason;
    return code;
}

// A link or, with its number, a device, where there is nothing of that name.
static int add_node(int root, const struct sandbox_mount *mount, mode_t kind) {
    char above[PATH_MAX];
    errno = ENAMETOOLONG;
    if (strlen(mount->target) >= sizeof above) return -1;
    strcpy(above, mount->target);
    char *name = strrchr(above, '/') + 1;
    name[-1] = 0;
    int home = *above ? sandbox_make_in(root, above, 1, mount->flags) : fcntl(root, F_DUPFD_CLOEXEC, 3);
    if (home < 0) return -1;
    dev_t device = makedev(mount->major, mount->minor);
    int code = sandbox_make_at(home, name, kind, device, mount->source, mount->flags);
    int reason = errno;
    close(home);
    errno = reason;
    return code;
}

static int add_mask(int place) {
    struct stat status;
    if (fstat(place, &status) != 0) return -1;
    if (S_ISDIR(status.st_mode)) {
        unsigned all = SANDBOX_READ_ONLY | SANDBOX_NO_PROGRAMS | SANDBOX_NO_SETUID | SANDBOX_NO_DEVICES;
        return mount_at(place, "tmpfs", all, "nr_inodes=2,mode=555");
    }
    int tree = clone_and_close(open_device("/dev/null", 1, 3), 0);
    int code = tree < 0 || restrict_tree(tree, SANDBOX_READ_ONLY | SANDBOX_NO_PROGRAMS | SANDBOX_NO_SETUID) != 0 ? -1
             : attach(tree, place);
    int reason = errno;
    if (tree >= 0) close(tree);
    errno = reason;
    return code;
}

static int add_freeze(int place) {
    int tree = clone_tree(place);
    int code = tree < 0 || restrict_tree(tree, SANDBOX_READ_ONLY) != 0 ? -1 : attach(tree, place);
    int reason = errno;
    if (tree >= 0) close(tree);
    errno = reason;
    return code;
}

// Opens what is mounted at the first name of a path, such as /proc: a directory of the image is not taken for it.
static int open_mount(int root, const char *path) {
    char name[NAME_MAX + 2];
    size_t length = 1 + strcspn(path + 1, "/");
    errno = ENAMETOOLONG;
    if (length >= sizeof name) return -1;
    memcpy(name, path, length);
    name[length] = 0;
    int found = sandbox_open_real(root, name);
    if (found < 0) return -1;
    struct statx status;
    if (!is_same(found, root) && statx(found, "", AT_EMPTY_PATH, 0, &status) == 0
        && status.stx_attributes & STATX_ATTR_MOUNT_ROOT)
        return found;
    close(found);
    errno = ENXIO;
    return -1;
}

static int restrict_there(int root, const struct sandbox_mount *mount) {
    int whole = open_mount(root, mount->target);
    if (whole < 0) return -1;
    const char *inner = mount->target + 1 + strcspn(mount->target + 1, "/");
    int place = sandbox_open_real(whole, *inner ? inner : ".");
    int why = errno;
    close(whole);
    errno = why;
    if (place < 0) return errno == ENOENT ? 0 : -1;
    int code = mount->kind == SANDBOX_MASK ? add_mask(place) : add_freeze(place);
    int reason = errno;
    close(place);
    errno = reason;
    return code;
}

static int add(int root, const struct sandbox_mount *mount) {
    switch (mount->kind) {
    case SANDBOX_BIND:
    case SANDBOX_DEVICE: return add_bind(root, mount);
    case SANDBOX_FILESYSTEM: return add_filesystem(root, mount);
    case SANDBOX_FILE: return add_file(root, mount);
    case SANDBOX_LINK: return add_node(root, mount, S_IFLNK);
    case SANDBOX_MASK:
    case SANDBOX_FREEZE: return restrict_there(root, mount);
    }
    errno = EINVAL;
    return -1;
}

// The root as a mount of its own, which pivot_root(2) wants, and in which no device can be opened: the image may
// bring some, and its programs may make others.
static int open_root(const struct sandbox_plan *plan, size_t *next) {
    int place = open(plan->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (place < 0) return -1;
    const struct sandbox_mount *first = plan->mounts;
    if (plan->mount_count > 0 && first->kind == SANDBOX_FILESYSTEM && strcmp(first->target, "/") == 0) {
        *next = 1;
        if (first->directory && chdir(first->directory) != 0) return -1;
        if (mount(first->source, plan->root, first->source, MS_NODEV, first->options) != 0) return -1;
        close(place);
        return open(plan->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    int tree = clone_tree(place);
    if (tree < 0 || restrict_tree(tree, SANDBOX_NO_DEVICES) != 0 || attach(tree, place) != 0) return -1;
    close(place);
    return tree;
}

struct sandbox_report sandbox_build(const struct sandbox_plan *plan) {
    struct sandbox_report report = {.step = SANDBOX_STEP_ROOT};
    size_t next = 0;
    int root = open_root(plan, &next);
    if (root < 0) goto failed;
    report.step = SANDBOX_STEP_MOUNT;
    for (; next < plan->mount_count; next++) {
        report.place = (int32_t)next;
        if (add(root, &plan->mounts[next]) != 0) goto failed;
    }
    report.step = SANDBOX_STEP_PIVOT;
    // pivot_root(2), "pivot_root(".", ".")": the old root lies above the new one, and goes.
    if (fchdir(root) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0
        || chdir("/") != 0)
        goto failed;
    close(root);
    report.code = 0;
    return report;
failed:
    report.code = errno;
    return report;
}
