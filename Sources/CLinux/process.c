#define _GNU_SOURCE
#include "linux.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

int linux_allowed_processors(void) {
    // cpu_set_t ends at 1024 processors; the kernel refuses a set smaller than its own.
    for (int most = 1024; most <= 1 << 18; most *= 2) {
        cpu_set_t *set = CPU_ALLOC(most);
        if (set == NULL) return -1;
        size_t size = CPU_ALLOC_SIZE(most);
        CPU_ZERO_S(size, set);
        int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : -1;
        CPU_FREE(set);
        if (count > 0) return count;
    }
    return -1;
}

struct visitor {
    void (*visit)(const char *, void *);
    void *context;
};

static int visit_object(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    struct visitor *visitor = context;
    visitor->visit(object->dlpi_name, visitor->context);
    return 0;
}

void linux_mapped_objects(void (*visit)(const char *, void *), void *context) {
    struct visitor visitor = {visit, context};
    dl_iterate_phdr(visit_object, &visitor);
}

const char *linux_program_path(void) { return (const char *)getauxval(AT_EXECFN); }

static int argument_count;
static char **arguments;

// glibc hands main's own arguments to each constructor.
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    argument_count = count;
    arguments = values;
}

const char *linux_argument(int place) { return place < argument_count ? arguments[place] : NULL; }

void linux_hide_arguments(void) {
    for (int i = 0; i < argument_count; i++) memset(arguments[i], 0, strlen(arguments[i]));
}

static volatile sig_atomic_t pending;
static volatile long long first_signal;

// timeout(1) sends its signal twice, to the process and to its group: what comes right after the first one means the
// same. Whoever sends one later has waited long enough.
static void remember(int number) {
    int reason = errno;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long milliseconds = now.tv_sec * 1000LL + now.tv_nsec / 1000000;
    if (pending == 0) {
        first_signal = milliseconds;
        pending = number;
    } else if (milliseconds - first_signal > 300) {
        struct sigaction standard = {.sa_handler = SIG_DFL};
        sigaction(number, &standard, NULL);
        raise(number);
    }
    errno = reason;
}

void linux_watch_signals(void) {
    // No SA_RESTART: a blocked read or wait returns EINTR, and its caller looks at the pending signal.
    struct sigaction watch = {.sa_handler = remember};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    const int deadly[] = {SIGINT, SIGTERM, SIGHUP};
    for (int i = 0; i < 3; i++) {
        struct sigaction before;
        // nohup(1) starts its child with SIGHUP ignored; that wish stands.
        if (sigaction(deadly[i], NULL, &before) == 0 && before.sa_handler == SIG_IGN) continue;
        sigaction(deadly[i], &watch, NULL);
    }
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

int linux_pending_signal(void) { return pending; }

int linux_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }

ssize_t linux_write_pipe(int pipe, const void *bytes, size_t count) {
    sigset_t broken, before;
    sigemptyset(&broken);
    sigaddset(&broken, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken, &before);
    ssize_t written = write(pipe, bytes, count);
    int reason = errno;
    // The one that this write raised is taken away before others can see it; where SIGPIPE was blocked it may stay.
    struct timespec none = {0};
    if (written < 0 && reason == EPIPE && !sigismember(&before, SIGPIPE)) sigtimedwait(&broken, NULL, &none);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = reason;
    return written;
}

void linux_die_of(int number) {
    signal(number, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(number);
    _exit(128 + number);
}

void linux_keep_freed_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 32 << 20);
}
