#define _GNU_SOURCE
#include "linux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

ssize_t linux_list_attributes(int file, char *list, size_t size) { return flistxattr(file, list, size); }

ssize_t linux_attribute(int file, const char *name, void *value, size_t size) {
    return fgetxattr(file, name, value, size);
}

ssize_t linux_list_link_attributes(const char *path, char *list, size_t size) {
    return llistxattr(path, list, size);
}

ssize_t linux_link_attribute(const char *path, const char *name, void *value, size_t size) {
    return lgetxattr(path, name, value, size);
}

off_t linux_next_data(int file, off_t offset) { return lseek(file, offset, SEEK_DATA); }

off_t linux_next_hole(int file, off_t offset) { return lseek(file, offset, SEEK_HOLE); }

int linux_begin_writeback(int file, off_t offset, off_t length) {
    return sync_file_range(file, offset, length, SYNC_FILE_RANGE_WRITE);
}

ssize_t linux_read_directory(int directory, void *records, size_t size) {
    return getdents64(directory, records, size);
}

static int old_entry_status(int directory, const char *name, uint64_t device, struct linux_entry *entry) {
    struct stat found;
    if (fstatat(directory, name, &found, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) return -1;
    *entry = (struct linux_entry){
        .inode = found.st_ino,
        .size = found.st_size,
        .modified_seconds = found.st_mtim.tv_sec,
        .changed_seconds = found.st_ctim.tv_sec,
        .modified_nanoseconds = (uint32_t)found.st_mtim.tv_nsec,
        .changed_nanoseconds = (uint32_t)found.st_ctim.tv_nsec,
        .user = found.st_uid,
        .group = found.st_gid,
        .links = (uint32_t)found.st_nlink,
        .major = major(found.st_rdev),
        .minor = minor(found.st_rdev),
        .mode = (uint16_t)found.st_mode,
        .is_mount = S_ISDIR(found.st_mode) && found.st_dev != device,
    };
    return 0;
}

int linux_entry_status(int directory, const char *name, uint64_t device, struct linux_entry *entry) {
    struct statx found;
    int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
    if (statx(directory, name, flags, STATX_BASIC_STATS, &found) != 0) {
        if (errno != ENOSYS && errno != EPERM) return -1;
        return old_entry_status(directory, name, device, entry);
    }
    int is_mount = found.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT
        ? (found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0
        : S_ISDIR(found.stx_mode) && makedev(found.stx_dev_major, found.stx_dev_minor) != device;
    *entry = (struct linux_entry){
        .inode = found.stx_ino,
        .size = (int64_t)found.stx_size,
        .modified_seconds = found.stx_mtime.tv_sec,
        .changed_seconds = found.stx_ctime.tv_sec,
        .modified_nanoseconds = found.stx_mtime.tv_nsec,
        .changed_nanoseconds = found.stx_ctime.tv_nsec,
        .user = found.stx_uid,
        .group = found.stx_gid,
        .links = found.stx_nlink,
        .major = found.stx_rdev_major,
        .minor = found.stx_rdev_minor,
        .mode = found.stx_mode,
        .is_mount = (uint8_t)is_mount,
    };
    return 0;
}

int linux_open_below(int directory, const char *path) {
    struct open_how how = {
        .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int linux_open_place(int directory, const char *path) {
    return openat(directory, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int linux_open_place_below(int directory, const char *name) {
    return openat(directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int linux_open_in_root(int directory, const char *path) {
    struct open_how how = {
        .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int linux_make_node(int directory, const char *name, mode_t mode, unsigned major, unsigned minor) {
    return mknodat(directory, name, mode, makedev(major, minor));
}

int linux_mount_overlay(const char *directory, const char *target, const char *options) {
    if (unshare(CLONE_FS) != 0 || chdir(directory) != 0) return -1;
    return mount("overlay", target, "overlay", MS_NODEV, options);
}

int linux_unmount(const char *target) { return umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW); }

int linux_set_attribute(int file, const char *name, const void *value, size_t size) {
    return fsetxattr(file, name, value, size, 0);
}

int linux_set_link_attribute(const char *path, const char *name, const void *value, size_t size) {
    return lsetxattr(path, name, value, size, 0);
}

int linux_set_modified(int file, const char *name, int64_t seconds, long nanoseconds) {
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = seconds, .tv_nsec = nanoseconds}};
    return *name ? utimensat(file, name, times, AT_SYMLINK_NOFOLLOW) : futimens(file, times);
}

unsigned linux_major(dev_t device) { return major(device); }

unsigned linux_minor(dev_t device) { return minor(device); }

int linux_terminal_columns(int file) {
    struct winsize size;
    return ioctl(file, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

ssize_t linux_copy_range(int from, off_t offset, int to, size_t count) {
    return copy_file_range(from, &offset, to, NULL, count, 0);
}

int linux_rename_new(int directory, const char *name, const char *other) {
    if (renameat2(directory, name, directory, other, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return -1;
    if (linkat(directory, name, directory, other, 0) != 0) return -1;
    return unlinkat(directory, name, 0);
}
