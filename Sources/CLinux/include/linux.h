// What Swift's Glibc module lacks: functions behind _GNU_SOURCE, macros with code, a signal handler.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// copy_file_range(2) to where the other file is written next.
ssize_t linux_copy_range(int from, off_t offset, int to, size_t count);

/// flistxattr(2).
ssize_t linux_list_attributes(int file, char *list, size_t size);

/// fgetxattr(2).
ssize_t linux_attribute(int file, const char *name, void *value, size_t size);

/// llistxattr(2) on a path; a final symbolic link is not followed.
ssize_t linux_list_link_attributes(const char *path, char *list, size_t size);

/// lgetxattr(2) on a path; a final symbolic link is not followed.
ssize_t linux_link_attribute(const char *path, const char *name, void *value, size_t size);

/// lseek(2) with SEEK_DATA: the offset of the next byte that is no hole, or -1 with ENXIO at the end.
off_t linux_next_data(int file, off_t offset);

/// lseek(2) with SEEK_HOLE: the offset of the next hole; the end of the file counts as one.
off_t linux_next_hole(int file, off_t offset);

/// sync_file_range(2): begins to write back dirty pages and does not wait for them.
int linux_begin_writeback(int file, off_t offset, off_t length);

/// getdents64(2): the next records of a directory, each a `struct dirent`.
ssize_t linux_read_directory(int directory, void *records, size_t size);

/// What statx(2) says of an entry of a directory.
struct linux_entry {
    uint64_t inode;
    int64_t size;
    int64_t modified_seconds;
    int64_t changed_seconds;
    uint32_t modified_nanoseconds;
    uint32_t changed_nanoseconds;
    uint32_t user;
    uint32_t group;
    uint32_t links;
    uint32_t major;
    uint32_t minor;
    uint16_t mode;
    /// Whether another file system, or another part of one, is mounted there; a kernel before 5.8 tells it of
    /// directories of other devices alone.
    uint8_t is_mount;
};

/// statx(2) of an entry, and fstatat(2) where a filter does not know that; a final symbolic link is not followed.
///
/// @param device The device of the directory's tree, by which a mount is told where the kernel does not.
int linux_entry_status(int directory, const char *name, uint64_t device, struct linux_entry *entry);

/// openat2(2) with O_PATH | O_DIRECTORY, RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS: real directories below this one.
int linux_open_below(int directory, const char *path);

/// openat(2) with O_PATH: a directory to look at and go up from; it need not be readable.
int linux_open_place(int directory, const char *path);

/// The same for one name; a symbolic link is ENOTDIR.
int linux_open_place_below(int directory, const char *name);

/// openat2(2) with O_PATH | O_DIRECTORY, RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS: the directory is "/" and "..".
int linux_open_in_root(int directory, const char *path);

/// mknod(2) relative to a directory; the umask is taken off the mode.
int linux_make_node(int directory, const char *name, mode_t mode, unsigned major, unsigned minor);

/// renameat2(2) with RENAME_NOREPLACE: EEXIST where the new name is taken. Where the file system has no such
/// call, link(2) and unlink(2).
int linux_rename_new(int directory, const char *name, const char *other);

/// mount(2) of an overlay without devices, with paths in `options` that begin at a directory; for a thread that ends
/// soon, because its working directory is another one then.
int linux_mount_overlay(const char *directory, const char *target, const char *options);

/// umount2(2) with MNT_DETACH and UMOUNT_NOFOLLOW.
int linux_unmount(const char *target);

/// fsetxattr(2).
int linux_set_attribute(int file, const char *name, const void *value, size_t size);

/// lsetxattr(2) on a path; a final symbolic link is not followed.
int linux_set_link_attribute(const char *path, const char *name, const void *value, size_t size);

/// utimensat(2) with the time of the last access left as it is; a final symbolic link is not followed.
/// An empty name means the descriptor itself.
int linux_set_modified(int file, const char *name, int64_t seconds, long nanoseconds);

/// The major number of a device.
unsigned linux_major(dev_t device);

/// The minor number of a device.
unsigned linux_minor(dev_t device);

/// The number of processors that sched_getaffinity(2) allows this process, or -1.
int linux_allowed_processors(void);

/// Calls `visit` with the path of each mapped object of this process, the program's own being "".
void linux_mapped_objects(void (*visit)(const char *path, void *context), void *context);

/// The path that the program was started by (AT_EXECFN of getauxval(3)), or NULL.
const char *linux_program_path(void);

/// The argument at a place, the program's name being at 0; NULL behind the last one.
///
/// As the loader gave them: Swift's runtime reads `/proc/self/cmdline`, and a chroot may have no `/proc`.
const char *linux_argument(int place);

/// Overwrites the arguments that the process was started with, as other processes see them.
void linux_hide_arguments(void);

/// Remembers SIGINT, SIGTERM and SIGHUP instead of dying of them; the second one of a kind kills at once.
/// SIGPIPE and SIGXFSZ are ignored, so that EPIPE and EFBIG come back as errors.
void linux_watch_signals(void);

/// The first signal that came since ``linux_watch_signals``, or 0.
int linux_pending_signal(void);

/// Dies of a signal, as if it had never been caught.
void linux_die_of(int signal);

/// pipe2(2) with O_CLOEXEC: the end to read from, then the one to write to.
int linux_pipe(int *ends);

/// write(2) that gives EPIPE and no SIGPIPE, whatever the process does with that signal.
ssize_t linux_write_pipe(int pipe, const void *bytes, size_t count);

/// Columns of the terminal behind a descriptor, or 0 where there is none.
int linux_terminal_columns(int file);

/// Keeps freed memory in the process, up to a few MiB an arena: buffers of a pipeline are reused,
/// not unmapped and faulted in again.
void linux_keep_freed_memory(void);
