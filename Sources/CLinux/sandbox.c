// The processes of a sandbox: its first one, and the program. Async-signal-safe: each is the copy of one thread of
// many, whose locks may be held for ever. glibc's setuid(2) and fork(2) would wait for threads that are not there,
// so that the kernel is called past them.
#define _GNU_SOURCE
#include "linux.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const uint64_t sandbox_user_namespace = CLONE_NEWUSER;
const uint64_t sandbox_mount_namespace = CLONE_NEWNS;
const uint64_t sandbox_process_namespace = CLONE_NEWPID;
const uint64_t sandbox_ipc_namespace = CLONE_NEWIPC;
const uint64_t sandbox_name_namespace = CLONE_NEWUTS;
const uint64_t sandbox_network_namespace = CLONE_NEWNET;

static pid_t clone_process(uint64_t namespaces) {
    // Not clone3(2): container engines' filters cannot look into its arguments, and refuse it.
    return (pid_t)syscall(SYS_clone, (unsigned long)(namespaces | SIGCHLD), NULL, NULL, NULL, NULL);
}

static void tell(const struct sandbox_plan *plan, int step, int code, int place) {
    struct sandbox_report report = {.step = step, .code = code, .place = place};
    // Shorter than PIPE_BUF: all of it or nothing.
    while (write(plan->report, &report, sizeof report) < 0 && errno == EINTR) {}
}

static _Noreturn void fail(const struct sandbox_plan *plan, int step) {
    tell(plan, step, errno, 0);
    _exit(127);
}

static void close_range_at(unsigned first, unsigned last) {
    if (first > last || syscall(SYS_close_range, first, last, 0) == 0) return;
    struct rlimit limit = {.rlim_cur = 1024};
    getrlimit(RLIMIT_NOFILE, &limit);
    for (unsigned next = first; next <= last && next < limit.rlim_cur; next++) close((int)next);
}

static void keep_descriptors(const struct sandbox_plan *plan) {
    dup2(plan->input, 0);
    dup2(plan->output, 1);
    dup2(plan->output, 2);
    unsigned low = (unsigned)plan->report, high = (unsigned)plan->lifeline;
    if (low > high) {
        unsigned other = low;
        low = high;
        high = other;
    }
    close_range_at(3, low - 1);
    close_range_at(low + 1, high - 1);
    close_range_at(high + 1, ~0u);
}

static void reset_signals(void) {
    // Handlers are reset by execve(2), what is ignored is not.
    struct sigaction usual = {.sa_handler = SIG_DFL};
    for (int number = 1; number <= SIGRTMAX; number++) sigaction(number, &usual, NULL);
}

int sandbox_become_root(void) {
    if (syscall(SYS_setresgid, 0, 0, 0) != 0) return -1;
    return (int)syscall(SYS_setresuid, 0, 0, 0);
}

static void begin_loopback(const struct sandbox_plan *plan) {
    int family = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    if (family < 0 || ioctl(family, SIOCSIFFLAGS, &request) != 0) fail(plan, SANDBOX_STEP_NETWORK);
    close(family);
}

static void limit_capabilities(const struct sandbox_plan *plan) {
    for (int number = 0; number < 64; number++) {
        int is_bound = prctl(PR_CAPBSET_READ, number, 0, 0, 0);
        if (is_bound < 0) break;
        if (is_bound == 0 || plan->capabilities >> number & 1) continue;
        if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) != 0) fail(plan, SANDBOX_STEP_CAPABILITIES);
    }
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

// What is left after a change of user: nothing but for root.
static void drop_capabilities(const struct sandbox_plan *plan) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2];
    if (syscall(SYS_capget, &header, sets) != 0) fail(plan, SANDBOX_STEP_CAPABILITIES);
    for (int i = 0; i < 2; i++) {
        sets[i].permitted &= (uint32_t)(plan->capabilities >> 32 * i);
        sets[i].effective = sets[i].permitted;
        sets[i].inheritable = 0;
    }
    if (syscall(SYS_capset, &header, sets) != 0) fail(plan, SANDBOX_STEP_CAPABILITIES);
}

