// A program in a root directory of its own: what is done between clone(2) and execve(2), where Swift may not run.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// What is made of a ``sandbox_mount``.
enum sandbox_kind {
    /// What lies at `source` outside, or at `beneath` in there, appears at `target`.
    SANDBOX_BIND,
    /// The same for a character device, which must be `major`:`minor`.
    SANDBOX_DEVICE,
    /// A new file system of type `source` with `options`.
    SANDBOX_FILESYSTEM,
    /// A file of `content` that is nowhere but in memory.
    SANDBOX_FILE,
    /// A symbolic link to `source`.
    SANDBOX_LINK,
    /// Nothing can be read at `target` any more, which lies in a mount at its first name; where there is nothing of it
    /// in there, nothing is done.
    SANDBOX_MASK,
    /// The same, and nothing can be written there.
    SANDBOX_FREEZE,
};

/// What may not be done in a mount; the kernel's MOUNT_ATTR_… and MS_… are made of these.
enum sandbox_flag {
    SANDBOX_READ_ONLY = 1,
    SANDBOX_NO_PROGRAMS = 2,
    SANDBOX_NO_SETUID = 4,
    SANDBOX_NO_DEVICES = 8,
    /// What is made to mount on lies in a file system that ends with the sandbox, and is not taken away.
    SANDBOX_TRANSIENT = 16,
    /// What is mounted below the source stays outside, where the kernel lets them be parted: it does not in a user
    /// namespace that got both.
    SANDBOX_ALONE = 32,
    /// The target is reached through real directories: a link on the way is ELOOP, whoever brought it.
    SANDBOX_NO_LINKS = 64,
};

/// One step in building what a program sees; what a kind has no use for is NULL or 0.
struct sandbox_mount {
    enum sandbox_kind kind;
    unsigned flags;
    const char *source;
    const char *beneath;
    /// A path in the new root; links in it are followed and never lead out. "/" is the root itself, for the first mount;
    /// where another one is led there, it is EBUSY.
    const char *target;
    const char *options;
    /// Where relative paths in the `options` of a root begin, or NULL.
    const char *directory;
    unsigned major, minor;
    /// For a file: what is in it, how many bytes, and its attributes. The child wipes its copy.
    void *content;
    size_t content_size;
    uint32_t mode, user, group;
};

/// All that the child does; it belongs to the parent, and the child works on its copy of the memory.
struct sandbox_plan {
    /// CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWNET.
    uint64_t namespaces;
    /// NULL leaves the root directory as it is; a mount namespace has one.
    const char *root;
    const struct sandbox_mount *mounts;
    size_t mount_count;
    /// NULL leaves the name as it is.
    const char *host_name;
    /// Paths to try, in order; none at all ends the sandbox once it stands.
    const char *const *programs;
    const char *const *arguments;
    const char *const *environment;
    const char *working_directory;
    uint32_t user, group;
    const uint32_t *groups;
    size_t group_count;
    /// A bit for each capability that the program may have.
    uint64_t capabilities;
    int refuses_new_privileges;
    /// The most processes of the user, or 0.
    uint64_t process_limit;
    /// Descriptors, all of them above 2: standard input; standard output and error; a ``sandbox_report`` for each
    /// thing to tell; a byte to begin, and the end of that pipe to give up.
    int input, output, report, lifeline;
};

/// Where in its work the child was.
enum sandbox_step {
    SANDBOX_STEP_CLONE,
    SANDBOX_STEP_IDENTITY,
    SANDBOX_STEP_PROPAGATION,
    SANDBOX_STEP_HOST_NAME,
    SANDBOX_STEP_NETWORK,
    SANDBOX_STEP_ROOT,
    SANDBOX_STEP_MOUNT,
    SANDBOX_STEP_PIVOT,
    SANDBOX_STEP_FORK,
    SANDBOX_STEP_DIRECTORY,
    SANDBOX_STEP_CAPABILITIES,
    SANDBOX_STEP_GROUPS,
    SANDBOX_STEP_USER,
    SANDBOX_STEP_LIMIT,
    SANDBOX_STEP_KEYS,
    SANDBOX_STEP_PROGRAM,
    /// The program ended; `code` is what waitpid(2) said.
    SANDBOX_STEP_END,
};

/// What the child tells: a step that failed with an errno(3), at a place in the mounts where it was one of them.
struct sandbox_report {
    int32_t step, code, place;
};

/// Starts the child, which waits for a byte through its lifeline.
///
/// In a process namespace of its own it is process 1 there, and else the one that orphans are given to: it passes on
/// signals from outside, collects whoever ends, and kills what is left once the program has ended or the lifeline has.
///
/// \returns The child, or -1 with errno(3).
pid_t sandbox_start(const struct sandbox_plan *plan);

/// unshare(2) with private mounts; for a process with one thread.
///
/// \param user Whether a user namespace is wanted too.
int sandbox_unshare(int user);

/// setresuid(2) and setresgid(2) to 0 in a new user namespace; for a process with one thread.
int sandbox_become_root(void);

/// Refuses this process, and all that it starts, what the kernel keeps as keys: whatever user namespaces and sessions
/// do, those of a user are shared by all its programs. It takes CAP_SYS_ADMIN, or no_new_privs.
///
/// \returns 0, also where keys are refused already; else -1 with errno(3).
int sandbox_refuse_keys(void);

/// Whether ``sandbox_refuse_keys`` would do it for a child of this process.
int sandbox_can_refuse_keys(void);

/// The flags of clone(2) for a kind of namespace.
extern const uint64_t sandbox_user_namespace, sandbox_mount_namespace, sandbox_process_namespace,
    sandbox_ipc_namespace, sandbox_name_namespace, sandbox_network_namespace;

// Between sandbox.c and mounts.c: builds the tree and makes it the process's root.
struct sandbox_report sandbox_build(const struct sandbox_plan *plan);

// Between mounts.c and places.c. A path is followed below a root, and opened; and made where it is missing.
int sandbox_open_in(int root, const char *path);
// The same through real directories alone, which all lie below the root.
int sandbox_open_real(int root, const char *path);
int sandbox_make_in(int root, const char *target, int is_directory, unsigned flags);
// An empty directory or file, a device, or a link to `target`.
int sandbox_make_at(
    int home, const char *name, mode_t kind, dev_t device, const char *target, unsigned flags);
// Takes away what was made and is still empty.
void sandbox_take_away(void);
