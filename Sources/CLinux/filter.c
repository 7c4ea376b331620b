// What no program of a sandbox may ask the kernel for: keys. A user's keyrings are one for all that the user runs, in
// whatever namespaces of mounts and processes, and those of root are the machine's. Async-signal-safe.
#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

// One way into the kernel, by the number of add_key(2), which request_key(2) and keyctl(2) follow. Programs for x32 set
// a bit in it that they call with beside x86-64's.
#define REFUSE(machine, add_key, bits) \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)), \
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, machine, 0, 6), \
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), \
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits), \
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, add_key, 0, 2), \
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (add_key) + 2, 1, 0), \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM), \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static const struct sock_filter keys[] = {
    REFUSE(AUDIT_ARCH_X86_64, 248, ~0x40000000u),
    REFUSE(AUDIT_ARCH_I386, 286, ~0u),
    REFUSE(AUDIT_ARCH_AARCH64, 217, ~0u),
    REFUSE(AUDIT_ARCH_ARM, 309, ~0u),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

// Whether a container's filter refuses them, or the kernel has none.
static int are_refused(void) {
    long found = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
    return found < 0 && (errno == EPERM || errno == ENOSYS);
}

int sandbox_refuse_keys(void) {
    struct sock_fprog program = {.len = sizeof keys / sizeof *keys, .filter = (struct sock_filter *)keys};
    // Without the flag, older kernels make all that is filtered slower, against what this filter is not for.
    long code = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
    int reason = errno;
    if (code == 0 || are_refused()) return 0;
    errno = reason;
    return -1;
}

int sandbox_can_refuse_keys(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2];
    if (syscall(SYS_capget, &header, sets) == 0 && sets[0].effective >> CAP_SYS_ADMIN & 1) return 1;
    return are_refused();
}