// The builder raised its own limit; programs that close all they may have would take minutes, and others use select(2).
static void limit_files(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max < 1024 ? limit.rlim_max : 1024;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void become_user(const struct sandbox_plan *plan) {
    if (plan->refuses_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        fail(plan, SANDBOX_STEP_CAPABILITIES);
    // As long as there is the capability for it; without a mount namespace there may be none.
    if (sandbox_refuse_keys() != 0 && plan->namespaces & CLONE_NEWNS) fail(plan, SANDBOX_STEP_KEYS);
    limit_capabilities(plan);
    // A user namespace with a single id refuses setgroups(2), and then there is no other group to leave or to join.
    int code = (int)syscall(SYS_setgroups, plan->group_count, plan->groups);
    int may_stay = errno == EPERM && plan->group_count == 0;
    if (code != 0 && !may_stay) fail(plan, SANDBOX_STEP_GROUPS);
    if (syscall(SYS_setresgid, plan->group, plan->group, plan->group) != 0) fail(plan, SANDBOX_STEP_GROUPS);
    if (plan->process_limit > 0) {
        struct rlimit limit;
        if (getrlimit(RLIMIT_NPROC, &limit) != 0) fail(plan, SANDBOX_STEP_LIMIT);
        if (limit.rlim_max > plan->process_limit) limit.rlim_max = plan->process_limit;
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NPROC, &limit) != 0) fail(plan, SANDBOX_STEP_LIMIT);
    }
    limit_files();
    if (syscall(SYS_setresuid, plan->user, plan->user, plan->user) != 0) fail(plan, SANDBOX_STEP_USER);
    drop_capabilities(plan);
}

static void enter_directory(const struct sandbox_plan *plan) {
    char path[PATH_MAX];
    if (chdir(plan->working_directory) != 0) fail(plan, SANDBOX_STEP_DIRECTORY);
    // The kernel writes "(unreachable)" before a directory that is not below the root.
    if (syscall(SYS_getcwd, path, sizeof path) > 0 && *path == '/') return;
    errno = EXDEV;
    fail(plan, SANDBOX_STEP_DIRECTORY);
}

static _Noreturn void run_program(const struct sandbox_plan *plan, int has_mounts) {
    setsid();
    // What is still open would be there to enter, as /proc/self/fd/N.
    close_range_at(3, (unsigned)plan->report - 1);
    close_range_at((unsigned)plan->report + 1, ~0u);
    if (!has_mounts && plan->root && chroot(plan->root) != 0) fail(plan, SANDBOX_STEP_ROOT);
    if (!has_mounts && chdir("/") != 0) fail(plan, SANDBOX_STEP_ROOT);
    umask(022);
    enter_directory(plan);
    become_user(plan);
    // The kernel forgets this wish when the user changes.
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (*plan->programs == NULL) _exit(0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int reason = ENOENT;
    for (const char *const *path = plan->programs; *path != NULL; path++) {
        execve(*path, (char *const *)plan->arguments, (char *const *)plan->environment);
        if (errno == EACCES) reason = errno;
        else if (errno != ENOENT && errno != ENOTDIR) {
            reason = errno;
            break;
        }
    }
    errno = reason;
    fail(plan, SANDBOX_STEP_PROGRAM);
}

// The numbers of this process's children, which a file of /proc tells; the file is opened while there is a /proc.
static int open_children(void) {
    return open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
}

static void kill_children(int children) {
    char text[4096];
    ssize_t count = children < 0 ? 0 : pread(children, text, sizeof text - 1, 0);
    if (count < 0) count = 0;
    text[count] = 0;
    for (char *next = text; *next;) {
        char *end;
        long process = strtol(next, &end, 10);
        if (end == next) break;
        // A number that was cut off is another's.
        if (process > 1 && *end == ' ') kill((pid_t)process, SIGKILL);
        next = end;
    }
}

// Ends all that is left. In a namespace of their own none can escape; else what forks faster than this is given up.
static void end_all(pid_t program, int is_first, int children) {
    kill(-program, SIGKILL);
    for (int round = 0; round < 2000; round++) {
        if (is_first) kill(-1, SIGKILL);
        else kill_children(children);
        pid_t ended;
        while ((ended = waitpid(-1, NULL, is_first ? 0 : WNOHANG)) > 0) {}
        if (ended < 0 && errno == ECHILD) return;
        struct timespec moment = {.tv_nsec = 5000000};
        nanosleep(&moment, NULL);
    }
}

// Whether a signal came from outside: processes in the sandbox cannot end it by its first process.
static int is_from_outside(const struct signalfd_siginfo *signal, int is_first) {
    return is_first ? signal->ssi_pid == 0 : signal->ssi_pid == (uint32_t)getppid();
}

// Waits for the program to end.
//
// \returns What waitpid(2) says of it, or -1 where the lifeline ended first.
static int supervise(pid_t program, int signals, int lifeline, int is_first) {
    struct pollfd wanted[] = {{.fd = signals, .events = POLLIN}, {.fd = lifeline, .events = POLLIN}};
    for (;;) {
        if (poll(wanted, 2, -1) < 0 && errno != EINTR) return -1;
        if (wanted[1].revents != 0) return -1;
        struct signalfd_siginfo signal;
        if (wanted[0].revents == 0 || read(signals, &signal, sizeof signal) != sizeof signal) continue;
        if (signal.ssi_signo == SIGCHLD) {
            int status;
            pid_t ended;
            while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
                if (ended == program) return status;
        } else if (is_from_outside(&signal, is_first) && kill(-program, (int)signal.ssi_signo) != 0) {
            // It has not come to setsid(2) yet.
            kill(program, (int)signal.ssi_signo);
        }
    }
}

static void hide(void) {
    linux_hide_arguments();
    prctl(PR_SET_NAME, "init", 0, 0, 0);
    // Its memory is a copy of the builder's, and its program is the builder's: nobody looks in, not by /proc/1/exe.
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    // Keys of the user's session are none of the program's; where nothing is known of keys there are none.
    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

static _Noreturn void run_first(const struct sandbox_plan *plan) {
    int is_first = (plan->namespaces & CLONE_NEWPID) != 0, has_mounts = (plan->namespaces & CLONE_NEWNS) != 0;
    keep_descriptors(plan);
    reset_signals();
    setsid();
    if (is_first) prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    else prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    char go;
    if (read(plan->lifeline, &go, 1) != 1) _exit(127);
    hide();
    if (plan->namespaces & CLONE_NEWUSER && sandbox_become_root() != 0) fail(plan, SANDBOX_STEP_IDENTITY);
    if (has_mounts && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        fail(plan, SANDBOX_STEP_PROPAGATION);
    if (plan->host_name && sethostname(plan->host_name, strlen(plan->host_name)) != 0)
        fail(plan, SANDBOX_STEP_HOST_NAME);
    if (plan->namespaces & CLONE_NEWNET) begin_loopback(plan);
    int children = is_first ? -1 : open_children();
    if (has_mounts) {
        struct sandbox_report report = sandbox_build(plan);
        if (report.code != 0) {
            sandbox_take_away();
            tell(plan, report.step, report.code, report.place);
            _exit(127);
        }
    }
    sigset_t all;
    sigfillset(&all);
    int signals = signalfd(-1, &all, SFD_CLOEXEC);
    pid_t program = signals < 0 ? -1 : clone_process(0);
    if (program == 0) run_program(plan, has_mounts);
    if (program < 0) fail(plan, SANDBOX_STEP_FORK);
    // Whoever reads the output shall see its end.
    for (int stream = 0; stream < 3; stream++) close(stream);
    int status = supervise(program, signals, plan->lifeline, is_first);
    end_all(program, is_first, children);
    sandbox_take_away();
    if (status >= 0) tell(plan, SANDBOX_STEP_END, status, 0);
    _exit(0);
}

pid_t sandbox_start(const struct sandbox_plan *plan) {
    // The child must not run the parent's handlers.
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t child = clone_process(plan->namespaces);
    if (child == 0) run_first(plan);
    int reason = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = reason;
    return child;
}

int sandbox_unshare(int user) {
    if (unshare((user ? CLONE_NEWUSER : 0) | CLONE_NEWNS) != 0) return -1;
    // In a user namespace without its maps nobody is root yet, and still may do this.
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}
